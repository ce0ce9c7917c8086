#include "Solvers.h"
#include "serval/Core/Error.h"
#include "serval/Core/Text.h"

#include <algorithm>
#include <cmath>
#include <set>

namespace serval
{
namespace
{

using Arrays = std::map<std::string, TensorFile::Array>;
using Texts = std::map<std::string, std::string>;
using Kind = ClassicalSpec::Kind;
using classical::Decoding;
using classical::Solution;

constexpr long long mostClasses = 65536;

void Put(Arrays & arrays, const std::string & name, std::vector<std::size_t> shape, std::vector<float> values)
{
  arrays["classical." + name] = { { shape.begin(), shape.end() }, std::move(values) };
}

/// The array, all finite, with one axis or with rows of `columns`.
const std::vector<float> & Take(const Arrays & arrays, const std::string & name, std::size_t axes)
{
  const auto found = arrays.find("classical." + name);
  Require(found != arrays.end(), Fault::Input, "the model's classifier lacks the array 'classical.", name, "'");
  const auto & array = found->second;
  std::size_t  count = 1;
  bool         sound = array.shape.size() == axes;
  for (const auto length : array.shape)
  {
    sound = sound && length > 0 && static_cast<std::size_t>(length) <= array.values.size();
    count *= sound ? static_cast<std::size_t>(length) : 0;
  }
  sound = sound && count == array.values.size() &&
          std::all_of(array.values.begin(), array.values.end(), [](float value) { return std::isfinite(value); });
  Require(sound, Fault::Input, "the array 'classical.", name, "' of the model's classifier is damaged");
  return array.values;
}

std::vector<int> TakeCounts(const Arrays & arrays, const std::string & name)
{
  std::vector<int> counts;
  for (const float value : Take(arrays, name, 1))
  {
    Require(value >= 0 && value < 1e9F && value == std::floor(value), Fault::Input, "'classical.", name, "' holds ", value,
            "; whole numbers are expected");
    counts.push_back(static_cast<int>(value));
  }
  return counts;
}

std::string Text(const Texts & description, const std::string & key)
{
  const auto found = description.find(key);
  Require(found != description.end(), Fault::Input, "the description of the model's classifier lacks '", key, "'");
  return found->second;
}

double Number(const Texts & description, const std::string & key, double above)
{
  const auto value = ParseDouble(Text(description, key));
  Require(value && std::isfinite(*value) && *value > above, Fault::Input, "the model's classifier has ", key, " '",
          Text(description, key), "'; a number above ", above, " is expected");
  return *value;
}

/// A whole number above 0.
int Whole(const Texts & description, const std::string & key, long long most)
{
  const auto value = ParseInteger(Text(description, key));
  Require(value && *value > 0 && *value <= most, Fault::Input, "the model's classifier has ", key, " '", Text(description, key),
          "'; 1 to ", most, " are expected");
  return static_cast<int>(*value);
}

bool IsForest(Kind kind) { return kind == Kind::RandomForest || kind == Kind::ExtraTrees; }
bool IsCurved(Kind kind) { return kind == Kind::SvmRbf || kind == Kind::SvmPolynomial; }
bool IsPerLabel(Kind kind) { return kind == Kind::NearestMean || kind == Kind::Discriminant; }

void LoadKernel(const Arrays & arrays, const Texts & description, Kind kind, std::size_t machines, Solution & solution)
{
  solution.gamma = Number(description, "gamma", 0);
  if (kind == Kind::SvmPolynomial)
  {
    solution.degree = Whole(description, "degree", 20);
    solution.offset = Number(description, "offset", -1e-300);
  }
  solution.vectors = Take(arrays, "supportVectors", 2);
  solution.coefficients = Take(arrays, "coefficients", 2);
  solution.constants = Take(arrays, "constants", 1);
  Require(solution.vectors.size() == solution.Vectors() * solution.columns && solution.constants.size() == machines &&
            solution.coefficients.size() == machines * solution.Vectors(),
          Fault::Input, "the arrays of the model's kernel classifier do not fit together");
}

void LoadNeighbours(const Arrays & arrays, const Texts & description, Solution & solution)
{
  solution.vectors = Take(arrays, "rows", 2);
  solution.vectorLabels = TakeCounts(arrays, "rowLabels");
  solution.voteWeights = Take(arrays, "voteWeights", 1);
  const std::size_t rows = solution.Vectors();
  Require(solution.vectors.size() == rows * solution.columns && solution.vectorLabels.size() == rows &&
            solution.voteWeights.size() == solution.labels.size() &&
            std::ranges::all_of(solution.vectorLabels, [&](int k) { return k < static_cast<int>(solution.labels.size()); }) &&
            std::ranges::all_of(solution.voteWeights, [](float weight) { return weight > 0; }),
          Fault::Input, "the arrays of the model's nearest-neighbour classifier do not fit together");
  solution.neighbours = Whole(description, "neighbours", static_cast<long long>(rows));
}

/// Every path ends: children stand behind their node and inside, features and leaves exist.
void LoadForest(const Arrays & arrays, const Texts & description, Solution & solution)
{
  auto & forest = solution.forest;
  forest.roots = TakeCounts(arrays, "roots");
  forest.features = TakeCounts(arrays, "features"); // stored plus 1: 0 is a leaf
  forest.thresholds = Take(arrays, "thresholds", 1);
  forest.children = TakeCounts(arrays, "children");
  forest.shares = Take(arrays, "shares", 2);
  const auto nodes = forest.features.size();
  const auto leaves = forest.shares.size() / solution.labels.size();
  bool       isSound = static_cast<int>(forest.roots.size()) == Whole(description, "trees", 100000) && forest.thresholds.size() == nodes && forest.children.size() == nodes && leaves * solution.labels.size() == forest.shares.size();
  for (const int root : forest.roots)
    isSound = isSound && static_cast<std::size_t>(root) < nodes;
  for (std::size_t n = 0; isSound && n < nodes; ++n)
  {
    const auto child = static_cast<std::size_t>(forest.children[n]);
    --forest.features[n];
    isSound = forest.features[n] < 0 ? child < leaves
                                     : forest.features[n] < static_cast<int>(solution.columns) && child > n && child + 1 < nodes;
  }
  Require(isSound, Fault::Input, "the arrays of the model's forest do not fit together");
}

std::vector<float> Floats(const std::vector<int> & values, int shift = 0)
{
  std::vector<float> floats;
  for (const int value : values)
  {
    Require(value + shift <= 1 << 24, Fault::Input, "the classifier has more than ", 1 << 24, " nodes or rows; use fewer trees");
    floats.push_back(static_cast<float>(value + shift));
  }
  return floats;
}

void StoreSolution(Arrays & arrays, Texts & description, Kind kind, const Solution & solution)
{
  const std::size_t columns = solution.columns, labels = solution.labels.size(), vectors = solution.Vectors();
  if (IsForest(kind))
  {
    const auto & forest = solution.forest;
    description["trees"] = std::to_string(forest.roots.size());
    Put(arrays, "roots", { forest.roots.size() }, Floats(forest.roots));
    Put(arrays, "features", { forest.features.size() }, Floats(forest.features, 1));
    Put(arrays, "thresholds", { forest.thresholds.size() }, forest.thresholds);
    Put(arrays, "children", { forest.children.size() }, Floats(forest.children));
    Put(arrays, "shares", { forest.shares.size() / labels, labels }, forest.shares);
    return;
  }
  if (kind == Kind::NearestNeighbours)
  {
    description["neighbours"] = std::to_string(solution.neighbours);
    Put(arrays, "rows", { vectors, columns }, solution.vectors);
    Put(arrays, "rowLabels", { vectors }, Floats(solution.vectorLabels));
    Put(arrays, "voteWeights", { labels }, solution.voteWeights);
    return;
  }
  const std::size_t machines = classical::MachineCount(solution.decoding, labels);
  if (!IsPerLabel(kind))
    description["multiclass"] = solution.decoding == Decoding::OneVsOne ? "one-vs-one" : "one-vs-rest";
  if (!IsCurved(kind))
  {
    Put(arrays, "weights", { machines, columns + 1 }, solution.weights);
    return;
  }
  description["gamma"] = FormatNumber(solution.gamma);
  if (kind == Kind::SvmPolynomial)
  {
    description["degree"] = std::to_string(solution.degree);
    description["offset"] = FormatNumber(solution.offset);
  }
  Put(arrays, "supportVectors", { vectors, columns }, solution.vectors);
  Put(arrays, "coefficients", { machines, vectors }, solution.coefficients);
  Put(arrays, "constants", { machines }, solution.constants);
}

void LoadSolution(const Arrays & arrays, const Texts & description, Kind kind, Solution & solution)
{
  if (IsForest(kind))
    return LoadForest(arrays, description, solution);
  if (kind == Kind::NearestNeighbours)
    return LoadNeighbours(arrays, description, solution);
  if (!IsPerLabel(kind))
  {
    const auto scheme = Text(description, "multiclass");
    Require(scheme == "one-vs-one" || scheme == "one-vs-rest", Fault::Input, "the model's classifier has the scheme '", scheme,
            "'; one-vs-one or one-vs-rest is expected");
    solution.decoding = scheme == "one-vs-one" ? Decoding::OneVsOne : Decoding::OneVsRest;
  }
  const std::size_t machines = classical::MachineCount(solution.decoding, solution.labels.size());
  if (IsCurved(kind))
    return LoadKernel(arrays, description, kind, machines, solution);
  solution.weights = Take(arrays, "weights", 2);
  Require(solution.weights.size() == machines * (solution.columns + 1), Fault::Input,
          "the weights of the model's classifier do not fit its ", solution.columns, " features");
}

classical::Preparation LoadPreparation(const Arrays & arrays)
{
  classical::Preparation preparation;
  preparation.mean = Take(arrays, "mean", 1);
  preparation.deviation = Take(arrays, "deviation", 1);
  const std::size_t columns = preparation.mean.size();
  Require(preparation.deviation.size() == columns && std::ranges::all_of(preparation.deviation, [](float value) { return value > 0; }),
          Fault::Input, "the standardisation of the model's classifier is damaged");
  if (arrays.contains("classical.kept"))
    for (const int column : TakeCounts(arrays, "kept"))
    {
      Require(static_cast<std::size_t>(column) < columns, Fault::Input, "the model's classifier keeps column ", column, " of ", columns);
      preparation.kept.push_back(static_cast<std::size_t>(column));
    }
  if (arrays.contains("classical.components"))
  {
    preparation.components = Take(arrays, "components", 2);
    const std::size_t width = preparation.kept.empty() ? columns : preparation.kept.size();
    Require(preparation.components.size() % width == 0, Fault::Input, "the principal components of the model's classifier do not fit its ",
            width, " features");
  }
  return preparation;
}

classical::Calibrator LoadCalibrator(const Arrays & arrays, const Texts & description, std::size_t labels)
{
  classical::Calibrator calibrator;
  calibrator.scale = Number(description, "scale", 0);
  if (!arrays.contains("classical.platt"))
    return calibrator;
  const auto & numbers = Take(arrays, "platt", 2);
  Require(numbers.size() == 2 * labels, Fault::Input, "the calibration of the model's classifier is damaged");
  calibrator.slopes.assign(numbers.begin(), numbers.begin() + static_cast<std::ptrdiff_t>(labels));
  calibrator.offsets.assign(numbers.begin() + static_cast<std::ptrdiff_t>(labels), numbers.end());
  return calibrator;
}

} // namespace

void ClassicalModel::Store(Arrays & arrays, Texts & description) const
{
  const auto &      impl = *m_Impl;
  const auto &      preparation = impl.preparation;
  const std::size_t columns = Columns(), labels = impl.solution.labels.size();
  description["kind"] = ToText(impl.kind);
  description["classes"] = std::to_string(impl.classCount);
  description["scale"] = FormatNumber(impl.calibrator.scale);
  Put(arrays, "mean", { columns }, preparation.mean);
  Put(arrays, "deviation", { columns }, preparation.deviation);
  Put(arrays, "labels", { labels }, { impl.solution.labels.begin(), impl.solution.labels.end() });
  if (!preparation.kept.empty())
    Put(arrays, "kept", { preparation.kept.size() }, { preparation.kept.begin(), preparation.kept.end() });
  if (!preparation.components.empty())
    Put(arrays, "components", { preparation.Width(), preparation.components.size() / preparation.Width() }, preparation.components);
  if (!impl.calibrator.slopes.empty())
  {
    std::vector<float> numbers(impl.calibrator.slopes.begin(), impl.calibrator.slopes.end());
    numbers.insert(numbers.end(), impl.calibrator.offsets.begin(), impl.calibrator.offsets.end());
    Put(arrays, "platt", { 2, labels }, std::move(numbers));
  }
  StoreSolution(arrays, description, impl.kind, impl.solution);
}

ClassicalModel ClassicalModel::Load(const Arrays & arrays, const Texts & description)
{
  auto impl = std::make_shared<Impl>();
  try
  {
    impl->kind = ClassicalSpec::KindFrom(Text(description, "kind"));
  }
  catch (const Error & error)
  {
    Fail(Fault::Input, "the model cannot be applied: ", error.what());
  }
  impl->classCount = Whole(description, "classes", mostClasses);
  impl->preparation = LoadPreparation(arrays);
  const auto          labels = TakeCounts(arrays, "labels");
  const std::set<int> distinct(labels.begin(), labels.end());
  Require(labels.size() >= 2 && distinct.size() == labels.size() && *distinct.rbegin() < impl->classCount, Fault::Input,
          "the labels of the model's classifier are damaged; 2 to ", impl->classCount, " different ones are expected");
  impl->calibrator = LoadCalibrator(arrays, description, labels.size());
  impl->solution.columns = impl->preparation.Width();
  impl->solution.labels = labels;
  LoadSolution(arrays, description, impl->kind, impl->solution);
  return ClassicalModel(std::move(impl));
}

} // namespace serval
