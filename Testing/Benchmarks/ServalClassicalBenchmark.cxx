// Processor seconds of one fit, which a busy machine lengthens little, and the accuracy on held-out rows; peers-classical.py writes the rows and times scikit-learn on them.
// usage: ServalClassicalBenchmark FOLDER; FOLDER holds x.f32 (rows x columns), y.i32 and shape.txt (rows columns trainRows).

#include "serval/Classical/ClassicalModel.h"

#include <algorithm>
#include <cstdio>
#include <ctime>
#include <fstream>
#include <string>

namespace
{

template <typename T>
std::vector<T> ReadAll(const std::string & file, std::size_t count)
{
  std::vector<T> values(count);
  std::ifstream(file, std::ios::binary).read(reinterpret_cast<char *>(values.data()), static_cast<std::streamsize>(count * sizeof(T)));
  return values;
}

} // namespace

int main(int argc, char ** argv)
{
  using namespace serval;
  if (argc < 2)
    return 2;
  const std::string folder = argv[1];
  std::size_t       rows = 0, columns = 0, trainRows = 0;
  std::ifstream(folder + "/shape.txt") >> rows >> columns >> trainRows;
  const auto x = ReadAll<float>(folder + "/x.f32", rows * columns);
  const auto y = ReadAll<int>(folder + "/y.i32", rows);
  FeatureTable table{ columns, { x.begin(), x.begin() + static_cast<std::ptrdiff_t>(trainRows * columns) }, { y.begin(), y.begin() + static_cast<std::ptrdiff_t>(trainRows) }, {} };
  const auto   time = [&](const char * name, auto && fit) {
    double                          best = 1e9, worst = 0;
    std::shared_ptr<ClassicalModel> model;
    for (int i = 0; i < 3; ++i)
    {
      const auto start = std::clock();
      model = std::make_shared<ClassicalModel>(fit());
      const double seconds = double(std::clock() - start) / CLOCKS_PER_SEC;
      best = std::min(best, seconds);
      worst = std::max(worst, seconds);
    }
    std::size_t right = 0;
    for (std::size_t i = trainRows; i < rows; ++i)
    {
      const auto p = model->Probabilities({ x.data() + i * columns, columns });
      right += std::max_element(p.begin(), p.end()) - p.begin() == y[i];
    }
    std::printf("serval %-34s %.3f to %.3f s, accuracy %.3f\n", name, best, worst, double(right) / double(rows - trainRows));
    std::fflush(stdout);
  };
  ClassicalSpec spec;
  spec.balanced = false;
  spec.standardised = false;
  spec.threads = 1;
  for (const auto kind : { ClassicalSpec::Kind::LogisticRegression, ClassicalSpec::Kind::SvmLinear, ClassicalSpec::Kind::SvmRbf })
    for (const auto calibration : { ClassicalSpec::Calibration::None, ClassicalSpec::Calibration::Temperature })
    {
      if (kind == ClassicalSpec::Kind::LogisticRegression && calibration != ClassicalSpec::Calibration::None)
        continue;
      spec.kind = kind;
      spec.calibration = calibration;
      time((ToText(kind) + (calibration == ClassicalSpec::Calibration::None ? "" : ", calibrated")).c_str(), [&] { return ClassicalModel::Fit(table, 2, spec); });
    }
  if (trainRows * columns > 1000 * 1024)
    return 0;
  std::vector<ClassicalSpec> grid;
  spec.calibration = ClassicalSpec::Calibration::None;
  spec.kind = ClassicalSpec::Kind::SvmRbf;
  for (const double cost : { 0.1, 1.0, 10.0 })
    for (const double gamma : { 0.25, 1.0, 4.0 })
    {
      grid.push_back(spec);
      grid.back().cost = cost;
      grid.back().gamma = gamma / double(columns);
    }
  time("svm-rbf, 9 settings by 5 folds, refit", [&] { return ChooseAndFit(table, 2, grid).model; });
  return 0;
}
