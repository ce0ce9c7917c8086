#include "serval/CommandLine/Application.h"
#include "serval/Core/Error.h"
#include "serval/Core/PathDisplay.h"
#include "serval/Core/Table.h"
#include "serval/Core/Text.h"
#include "serval/Dataset/Lineage.h"
#include "serval/Volume/DicomFolder.h"

#include <nlohmann/json.hpp>

#include <algorithm>

namespace serval
{
namespace
{

struct AuditImages final : app::Application
{
  std::filesystem::path folder, csv, key;
  SeriesRule            rule;

  app::Description Describe() const override
  {
    return { "ServalAuditImages", "audit", "Audit Images", "Serval.Preparation",
             "Lists the DICOM series, NIfTI, NRRD and MetaImage files below a folder with size, spacing and problems. Fails (exit code 3) when "
             "a volume series is no regular volume, or a file is damaged. Names of patients, files and folders are not shown." };
  }

  void Declare(app::Parameters & p) override
  {
    p.Add("folder", &folder, "Folder with DICOM files and volume files at any depth, among others").In("directory").Positional(0).Identifying();
    p.Add("csv", &csv, "Also write the table to this file").Out("file", ".csv").Optional();
    p.Add("key", &key, "Key file of the site: with it the short ids of series are the same in every run; made when missing")
      .Out("file").Optional();
    p.Group("Series that are judged (default: every volume)");
    p.Add("series", &rule.series, "SeriesInstanceUID, or its short id as listed here with the same --key");
    p.Add("modality", &rule.modality, "CT, MR, ...");
    p.Add("minimumSlices", &rule.minimumSlices, "Fewest slices").Range(2, 100000);
    p.Add("description", &rule.descriptionPattern, "Regular expression found in the series description, letter case ignored");
  }

  void Run(app::Context & context) override
  {
    // Whatever is written to files stays without names; at a terminal, --showPaths adds them to the table.
    const bool showsNames = ShownText("name") == "name";
    ShowWholePaths(false);
    if (!key.empty())
      SetPathDisplayKey(SiteKey::OpenOrCreate(key).PseudonymOf("shown names"));
    context.progress.Report(0.01, "Reading the headers");
    const DicomFolder found = ListImageFolder(folder);
    const auto        judged = MatchSeries(found.series, rule);
    const Table table = TableOf(found, judged);
    context.WriteNumbers(Numbers(context, found, judged).dump(2));
    if (!csv.empty())
      table.Write(csv);
    Show(context, table, found, showsNames);
    Judge(found, judged);
  }

private:
  static std::string Warnings(const SeriesRecord & s)
  {
    return Trim(std::string(s.hasBurnedInAnnotation ? "burned-in-annotation" : "") + (s.mayShowFace ? " face" : ""));
  }

  static Table TableOf(const DicomFolder & found, const std::vector<std::size_t> & judged)
  {
    Table table({ "number", "series", "kind", "modality", "slices", "size", "spacing", "judged", "warnings", "problems" });
    for (std::size_t i = 0; i < found.series.size(); ++i)
    {
      const auto &             s = found.series[i];
      std::vector<std::string> problems;
      for (const auto & problem : s.problems)
        problems.push_back(problem.name + ": " + problem.detail);
      const bool isJudged = std::find(judged.begin(), judged.end(), i) != judged.end();
      table.AddRow({ std::to_string(i + 1), ShownText(s.seriesUid), ToText(s.kind), s.modality.empty() ? "?" : s.modality,
                     std::to_string(s.slices), Concat(s.extent.x, 'x', s.extent.y),
                     Concat(FormatFixed(s.spacing.x, 3), 'x', FormatFixed(s.spacing.y, 3), 'x', FormatFixed(s.spacing.z, 3)),
                     isJudged ? "yes" : "no", Warnings(s), Join(problems, "; ") });
    }
    return table;
  }

  static void Show(app::Context & context, const Table & table, const DicomFolder & found, bool showsNames)
  {
    std::vector<std::size_t> widths;
    for (const auto & column : table.Columns())
      widths.push_back(column.size());
    for (std::size_t row = 0; row < table.Rows(); ++row)
      for (std::size_t i = 0; i < widths.size(); ++i)
        widths[i] = std::max(widths[i], table.At(row, i).size());
    const auto line = [&](auto cell) {
      std::string text;
      for (std::size_t i = 0; i < widths.size(); ++i)
        text += cell(i) + (i + 1 < widths.size() ? std::string(widths[i] - cell(i).size() + 2, ' ') : "");
      return Trim(text);
    };
    context.Say(line([&](std::size_t i) { return table.Columns()[i]; }));
    for (std::size_t row = 0; row < table.Rows(); ++row)
    {
      const auto & s = found.series[row];
      context.Say(line([&](std::size_t i) { return table.At(row, i); }));
      if (showsNames)
        context.Say(Concat("    ", (s.stack ? s.files.front().parent_path() : s.files.front()).string(), s.stack ? ", patient " + s.patientId + " " + s.patientName + ", " + s.description : ""));
    }
    for (const auto & file : found.damaged)
      context.Say("damaged: " + (showsNames ? file.string() : Shown(file)));
    context.Say(Concat(found.series.size(), " series, ", found.damaged.size(), " damaged files, ", found.skipped,
                       " files that are no images"));
  }

  nlohmann::ordered_json Numbers(const app::Context & context, const DicomFolder & found, const std::vector<std::size_t> & judged) const
  {
    nlohmann::ordered_json json{ { "schema", "serval-audit/1" }, { "series", nlohmann::ordered_json::array() } };
    for (std::size_t i = 0; i < found.series.size(); ++i)
    {
      const auto &           s = found.series[i];
      nlohmann::ordered_json problems = nlohmann::ordered_json::array();
      for (const auto & problem : s.problems)
        problems.push_back({ { "name", problem.name }, { "detail", problem.detail } });
      json["series"].push_back({ { "number", i + 1 }, { "series", ShownText(s.seriesUid) }, { "kind", ToText(s.kind) },
                                 { "modality", s.modality }, { "slices", s.slices }, { "size", { s.extent.x, s.extent.y, s.extent.z } },
                                 { "spacing", { s.spacing.x, s.spacing.y, s.spacing.z } },
                                 { "judged", std::find(judged.begin(), judged.end(), i) != judged.end() },
                                 { "burnedInAnnotation", s.hasBurnedInAnnotation }, { "mayShowFace", s.mayShowFace },
                                 { "problems", problems } });
    }
    json["damaged"] = found.damaged.size();
    json["skipped"] = found.skipped;
    auto provenance = nlohmann::ordered_json::parse(context.provenance.ToJson());
    if (!rule.series.empty()) // may be a UID
      provenance["parameters"]["series"] = ShownText(rule.series);
    json["provenance"] = provenance;
    return json;
  }

  void Judge(const DicomFolder & found, const std::vector<std::size_t> & judged) const
  {
    Require(!judged.empty(), Fault::Input, "'", Shown(folder), "' holds no volume series that is asked for, among ", found.series.size(), " series");
    const auto irregular = std::count_if(judged.begin(), judged.end(), [&](std::size_t i) { return !found.series[i].IsRegular(); });
    Require(irregular == 0 && found.damaged.empty(), Fault::Input, "of ", judged.size(), " volume series, ", irregular,
            " not regular; DICOM files damaged: ", found.damaged.size(), "; the table names the problems");
  }
};

} // namespace
} // namespace serval

int main(int argc, char ** argv) { return serval::app::Main<serval::AuditImages>(argc, argv); }
