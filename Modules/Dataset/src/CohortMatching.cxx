#include "serval/Dataset/CohortMatching.h"

#include "serval/Core/Error.h"
#include "serval/Core/Text.h"

#include <algorithm>
#include <set>

namespace serval
{
namespace
{

/// The series of one study and one row of the spreadsheet.
struct Group
{
  std::size_t              label = 0;
  std::string              caseId, study; // pseudonyms
  std::vector<std::size_t> series;        // indices, unusable ones too
};

const std::vector<std::pair<std::string, JoinBy>> joins{ { "PatientID", JoinBy::PatientId }, { "StudyUID", JoinBy::StudyUid }, { "AccessionNumber", JoinBy::AccessionNumber },
                                                         { "folder", JoinBy::Folder }, { "file", JoinBy::File } };

std::vector<std::string> KeysOf(const SeriesCandidate & series, JoinBy join)
{
  switch (join)
  {
    case JoinBy::PatientId: return { series.patientId };
    case JoinBy::StudyUid: return { series.studyUid };
    case JoinBy::AccessionNumber: return { series.accessionNumber };
    case JoinBy::File: return { series.file };
    case JoinBy::Folder: break;
  }
  return series.folders;
}

std::string WithoutZeros(const std::string & id)
{
  const auto first = id.find_first_not_of('0');
  return first == std::string::npos ? "" : id.substr(first);
}

class Matcher
{
public:
  Matcher(Cohort & cohort, JoinBy join, const SiteKey & key, const Choices & choices)
    : m_Cohort(cohort)
    , m_Join(join)
    , m_Key(key)
    , m_Choices(choices)
  {
    m_Cohort.choices = Table({ "case", "row", "study", "series", "number", "modality", "words", "slices", "size", "spacing", "reason", "use" });
    m_Cohort.labelOutcomes.resize(m_Cohort.labels.size());
    m_Cohort.seriesOutcomes.resize(m_Cohort.series.size());
  }

  void Match()
  {
    const auto groupsOf = GroupSeries();
    for (std::size_t label = 0; label < m_Cohort.labels.size(); ++label)
    {
      const auto & excluded = m_Cohort.labels[label].excluded;
      const auto   found = groupsOf.find(label);
      if (!excluded.empty())
        m_Cohort.labelOutcomes[label] = { "excluded", "", excluded };
      else if (found == groupsOf.end())
        DecideMissing(label, {}, "no series" + ZeroHint(label));
      else
        DecideLabel(label, found->second);
    }
    NumberTimePoints();
    RequireChoicesFit();
  }

private:
  using Groups = std::map<std::string, Group>; // by study

  Cohort &                           m_Cohort;
  JoinBy                             m_Join;
  const SiteKey &                    m_Key;
  const Choices &                    m_Choices;
  std::map<std::string, std::string> m_Known; // pseudonym -> what it stands for

  std::string Pseudonym(const std::string & prefix, const std::string & text)
  {
    const std::string pseudonym = prefix + m_Key.PseudonymOf(prefix + ":" + text).substr(0, 12);
    Require(m_Known.emplace(pseudonym, text).first->second == text, Fault::Environment, "two pseudonyms collide under this key; use another --key");
    return pseudonym;
  }
  std::string CaseId(std::size_t label, const std::string & study)
  {
    return Pseudonym("c", m_Cohort.labels[label].id + "\n" + study);
  }

  std::map<std::size_t, Groups> GroupSeries()
  {
    std::map<std::string, std::size_t> labelOf;
    for (std::size_t i = 0; i < m_Cohort.labels.size(); ++i)
      if (m_Cohort.labels[i].excluded.empty())
        labelOf.emplace(m_Cohort.labels[i].id, i);
    std::map<std::size_t, Groups> groups;
    for (std::size_t i = 0; i < m_Cohort.series.size(); ++i)
    {
      const auto & series = m_Cohort.series[i];
      auto &       outcome = m_Cohort.seriesOutcomes[i];
      outcome = { series.excluded.empty() ? "unmatched" : "excluded", "", series.excluded.empty() ? "no row of the spreadsheet has its id" : series.excluded };
      const auto keys = KeysOf(series, m_Join);
      const auto key = std::find_if(keys.begin(), keys.end(), [&](const auto & k) { return labelOf.contains(k); });
      if (key == keys.end())
        continue;
      Group & group = groups[labelOf.at(*key)][series.studyUid];
      group.label = labelOf.at(*key);
      group.caseId = CaseId(group.label, series.studyUid);
      group.study = "study-" + Pseudonym("", series.studyUid).substr(0, 8);
      group.series.push_back(i);
    }
    return groups;
  }

  // An id that lost its leading zeros in a spreadsheet program is told, never guessed.
  std::string ZeroHint(std::size_t label) const
  {
    const std::string id = WithoutZeros(m_Cohort.labels[label].id);
    for (const auto & series : m_Cohort.series)
      for (const auto & key : KeysOf(series, m_Join))
        if (WithoutZeros(key) == id && !id.empty())
          return "; an id that differs only by leading zeros has images: keep ids as text in the spreadsheet";
    return {};
  }

  void DecideLabel(std::size_t label, const Groups & groups)
  {
    bool hasUsable = false;
    for (const auto & [study, group] : groups)
      if (!Usable(group).empty())
      {
        hasUsable = true;
        Decide(group);
      }
    if (!hasUsable)
      DecideMissing(label, groups, "no usable series");
  }

  std::vector<std::size_t> Usable(const Group & group) const
  {
    auto usable = group.series;
    std::erase_if(usable, [&](std::size_t i) { return !m_Cohort.series[i].excluded.empty(); });
    return usable;
  }

  bool IsChosen(const std::string & caseId, const std::string & series, bool answer) const
  {
    const auto found = m_Choices.find({ caseId, series });
    return found != m_Choices.end() && found->second == answer;
  }

  void DecideMissing(std::size_t label, const Groups & groups, const std::string & reason)
  {
    const std::string caseId = CaseId(label, "");
    const bool        isLeftOut = IsChosen(caseId, "", false);
    Require(!IsChosen(caseId, "", true), Fault::Input, "the choices use case ", caseId, ", which has ", reason, "; write no");
    m_Cohort.labelOutcomes[label] = { isLeftOut ? "excluded" : "unmatched", "", reason + (isLeftOut ? "; left out by choice" : "") };
    m_Cohort.undecided += isLeftOut ? 0 : 1;
    m_Cohort.choices.AddRow({ caseId, std::to_string(m_Cohort.labels[label].row), "", "", "", "", "", "", "", "",
                              reason + "; no: goes on without this row", isLeftOut ? "no" : "" });
    for (const auto & [study, group] : groups)
      for (const auto i : group.series)
        AddChoice(group, i, "cannot be used: " + m_Cohort.series[i].excluded);
  }

  void Decide(const Group & group)
  {
    const auto               usable = Usable(group);
    std::vector<std::size_t> chosen, open;
    for (const auto i : usable)
    {
      const auto & series = m_Cohort.series[i].series;
      if (IsChosen(group.caseId, series, true))
        chosen.push_back(i);
      else if (!IsChosen(group.caseId, series, false))
        open.push_back(i);
    }
    Require(chosen.size() < 2, Fault::Input, "the choices use ", chosen.size(), " series of case ", group.caseId, "; one is expected");
    if (usable.size() > 1 || open.size() < usable.size())
      for (const auto i : usable)
        AddChoice(group, i, usable.size() == 1 ? "1 series matches" : Concat(usable.size(), " series match; yes: this one"));
    if (chosen.empty() && open.size() == 1)
      chosen = open;
    if (!chosen.empty())
      Use(group, usable, chosen.front());
    else if (open.empty())
      SetAll(group, usable, "excluded", "left out by choice");
    else
    {
      ++m_Cohort.undecided;
      SetAll(group, usable, "undecided", Concat(usable.size(), " series of the study match"));
    }
  }

  void SetAll(const Group & group, const std::vector<std::size_t> & series, const std::string & status, const std::string & reason)
  {
    for (const auto i : series)
      m_Cohort.seriesOutcomes[i] = { status, group.caseId, reason };
    auto & label = m_Cohort.labelOutcomes[group.label];
    if (label.status != "used")
      label = { status, group.caseId, reason };
    else
      label.reason += (label.reason.empty() ? "" : "; ") + group.caseId + ": " + reason;
  }

  void Use(const Group & group, const std::vector<std::size_t> & usable, std::size_t chosen)
  {
    for (const auto i : usable)
      m_Cohort.seriesOutcomes[i] = { "excluded", group.caseId, "another series of the study is used" };
    m_Cohort.seriesOutcomes[chosen] = { "used", group.caseId, "" };
    auto & label = m_Cohort.labelOutcomes[group.label];
    label.reason = label.status == "unmatched" || label.status == "used" ? label.reason : label.cases + ": " + label.reason;
    label.cases = (label.status == "used" ? label.cases + " " : "") + group.caseId;
    label.status = "used";
    const auto &      series = m_Cohort.series[chosen];
    const auto &      row = m_Cohort.labels[group.label];
    const std::string patient = !row.patient.empty() ? row.patient : !series.patientId.empty() ? series.patientId : row.id;
    m_Cohort.cases.push_back({ group.caseId, Pseudonym("p", patient), "", group.label, chosen, {} });
  }

  void AddChoice(const Group & group, std::size_t index, const std::string & reason)
  {
    const auto & s = m_Cohort.series[index];
    const char * use = IsChosen(group.caseId, s.series, true) ? "yes" : IsChosen(group.caseId, s.series, false) ? "no" : "";
    m_Cohort.choices.AddRow({ group.caseId, std::to_string(m_Cohort.labels[group.label].row), group.study, s.series, std::to_string(s.number),
                              s.modality, RadiologyWords(s.description), std::to_string(s.slices), s.size, s.spacing, reason, use });
  }

  // A decision that is not obeyed must not pass in silence.
  void RequireChoicesFit() const
  {
    std::set<std::pair<std::string, std::string>> asked;
    for (std::size_t row = 0; row < m_Cohort.choices.Rows(); ++row)
      asked.emplace(m_Cohort.choices.At(row, "case"), m_Cohort.choices.At(row, "series"));
    for (const auto & [place, use] : m_Choices)
      Require(asked.contains(place), Fault::Input, "the choices decide on case ", place.first, place.second.empty() ? "" : ", " + place.second,
              ", which is not to be decided here: they were made with another key, spreadsheet or folder, or the row must be removed");
    for (const auto & series : m_Cohort.series)
      for (const auto & [place, use] : m_Choices)
        Require(!use || place.second != series.series || series.excluded.empty(), Fault::Input, "the choices use ", series.series,
                ", which cannot be used: ", series.excluded);
  }

  // t1, t2, ... by date; without dates, or with equal ones, the order is not known and stays empty.
  void NumberTimePoints()
  {
    std::map<std::string, std::map<std::string, std::vector<CohortCase *>>> byPatient; // -> by time
    for (auto & one : m_Cohort.cases)
      byPatient[one.patient][m_Cohort.series[one.series].studyTime].push_back(&one);
    for (auto & [patient, byTime] : byPatient)
    {
      const bool isOrdered = std::all_of(byTime.begin(), byTime.end(), [](auto & t) { return !t.first.empty() && t.second.size() == 1; });
      int        number = 0;
      for (auto & [time, cases] : byTime)
        if (isOrdered && byTime.size() > 1)
          cases.front()->timePoint = "t" + std::to_string(++number);
    }
  }
};

} // namespace

JoinBy JoinByFrom(const std::string & name)
{
  const auto found = std::find_if(joins.begin(), joins.end(), [&](const auto & join) { return join.first == name; });
  Require(found != joins.end(), Fault::Usage, "series are joined by PatientID, StudyUID, AccessionNumber, folder or file, not by '", name, "'");
  return found->second;
}

JoinCounts CountJoins(const std::vector<CohortLabel> & labels, const std::vector<SeriesCandidate> & series)
{
  JoinCounts  counts;
  std::size_t most = 0;
  for (const auto & [name, join] : joins)
  {
    std::set<std::string> keys;
    for (const auto & one : series)
      for (const auto & key : KeysOf(one, join))
        keys.insert(key);
    keys.erase("");
    const auto matched = static_cast<std::size_t>(std::count_if(labels.begin(), labels.end(), [&](const CohortLabel & label) { return keys.contains(label.id); }));
    counts.matched.emplace_back(name, matched);
    if (matched > most)
    {
      most = matched;
      counts.best = name;
    }
  }
  return counts;
}

Cohort MatchCohort(std::vector<CohortLabel> labels, std::vector<SeriesCandidate> series, JoinBy join, const SiteKey & key,
                   const Choices & choices)
{
  Cohort cohort;
  cohort.labels = std::move(labels);
  cohort.series = std::move(series);
  Matcher(cohort, join, key, choices).Match();
  return cohort;
}

} // namespace serval
