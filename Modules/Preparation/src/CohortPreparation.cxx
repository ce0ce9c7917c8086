#include "serval/Preparation/CohortPreparation.h"

#include "serval/Core/Error.h"
#include "serval/Core/PathDisplay.h"
#include "serval/Core/JobQueue.h"
#include "serval/Core/Table.h"
#include "serval/Volume/Orientation.h"

#include <itkMultiThreaderBase.h>

#include <algorithm>
#include <mutex>

namespace serval
{
namespace
{

namespace fs = std::filesystem;

class Cohort
{
public:
  Cohort(const fs::path & manifest, const CohortSettings & settings, Progress & progress)
    : m_Manifest(Manifest::Read(manifest))
    , m_Table(Table::Read(manifest))
    , m_Name(manifest.string())
    , m_Settings(settings)
    , m_Progress(progress)
    , m_Failed(m_Manifest.Cases().size())
    , m_Files(m_Failed.size())
  {
    for (std::size_t at = 0; at < m_Files.size(); ++at)
    {
      SetFiles(at);
      m_All.push_back(at);
    }
  }

  CohortResult Prepare()
  {
    CohortResult result{ m_Settings.request.plan, 0, {} };
    if (m_Settings.request.NeedsFit())
      Fit(result.plan);
    std::vector<std::map<std::string, fs::path>> made(m_Files.size());
    const Volume * reference = m_Settings.request.reference ? &*m_Settings.request.reference : nullptr;
    TryEach(m_All, 0.3, 1, [&](std::size_t at) { made[at] = PrepareInto(m_Settings.folder, m_Files[at], result.plan, reference); });
    WriteManifest(made);
    result.problems = m_Problems;
    result.cases = m_Files.size() - m_Problems.size();
    return result;
  }

private:
  void SetFiles(std::size_t at)
  {
    const Case & one = m_Manifest.Cases()[at];
    CaseFiles &  files = m_Files[at];
    const auto   names = m_Manifest.ChannelNames();
    files.id = one.id;
    files.reading = m_Settings.reading;
    files.images.emplace_back("image", one.image);
    for (std::size_t channel = 0; channel < one.furtherChannels.size(); ++channel)
      files.images.emplace_back("image_" + names[channel + 1], one.furtherChannels[channel]);
    for (const auto & [name, path] : { std::pair{ "segmentation", one.segmentation }, { "pseudo_segmentation", one.pseudoSegmentation } })
      if (!path.empty())
        files.labels.emplace_back(name, path);
  }

  // act on each case that has not failed yet; what fails by its input is noted.
  template <typename F>
  void TryEach(const std::vector<std::size_t> & cases, double from, double to, const F & act)
  {
    ProgressShare share(m_Progress, from, to);
    itk::MultiThreaderBase::SetGlobalDefaultNumberOfThreads(1); // no result depends on the number of threads
    JobQueue(cases.size()).Run(
      m_Settings.threads,
      [&](std::size_t number) {
        const std::size_t at = cases[number];
        if (m_Failed[at])
          return;
        try
        {
          act(at);
        }
        catch (const Error & e)
        {
          Require(e.Kind() == Fault::Input, e.Kind(), "case ", m_Files[at].id, ": ", e.what());
          const std::scoped_lock lock(m_Mutex);
          m_Failed[at] = 1;
          m_Problems.push_back({ m_Files[at].id, "prepare-volumes", e.what() });
        }
      },
      share);
    std::sort(m_Problems.begin(), m_Problems.end(), [](const Problem & a, const Problem & b) { return a.caseId < b.caseId; });
    if (!m_Settings.skipsFailing)
      RequireNoProblems(m_Problems, m_Name);
    Require(m_Problems.size() < m_Files.size(), Fault::Input, m_Name, ": every case failed; the first, ",
            m_Problems.empty() ? "" : m_Problems.front().caseId, ": ", m_Problems.empty() ? "" : m_Problems.front().reason);
  }

  std::vector<std::size_t> TrainingCases() const
  {
    std::vector<std::size_t> training;
    for (const std::size_t at : m_All)
      if (m_Settings.fitSplit == wholeCohort || m_Manifest.Cases()[at].split == m_Settings.fitSplit)
        training.push_back(at);
    Require(!training.empty(), Fault::Input, m_Name, ": no case has the split '", m_Settings.fitSplit,
            "', on which is fitted; run serval split, or name another --fitSplit (", wholeCohort, " fits on the test cases too)");
    return training;
  }

  template <typename T>
  std::vector<T> Kept(const std::vector<std::size_t> & cases, const std::vector<T> & values) const
  {
    std::vector<T> kept;
    for (const std::size_t at : cases)
      if (!m_Failed[at])
        kept.push_back(values[at]);
    return kept;
  }

  void Fit(PreparationPlan & plan)
  {
    const auto & request = m_Settings.request;
    const auto   training = TrainingCases();
    if (request.fitsSpacing)
    {
      std::vector<Geometry> geometries(m_Files.size());
      TryEach(training, 0, 0.1, [&](std::size_t at) {
        const Geometry own = ReadGeometry(m_Files[at].images.front().second, m_Files[at].reading);
        geometries[at] = plan.orientation.empty() ? own : Reoriented(own, plan.orientation);
      });
      plan.spacing = FitSpacing(Kept(training, geometries));
    }
    if (request.FitsScales())
    {
      std::vector<CaseLandmarks> landmarks(m_Files.size());
      TryEach(training, 0.1, 0.3, [&](std::size_t at) { landmarks[at] = MeasureLandmarks(m_Files[at], plan, request.clipFitted); });
      plan.channels = FitScales(Kept(training, landmarks), request.fitsStandard);
    }
    plan.fitSplit = m_Settings.fitSplit;
    plan.fitCases = static_cast<int>(Kept(training, m_All).size());
  }

  // The rows of the cases that did not fail, with the paths of what was made.
  void WriteManifest(const std::vector<std::map<std::string, fs::path>> & made)
  {
    std::vector<std::string> columns = m_Table.Columns();
    for (const auto & one : made)
      for (const auto & [column, path] : one)
        if (std::find(columns.begin(), columns.end(), column) == columns.end())
          columns.push_back(column);
    Table table(columns);
    for (const std::size_t at : m_All)
    {
      if (m_Failed[at])
        continue;
      std::vector<std::string> row;
      for (const auto & column : columns)
        row.push_back(made[at].contains(column)   ? made[at].at(column).lexically_relative(m_Settings.folder).string()
                      : m_Table.Find(column) ? m_Table.At(at, column)
                                             : std::string());
      table.AddRow(std::move(row));
    }
    table.Write(m_Settings.folder / "manifest.csv");
  }

  Manifest                 m_Manifest;
  Table                    m_Table;
  std::string              m_Name;
  const CohortSettings &   m_Settings;
  Progress &               m_Progress;
  std::vector<char>        m_Failed;
  std::vector<CaseFiles>   m_Files;
  std::vector<std::size_t> m_All;
  std::vector<Problem>     m_Problems;
  std::mutex               m_Mutex;
};

} // namespace

CohortResult PrepareCohort(const fs::path & manifest, const CohortSettings & settings, Progress & progress)
{
  std::error_code failure;
  Cohort          cohort(manifest, settings, progress);
  fs::create_directory(settings.folder, failure);
  Require(fs::is_directory(settings.folder), Fault::Input, "cannot make the folder ", Shown(settings.folder), ": ", failure.message());
  return cohort.Prepare();
}

} // namespace serval
