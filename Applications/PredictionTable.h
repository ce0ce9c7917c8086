#pragma once
// The table of predictions, as every command that predicts patches of a cache writes it.

#include "serval/Cache/PatchCache.h"
#include "serval/CommandLine/Application.h"
#include "serval/Core/Table.h"
#include "serval/Core/Text.h"

#include <algorithm>
#include <cstddef>
#include <filesystem>
#include <string>
#include <utility>
#include <vector>

namespace serval
{

/// Columns that are the same in all rows; those left out are not written.
struct PredictionTable
{
  std::filesystem::path output;
  std::string           arm, fold, repeat;
  std::string           baseline; ///< "shuffled labels" where the model is no real one

  void DeclareOutput(app::Parameters & p) { p.Add("output", &output, "Predictions to write").Out("file", ".csv"); }
  void DeclareColumns(app::Parameters & p)
  {
    p.Group("Columns");
    Declare(p, "arm", "fold", "repeat");
  }
  /// Under other names, where --repeat is taken.
  void DeclareRowColumns(app::Parameters & p) { Declare(p, "rowArm", "rowFold", "rowRepeat"); }

  /// One row a patch, with its lesion or candidate where patches have them (for FROC curves); `probabilities` hold one number a class, patch after patch, `lineage` is the verdict on the patients.
  void Write(const PatchCache & cache, const std::vector<std::size_t> & patches, const std::vector<std::string> & classNames,
             const std::vector<float> & probabilities, const std::string & lineage) const
  {
    std::vector<std::string> columns{ "patient", "case", "unit", "unit_id", "truth" };
    for (const auto & name : classNames)
      columns.push_back("p_" + name);
    columns.emplace_back("lineage");
    const bool hasLesions = std::ranges::any_of(patches, [&](std::size_t patch) { return !cache.Patches()[patch].candidate.empty(); });
    if (hasLesions)
      columns.emplace_back("lesion");
    const std::vector<std::pair<std::string, std::string>> given{ { "arm", arm }, { "fold", fold }, { "repeat", repeat }, { "baseline", baseline } };
    for (const auto & [name, value] : given)
      if (!value.empty())
        columns.push_back(name);
    Table table(columns);
    for (std::size_t n = 0; n < patches.size(); ++n)
    {
      auto row = Row(cache, patches[n]);
      for (std::size_t c = 0; c < classNames.size(); ++c)
        row.push_back(FormatNumber(probabilities[n * classNames.size() + c]));
      row.push_back(lineage);
      if (hasLesions)
        row.push_back(cache.Patches()[patches[n]].candidate);
      for (const auto & [name, value] : given)
        if (!value.empty())
          row.push_back(value);
      table.AddRow(row);
    }
    table.Write(output);
  }

private:
  void Declare(app::Parameters & p, const char * armName, const char * foldName, const char * repeatName)
  {
    p.Add(armName, &arm, "Name of the study's arm, written to each row");
    p.Add(foldName, &fold, "Fold, written to each row");
    p.Add(repeatName, &repeat, "Repeat, written to each row");
  }

  // The truth is the cache's class, also where the model learned others.
  static std::vector<std::string> Row(const PatchCache & cache, std::size_t patch)
  {
    const auto & record = cache.Patches()[patch];
    const auto & from = cache.Cases()[record.caseIndex];
    const auto & names = cache.Description().classNames;
    return { from.patient, from.caseId, "patch", std::to_string(patch), record.classIndex < 0 ? "" : names[static_cast<std::size_t>(record.classIndex)] };
  }
};

} // namespace serval
