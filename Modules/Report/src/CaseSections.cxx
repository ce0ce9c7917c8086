#include "Sections.h"

#include "serval/Core/Error.h"
#include "serval/Core/Text.h"

#include <algorithm>

namespace serval
{
namespace
{

constexpr int         atPicture = 5;           ///< column, before the probabilities: narrow screens show it first
constexpr std::size_t mostRows = 400;        ///< of the table that is shown
constexpr std::size_t mostCsvBytes = 3'000'000;

std::vector<std::string> Columns(const ReportInput & input, const std::string & target)
{
  std::vector<std::string> columns{ "Patient (pseudonym)", "Unit", "Truth", "Decision", "Right or wrong", "Runs right %" };
  for (const auto & name : input.results.classNames.at(target))
    columns.push_back("p(" + name + ")");
  return columns;
}

/// A unit id begins with the case's id, which may tell the patient.
std::string UnitOf(const CaseResult & one)
{
  if (one.unitId.empty() || one.unitId == one.patient || one.unitId == one.caseId) // though it may hold a slash
    return "patient";
  const auto slash = one.unitId.rfind('/');
  return slash == std::string::npos ? "unit" : one.unitId.substr(slash + 1);
}

std::vector<std::string> Row(const ReportInput & input, const CaseResult & one)
{
  std::vector<std::string> row{ ShortPseudonym(input, one.patient), UnitOf(one), one.truth, one.decision, one.truth == one.decision ? "right" : "wrong", Fixed(100 * one.right, 0) };
  for (const double p : one.probabilities)
    row.push_back(Fixed(p, 3));
  return row;
}

/// Units of all arms of a target, under pseudonyms, unless they are too many to be carried along.
Table AllCases(const ReportInput & input, const std::string & target, const std::string & best)
{
  auto columns = Columns(input, target);
  columns.insert(columns.begin(), "Arm");
  Table       all(columns), ofBest(columns);
  std::size_t bytes = 0;
  for (const auto & one : input.results.cases)
    if (one.target == target)
    {
      auto row = Row(input, one);
      row.insert(row.begin(), one.arm);
      bytes += Join(row, ",").size() + 1;
      if (one.arm == best)
        ofBest.AddRow(row);
      all.AddRow(std::move(row));
    }
  return bytes <= mostCsvBytes ? all : ofBest;
}

std::string Quiet(const std::string & words) { return words.empty() ? words : "<span class=\"quiet\">" + EscapeXml(words) + "</span> "; }

std::string Picture(Page & page, const CaseResult & one)
{
  const auto found = page.input.casePictures.find({ one.target, one.unitId });
  if (found == page.input.casePictures.end())
    return {};
  const auto words = Concat("truth ", one.truth, ", decided ", one.decision);
  return Image(found->second.picture, "Slices of a case: " + words, page.budget) + Image(found->second.saliency, "The tenth of the voxels on which the decision rests most: " + words, page.budget) +
         Quiet(found->second.note) + (found->second.saliency.empty() ? std::string() : Quiet("Saliency of " + found->second.run));
}

/// The rows with pictures, and the first so many of the rest.
HtmlTable CaseTable(Page & page, const std::string & target, const ArmResult & best, const std::vector<const CaseResult *> & cases, const Table & download)
{
  const auto isOfTarget = [&](const auto & entry) { return entry.first.first == target; };
  const auto & all = page.input.casePictures;
  const bool hasPictures = std::any_of(all.begin(), all.end(), isOfTarget);
  const bool hasSaliency = std::any_of(all.begin(), all.end(), [&](const auto & entry) { return isOfTarget(entry) && !entry.second.saliency.empty(); });
  auto columns = Columns(page.input, target);
  if (hasPictures)
    columns.insert(columns.begin() + atPicture, hasSaliency ? "Picture; below it where the network looked" : "Picture");
  HtmlTable table{ Concat(best.arm, ", ", best.trainPatients, " training patients: probabilities are means over the runs"), "cases-" + target + ".csv", Table(columns), &download };
  for (std::size_t column = std::size_t(atPicture) + (hasPictures ? 1 : 0); column < columns.size(); ++column)
    table.numbers.insert(column);
  table.markup = { 4 };
  if (hasPictures)
    table.markup.insert(std::size_t(atPicture));
  table.isFiltered = true;
  for (std::size_t i = 0; i < std::min(cases.size(), mostRows); ++i)
  {
    auto row = Row(page.input, *cases[i]);
    if (row[4] == "wrong")
      row[4] = "<span class=\"wrong\">✗ wrong</span>";
    if (hasPictures)
      row.insert(row.begin() + atPicture, Picture(page, *cases[i]));
    table.shown.AddRow(row);
  }
  return table;
}

std::string CasesOf(Page & page, const std::string & target)
{
  const auto & results = page.input.results;
  const auto * best = BestArm(page.input.study, results, target);
  if (best == nullptr || !results.classNames.contains(target))
    return {};
  const auto cases = ConfidentErrorsFirst(results, target, best->arm);
  if (cases.empty())
    return {};
  const auto  wrong = std::count_if(cases.begin(), cases.end(), [](const CaseResult * one) { return one->decision != one->truth; });
  const Table download = AllCases(page.input, target, best->arm);
  std::string html = results.classNames.size() > 1 ? "<h3>" + EscapeXml(target) + "</h3>\n" : std::string();
  html += Paragraph(Concat("Of ", cases.size(), " tested units, ", best->arm, " decides ", wrong, " wrongly. The most confident errors stand first, then the least certain right answers",
                           cases.size() > mostRows ? Concat("; the first ", mostRows, " are shown, all are in the CSV file") : "", "."));
  return html + ToHtml(CaseTable(page, target, *best, cases, download), page.budget) + GallerySections(page, target);
}

} // namespace

std::string CaseSections(Page & page)
{
  std::string html;
  for (const auto & target : page.input.study.targets)
    html += CasesOf(page, target.name);
  if (!html.empty())
    html = Heading("cases", "Cases, confident errors first") +
           Paragraph("Patients are named by pseudonyms, keyed hashes that only holders of the study's site key can make; pseudonyms.csv in the study folder tells them apart for those who may know. "
                     "Probabilities are means over the runs. Saliency is of one network: of the run whose own answer is nearest to that mean, among those that decide as it does; it is named below the picture, "
                     "with its own probability. Saliency shows where changes would matter to the network, not why it decides.", "quiet") +
           "<div class=\"plots\">\n" + PlotsOf(page, ReportPlot::Part::Models) + "</div>\n" + html;
  std::string pictures;
  for (const auto & picture : page.input.pictures)
    pictures += Figure(Image(picture.file, picture.caption, page.budget), picture.caption);
  return pictures.empty() ? html : html + Heading("pictures", "What the sources learn from") + pictures;
}

} // namespace serval
