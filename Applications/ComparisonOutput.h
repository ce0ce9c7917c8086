#pragma once

#include "serval/Core/AtomicFile.h"
#include "serval/Core/Error.h"
#include "serval/Core/Table.h"
#include "serval/Core/Text.h"
#include "serval/Similarity/Arrangement.h"
#include "serval/Similarity/Comparison.h"

#include <nlohmann/json.hpp>

#include <algorithm>
#include <cmath>

namespace serval
{

inline nlohmann::json NumberOrNull(const Answer & answer) { return answer.value ? nlohmann::json(*answer.value) : nlohmann::json(); }

/// One comparison in words.
inline std::string Line(const Comparison & one)
{
  const auto pair = one.b.empty() ? one.a : one.a + " - " + one.b;
  if (!one.answer.value)
    return Concat(one.measure, ": ", pair, ": undefined, ", one.answer.reason);
  return Concat(one.measure, ": ", pair, ": ", FormatFixed(*one.answer.value, 4),
                one.interval ? Concat(" [", FormatFixed(one.interval->low, 4), ", ", FormatFixed(one.interval->high, 4), "]") : "",
                one.p ? ", p " + FormatFixed(*one.p, 4) : "");
}

inline Table TableOf(const std::vector<Comparison> & found)
{
  Table table({ "measure", "a", "b", "value", "low", "high", "p", "reason" });
  for (const auto & one : found)
    table.AddRow({ one.measure, one.a, one.b, one.answer.value ? FormatNumber(*one.answer.value) : "", one.interval ? FormatNumber(one.interval->low) : "",
                   one.interval ? FormatNumber(one.interval->high) : "", one.p ? FormatNumber(*one.p) : "", one.answer.reason });
  return table;
}

inline nlohmann::json ToJson(const std::vector<Comparison> & found, const std::vector<NamedSample> & samples)
{
  nlohmann::json           json{ { "schema", "serval-similarity/1" }, { "samples", nlohmann::json::array() }, { "comparisons", nlohmann::json::array() } };
  std::vector<std::string> names;
  for (const auto & named : samples)
  {
    const auto variety = MeasureVariety(named.sample);
    names.push_back(named.name);
    json["samples"].push_back({ { "name", named.name }, { "rows", variety.rows }, { "patients", variety.groups }, { "classes", variety.classes },
                                { "effectiveClasses", variety.effectiveClasses }, { "spread", variety.spread } });
  }
  for (const auto & one : found)
  {
    nlohmann::json entry{ { "measure", one.measure }, { "a", one.a }, { "value", NumberOrNull(one.answer) } };
    if (!one.b.empty())
      entry["b"] = one.b;
    if (!one.answer.reason.empty())
      entry["reason"] = one.answer.reason;
    if (one.interval)
      entry["interval"] = { one.interval->low, one.interval->high };
    if (one.p)
      entry["p"] = *one.p;
    json["comparisons"].push_back(entry);
  }
  for (const auto & one : found)
  {
    if (one.b.empty() || json["maps"].contains(one.measure))
      continue;
    std::vector<double> distances;
    for (const auto & value : MatrixOf(found, one.measure, names))
      if (value)
        distances.push_back(*value);
    if (distances.size() != names.size() * names.size())
      continue;
    auto & map = json["maps"][one.measure];
    map["places"] = ScaleToPlane(distances, names.size());
    for (const auto & merger : LinkByAverage(distances, names.size()))
      map["mergers"].push_back({ merger.first, merger.second, merger.distance });
  }
  return json;
}

/// What came of `b` learnt from `a`, or of the network `a`, where `b` is empty.
struct Outcome
{
  std::string a, b;
  double      value = 0;
};
/// Fault::Input names what is not compared.
inline std::vector<Outcome> ReadOutcomes(const std::filesystem::path & file, const std::vector<Comparison> & found)
{
  const auto           table = Table::Read(file);
  const bool           hasPairs = table.Find("b").has_value();
  std::vector<Outcome> outcomes;
  for (std::size_t row = 0; row < table.Rows(); ++row)
  {
    const Outcome outcome{ table.At(row, "a"), hasPairs ? table.At(row, "b") : std::string(), table.Number(row, "outcome") };
    const auto    isKnown = [&](const std::string & name) {
      return std::ranges::any_of(found, [&](const auto & one) { return one.a == name || one.b == name; });
    };
    Require(isKnown(outcome.a) && (outcome.b.empty() || isKnown(outcome.b)), Fault::Input, "'", file.string(), "', row ", row + 1,
            " has the outcome of '", outcome.a, "' and '", outcome.b, "', which are not both compared; use the names of --names");
    Require(std::isfinite(outcome.value), Fault::Input, "'", file.string(), "', row ", row + 1, " has the outcome ", outcome.value,
            "; a finite number is expected");
    outcomes.push_back(outcome);
  }
  return outcomes;
}

/// The measure's answer to an outcome's pair, in either order, or network.
inline std::optional<double> AnswerTo(const Outcome & outcome, const std::string & measure, const std::vector<Comparison> & found)
{
  for (const auto & one : found)
    if (one.measure == measure && ((one.a == outcome.a && one.b == outcome.b) || (one.b == outcome.a && one.a == outcome.b)))
      return one.answer.value;
  return std::nullopt;
}

} // namespace serval
