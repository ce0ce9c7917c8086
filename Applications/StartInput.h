#pragma once
// What `serval start` finds in a folder of images and its labels, before anything is made.

#include "ImportCohort.h"
#include "StartState.h"
#include "serval/Core/Hash.h"

#include <cctype>
#include <filesystem>
#include <string>
#include <vector>

namespace serval
{

/// Finds out columns and the way to join; counts only, no text of the spreadsheet, stand in its messages.
class StartSearch
{
public:
  explicit StartSearch(StartChoices choices)
    : m_Choices(std::move(choices))
  {
    if (std::filesystem::is_directory(m_Choices.labels))
    {
      Require(m_Choices.segmentations.empty(), Fault::Usage, "LABELS is a folder of segmentations, and so is --segmentations; name a spreadsheet of classes, or leave one of them out");
      m_Choices.segmentations = std::exchange(m_Choices.labels, {});
    }
  }

  StartInput Look()
  {
    if (!m_Choices.segmentations.empty())
      m_Masks = ListSegmentations(m_Choices.segmentations);
    const auto found = ListImageFolder(m_Choices.folder, m_Choices.segmentations);
    m_Series = CandidatesOf(found, m_Choices.rule, m_Choices.repairs, m_Choices.folder);
    const auto usable = std::count_if(m_Series.begin(), m_Series.end(), [](const auto & one) { return one.excluded.empty(); });
    Require(usable > 0, Fault::Input, "no image can be used: the folder of images has ", found.series.size(), " DICOM series and volume files (NIfTI, NRRD, MetaImage), ", found.damaged.size(),
            " damaged files and ", found.skipped, " files of other kinds", WhyNone());
    if (m_Choices.labels.empty())
      ChooseJoin(LabelsOf(m_Masks), "segmentations");
    else
      ChooseColumns(ReadSpreadsheet(m_Choices.labels));
    const auto hash = Sha256(StateOf(m_Choices.folder) + StateOf(m_Choices.labels) + StateOf(m_Choices.segmentations));
    return { m_Choices, hash, Concat(usable, " usable volumes among ", found.series.size(), "; ", m_Matched, " of ", m_Rows, m_Choices.labels.empty() ? " segmentations" : " rows",
                                     " match by ", m_Choices.join, m_Choices.idColumn.empty() ? "" : ", column '" + m_Choices.idColumn + "'",
                                     m_Choices.labelColumn.empty() ? "" : ", classes from '" + m_Choices.labelColumn + "'") };
  }

private:
  std::string WhyNone() const
  {
    std::map<std::string, int> reasons;
    for (const auto & one : m_Series)
      ++reasons[one.excluded.substr(0, one.excluded.find(':'))];
    std::string text = reasons.empty() ? "" : "; left out:";
    for (const auto & [reason, count] : reasons)
      text += Concat(" ", count, " for '", reason, "'");
    return text + (reasons.empty() ? "" : "; `serval audit` tells each problem, and --repair mends what can be mended");
  }

  // The ids stand in the first of the usual columns whose texts are found in most images.
  void ChooseColumns(const Table & table)
  {
    static const std::vector<std::string> usual{ "case", "patientid", "patient_id", "patient", "studyuid", "studyinstanceuid", "accessionnumber", "folder", "file", "filename", "image", "id", "name", "subject" };
    if (m_Choices.labelColumn.empty())
      m_Choices.labelColumn = ColumnNamed(table, { "class", "label", "diagnosis", "target", "outcome", "group" });
    Require(!m_Choices.labelColumn.empty(), Fault::Input, "none of the spreadsheet's ", table.Columns().size(),
            " columns is called class, label, diagnosis, target, outcome or group; name the column of the classes by --labelColumn");
    StartChoices best;
    std::string  tried;
    for (const auto & name : m_Choices.idColumn.empty() ? usual : std::vector<std::string>{ m_Choices.idColumn })
      if (const auto column = m_Choices.idColumn.empty() ? ColumnNamed(table, { name }) : name; !column.empty())
      {
        tried += (tried.empty() ? "" : ", ") + column;
        Try(table, column, best);
      }
    Require(!tried.empty(), Fault::Input, "none of the spreadsheet's ", table.Columns().size(), " columns is called ", Join(usual, ", "), "; name the column of the ids by --idColumn");
    Require(m_Matched > 0 || m_Complaint.empty(), Fault::Input, m_Complaint);
    Require(m_Matched > 0, Fault::Input, "no row of the spreadsheet matches an image: none of ", m_Rows, " texts in ", tried, " is the PatientID, StudyUID or AccessionNumber of one of ", m_Series.size(),
            " series, the name of a folder, or of a volume file without its ending", m_Masks.empty() ? "" : " that has a segmentation", "; name the column by --idColumn, or correct the texts");
    m_Choices = best;
    m_Choices.patientColumn = m_Choices.patientColumn.empty() ? ColumnNamed(table, { "patient", "patient_id", "patientid", "subject" }, m_Choices.idColumn) : m_Choices.patientColumn;
  }

  // A column of patients has one id with two classes where their cases differ: another column may do.
  std::vector<CohortLabel> RowsBy(const Table & table, const std::string & column)
  {
    try
    {
      LabelColumns columns;
      columns.id = column, columns.className = m_Choices.labelColumn;
      return ReadCohortLabels(table, columns, m_Choices.mergesClasses);
    }
    catch (const Error & e)
    {
      m_Complaint = e.what();
      return {};
    }
  }

  void Try(const Table & table, const std::string & column, StartChoices & best)
  {
    auto rows = RowsBy(table, column);
    std::erase_if(rows, [this](const CohortLabel & label) { return !m_Masks.empty() && !m_Masks.contains(label.id); });
    const auto [join, matched] = BestJoin(rows);
    m_Rows = table.Rows();
    if (matched <= m_Matched)
      return;
    m_Matched = matched;
    best = m_Choices;
    best.idColumn = column, best.join = join;
  }

  void ChooseJoin(const std::vector<CohortLabel> & labels, const std::string & what)
  {
    std::tie(m_Choices.join, m_Matched) = BestJoin(labels);
    m_Rows = labels.size();
    Require(m_Matched > 0, Fault::Input, "none of ", m_Rows, " ", what, " has the name of an image: the PatientID, StudyUID or AccessionNumber of one of ", m_Series.size(),
            " series, the name of a folder, or of a volume file, each without its ending; name them alike");
  }

  std::pair<std::string, std::size_t> BestJoin(const std::vector<CohortLabel> & labels) const
  {
    const auto  counts = CountJoins(labels, m_Series);
    std::pair<std::string, std::size_t> best{ counts.best, 0 };
    for (const auto & [join, matched] : counts.matched)
      if (join == (m_Choices.join == "auto" ? counts.best : m_Choices.join))
        best = { join, matched };
    return best;
  }

  StartChoices                 m_Choices;
  SegmentationFiles            m_Masks;
  std::vector<SeriesCandidate> m_Series;
  std::size_t                  m_Matched = 0, m_Rows = 0;
  std::string                  m_Complaint; ///< of the last column that cannot hold the ids
};

} // namespace serval
