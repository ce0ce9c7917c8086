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

double Number(const Texts & description, const std::string & key)
{
  const auto value = ParseDouble(Text(description, key));
  Require(value && std::isfinite(*value) && *value > 0, Fault::Input, "the model's classifier has ", key, " '",
          Text(description, key), "'; a number above 0 is expected");
  return *value;
}

classical::Solution LoadKernel(const Arrays & arrays, const Texts & description, std::size_t columns, std::size_t classes)
{
  classical::Solution solution;
  solution.columns = columns;
  solution.gamma = Number(description, "gamma");
  solution.vectors = Take(arrays, "supportVectors", 2);
  solution.coefficients = Take(arrays, "coefficients", 2);
  solution.rho = Take(arrays, "rho", 1);
  solution.counts = TakeCounts(arrays, "supportCounts");
  std::size_t total = 0;
  for (const int count : solution.counts)
    total += static_cast<std::size_t>(count);
  Require(solution.counts.size() == classes && solution.vectors.size() == total * columns &&
            solution.coefficients.size() == (classes - 1) * total && solution.rho.size() == classes * (classes - 1) / 2,
          Fault::Input, "the arrays of the model's RBF classifier do not fit together");
  return solution;
}

} // namespace

void ClassicalModel::Store(Arrays & arrays, Texts & description) const
{
  const auto &      impl = *m_Impl;
  const auto &      solution = impl.solution;
  const std::size_t columns = Columns(), classes = solution.labels.size(), vectors = solution.Vectors();
  description["kind"] = ToText(impl.kind);
  description["classes"] = std::to_string(impl.classCount);
  description["scale"] = FormatNumber(impl.scale);
  Put(arrays, "mean", { columns }, impl.mean);
  Put(arrays, "deviation", { columns }, impl.deviation);
  Put(arrays, "labels", { classes }, { solution.labels.begin(), solution.labels.end() });
  if (impl.kind != ClassicalSpec::Kind::SvmRbf)
  {
    Put(arrays, "weights", { classes, columns + 1 }, solution.weights);
    return;
  }
  description["gamma"] = FormatNumber(solution.gamma);
  Put(arrays, "supportVectors", { vectors, columns }, solution.vectors);
  Put(arrays, "supportCounts", { classes }, { solution.counts.begin(), solution.counts.end() });
  Put(arrays, "coefficients", { classes - 1, vectors }, solution.coefficients);
  Put(arrays, "rho", { classes * (classes - 1) / 2 }, solution.rho);
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
  const auto classCount = ParseInteger(Text(description, "classes"));
  Require(classCount && *classCount >= 2 && *classCount <= mostClasses, Fault::Input, "the model's classifier has '",
          Text(description, "classes"), "' classes; 2 to ", mostClasses, " are expected");
  impl->classCount = static_cast<int>(*classCount);
  impl->scale = Number(description, "scale");
  impl->mean = Take(arrays, "mean", 1);
  impl->deviation = Take(arrays, "deviation", 1);
  const std::size_t columns = impl->mean.size();
  Require(impl->deviation.size() == columns &&
            std::all_of(impl->deviation.begin(), impl->deviation.end(), [](float value) { return value > 0; }),
          Fault::Input, "the standardisation of the model's classifier is damaged");
  const auto          labels = TakeCounts(arrays, "labels");
  const std::set<int> distinct(labels.begin(), labels.end());
  Require(labels.size() >= 2 && distinct.size() == labels.size() && *distinct.rbegin() < impl->classCount, Fault::Input,
          "the labels of the model's classifier are damaged; 2 to ", impl->classCount, " different ones are expected");
  if (impl->kind == ClassicalSpec::Kind::SvmRbf)
    impl->solution = LoadKernel(arrays, description, columns, labels.size());
  else
    impl->solution.weights = Take(arrays, "weights", 2);
  Require(impl->kind == ClassicalSpec::Kind::SvmRbf || impl->solution.weights.size() == labels.size() * (columns + 1),
          Fault::Input, "the weights of the model's classifier do not fit its ", columns, " features");
  impl->solution.columns = columns;
  impl->solution.labels = labels;
  return ClassicalModel(std::move(impl));
}

} // namespace serval
