#include "CohortFiles.h"

#include "serval/Core/AtomicFile.h"
#include "serval/Core/Error.h"
#include "serval/Core/PathDisplay.h"
#include "serval/Core/Table.h"
#include "serval/Core/Text.h"

#include <algorithm>
#include <cctype>

namespace serval
{
namespace
{

namespace fs = std::filesystem;

constexpr std::size_t longestName = 200; // bytes; file systems allow 255 with extension and temporary suffix

std::string RelativeLabels(const std::string & id) { return "labels/" + id + ".nii.gz"; }

void RequireNoExpertLabels(const Manifest & manifest, const CohortPlan & plan)
{
  if (plan.column != "segmentation")
    return;
  for (const auto & one : manifest.Cases())
    Require(one.segmentation.empty(), Fault::Usage, "case ", one.id,
            " has a segmentation in the manifest, which thresholds never replace; choose the column pseudo_segmentation");
}

} // namespace

void RequireFileName(const std::string & id)
{
  const bool isPlain = !id.empty() && id.size() <= longestName && id.front() != '.' &&
                       std::none_of(id.begin(), id.end(), [](unsigned char letter) {
                         return letter == '/' || letter == '\\' || std::iscntrl(letter) != 0;
                       });
  Require(isPlain, Fault::Input, "the case's id cannot be the name of a file; give it one without / and \\, not beginning with a "
          "dot and at most ", longestName, " bytes long");
}

std::string WithoutPaths(const std::string & text, const fs::path & image)
{
  const std::string path = image.string();
  std::string       shown = text;
  for (std::size_t at = 0; !path.empty() && (at = shown.find(path, at)) != std::string::npos;)
  {
    const std::size_t end = std::min(shown.find('\'', at), shown.size()); // messages quote paths
    const std::string word = Shown(shown.substr(at, end - at));
    shown.replace(at, end - at, word);
    at += word.size();
  }
  return shown;
}

CohortFiles::CohortFiles(fs::path folder)
  : m_Folder(fs::absolute(folder).lexically_normal())
{}

fs::path CohortFiles::Labels(const std::string & id) const { return m_Folder / RelativeLabels(id); }
fs::path CohortFiles::Record(const std::string & id) const { return m_Folder / "records" / (id + ".json"); }

void CohortFiles::Prepare(const Manifest & manifest, const CohortPlan & plan) const
{
  Require(plan.column == "segmentation" || plan.column == "pseudo_segmentation", Fault::Usage, "there is no column '",
          plan.column, "' for label maps; expected segmentation or pseudo_segmentation");
  RequireNoExpertLabels(manifest, plan);
  Require(!fs::exists(m_Folder / "manifest.csv") || fs::exists(m_Folder / "pseudo-segmentation.csv"), Fault::Usage,
          "the output folder holds a manifest.csv that is not of an earlier run; choose another folder");
  for (const auto & one : manifest.Cases())
    Require(!fs::exists(Labels(one.id)) || fs::exists(Record(one.id)), Fault::Usage, "the output folder holds a label map of case ",
            one.id, " that is not of an earlier run; choose another folder");
  for (const auto & folder : { m_Folder, m_Folder / "labels", m_Folder / "records" })
  {
    std::error_code problem;
    fs::create_directory(folder, problem);
    Require(fs::is_directory(folder), Fault::Environment, "the output folder cannot be made: ", problem.message());
  }
}

void CohortFiles::WriteTable(const std::vector<CohortCase> & cases, const CohortPlan & plan) const
{
  Table table({ "case", "verdict", "used", "reason", "thresholds", "changed", "deviation", "label", "name", "voxels", "ml" });
  for (const auto & one : cases)
  {
    const PseudoSummary &    summary = one.summary;
    std::vector<std::string> thresholds;
    for (const double threshold : summary.thresholds)
      thresholds.push_back(FormatNumber(threshold));
    const std::vector<std::string> head{ one.id,         ToText(summary.verdict), IsUsed(one, plan) ? "yes" : "no",
                                         summary.reason, Join(thresholds, " "),   FormatNumber(summary.changed),
                                         FormatNumber(one.deviation) };
    const auto add = [&](std::vector<std::string> tail) {
      tail.insert(tail.begin(), head.begin(), head.end());
      table.AddRow(std::move(tail));
    };
    if (summary.classes.empty())
      add({ "", "", "", "" });
    for (const auto & label : summary.classes)
      add({ std::to_string(label.value), label.name, std::to_string(label.voxels), FormatNumber(label.milliliters) });
  }
  table.Write(m_Folder / "pseudo-segmentation.csv");
}

void CohortFiles::WriteExcludedCases(const std::vector<CohortCase> & cases, const CohortPlan & plan) const
{
  std::vector<Problem> problems;
  for (const auto & one : cases)
    if (!IsUsed(one, plan))
      problems.push_back({ one.id, "segment-by-threshold", Concat(ToText(one.summary.verdict), ": ", one.summary.reason) });
  if (problems.empty())
    fs::remove(m_Folder / "excluded.csv"); // of an earlier run with other limits
  else
    WriteExcluded(problems, m_Folder / "excluded.csv");
}

void CohortFiles::WriteManifest(const Manifest & manifest, const std::vector<CohortCase> & cases, const CohortPlan & plan) const
{
  std::vector<std::string> values;
  for (const auto & one : cases)
    values.push_back(IsUsed(one, plan) ? RelativeLabels(one.id) : "");
  manifest.WriteWith(plan.column, values, m_Folder / "manifest.csv");
}

} // namespace serval
