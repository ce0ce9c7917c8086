#include "serval/Classical/ClassicalModel.h"
#include "serval/Core/Error.h"
#include "serval/Core/Text.h"

#include <array>
#include <utility>

namespace serval
{
namespace
{

using Spec = ClassicalSpec;

constexpr std::array<std::pair<Spec::Kind, const char *>, 12> kindNames{ { { Spec::Kind::SvmLinear, "svm-linear" },
                                                                           { Spec::Kind::SvmLinearSquared, "svm-linear-squared" },
                                                                           { Spec::Kind::SvmRbf, "svm-rbf" },
                                                                           { Spec::Kind::SvmPolynomial, "svm-polynomial" },
                                                                           { Spec::Kind::LogisticRegression, "logistic-regression" },
                                                                           { Spec::Kind::LogisticL1, "logistic-l1" },
                                                                           { Spec::Kind::NearestNeighbours, "nearest-neighbours" },
                                                                           { Spec::Kind::NearestMean, "nearest-mean" },
                                                                           { Spec::Kind::Discriminant, "discriminant" },
                                                                           { Spec::Kind::Perceptron, "perceptron" },
                                                                           { Spec::Kind::RandomForest, "random-forest" },
                                                                           { Spec::Kind::ExtraTrees, "extra-trees" } } };
constexpr std::array<std::pair<Spec::Scheme, const char *>, 3> schemeNames{
  { { Spec::Scheme::Usual, "usual" }, { Spec::Scheme::OneVsRest, "one-vs-rest" }, { Spec::Scheme::OneVsOne, "one-vs-one" } }
};
constexpr std::array<std::pair<Spec::Calibration, const char *>, 3> calibrationNames{
  { { Spec::Calibration::Temperature, "temperature" }, { Spec::Calibration::Platt, "platt" }, { Spec::Calibration::None, "none" } }
};

template <typename TNames, typename T>
std::string NameOf(const TNames & names, T value)
{
  for (const auto & [known, name] : names)
    if (known == value)
      return name;
  Fail(Fault::Internal, "a value has no name");
}

template <typename TNames>
auto ValueOf(const TNames & names, const char * what, const std::string & text)
{
  std::vector<std::string> all;
  for (const auto & [known, name] : names)
  {
    if (text == name)
      return known;
    all.push_back(name);
  }
  Fail(Fault::Usage, "the ", what, " '", text, "' is unknown; expected ", Join(all, ", "));
}

} // namespace

Spec::Kind Spec::KindFrom(const std::string & text) { return ValueOf(kindNames, "classifier", text); }

Spec::Scheme Spec::SchemeFrom(const std::string & text) { return ValueOf(schemeNames, "scheme", text); }

Spec::Calibration Spec::CalibrationFrom(const std::string & text) { return ValueOf(calibrationNames, "calibration", text); }

std::vector<std::string> Spec::Kinds()
{
  std::vector<std::string> kinds;
  for (const auto & [kind, name] : kindNames)
    kinds.emplace_back(name);
  return kinds;
}

std::string ToText(Spec::Kind kind) { return NameOf(kindNames, kind); }

std::string ToText(Spec::Scheme scheme) { return NameOf(schemeNames, scheme); }

std::string ToText(Spec::Calibration calibration) { return NameOf(calibrationNames, calibration); }

} // namespace serval
