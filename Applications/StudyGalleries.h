#pragma once
// Errors of each arm of a study, and the answers of all arms to the same patches, for its page.

#include "StudyAudit.h"
#include "StudyRuns.h"
#include "StudySaliency.h"
#include "serval/Report/Report.h"

namespace serval
{

class StudyGalleries
{
public:
  StudyGalleries(ReportInput & input, const PlannedTarget & target, const PatchCache & cache, const std::filesystem::path & folder)
    : m_Input(input)
    , m_Target(target)
    , m_Cache(cache)
    , m_Folder(folder)
    , m_Look{ .key = folder / "site.key" }
    , m_Run(FirstRunOf(input.study, input.plan, target, cache))
  {}

  /// The patches that are shown arm by arm.
  void Want(RunSaliency & saliency) const
  {
    PatchPictures pictures(m_Cache, m_Look);
    const auto    gallery = SideBySide(pictures);
    for (const auto & [run, answers] : m_Run)
      for (const auto patch : gallery.Chosen(Count(2, mostSideBySide)))
        saliency.Want(run, patch);
  }

  /// Pictures are written beside those of the cases.
  void Add(const RunSaliency & saliency) const
  {
    if (m_Input.study.pictures < 1)
      return;
    for (const auto & arm : m_Input.study.arms)
      if (!arm.IsControl())
        AddErrors(arm.name);
    AddSideBySide(saliency);
  }

private:
  static constexpr std::size_t mostErrors = 12, mostSideBySide = 8;

  std::size_t Count(int each, std::size_t most) const { return std::min(static_cast<std::size_t>(std::max(each * m_Input.study.pictures, 0)), most); }

  ErrorGallery SideBySide(PatchPictures & pictures) const
  {
    ErrorGallery gallery{ m_Cache, pictures, {} };
    gallery.onePerPatient = true;
    for (const auto & run : m_Run)
      gallery.arms.push_back(run.answers);
    return gallery;
  }

  void AddErrors(const std::string & arm) const
  {
    PatchPictures pictures(m_Cache, m_Look);
    ErrorGallery  gallery{ m_Cache, pictures, { ArmAnswers(arm, m_Input.results.classNames.at(m_Target.name)) } };
    gallery.onePerPatient = true;
    UnitPatches patches(m_Input.plan, m_Target, m_Cache);
    bool        isOneOfSeveral = false;
    for (const auto & one : m_Input.results.cases)
      if (const auto patch = one.target == m_Target.name && one.arm == arm ? patches.Of(one) : std::nullopt)
      {
        gallery.arms[0].answers[patch->patch] = { one.truth, one.probabilities, 1 };
        isOneOfSeveral = isOneOfSeveral || patch->of > 1;
      }
    if (gallery.Chosen(1).empty())
      return;
    PatchGallery drawn;
    gallery.AddTo(drawn, Count(3, mostErrors));
    m_Input.galleries.push_back(Kept(drawn, pictures, ReportGallery::Kind::Errors, arm, Concat("errors-", m_Target.name, "-", arm)));
    if (isOneOfSeveral)
      m_Input.galleries.back().seen += " Of a patient's patches the one is shown that speaks most for the decision in the run nearest to the mean.";
  }

  void AddSideBySide(const RunSaliency & saliency) const
  {
    PatchPictures pictures(m_Cache, m_Look);
    auto          gallery = SideBySide(pictures);
    if (gallery.arms.size() < 2 || gallery.Chosen(1).empty())
      return;
    bool hasMaps = false;
    for (const auto & [run, answers] : m_Run)
      hasMaps = !gallery.saliency.emplace_back(saliency.Of(run.cell)).empty() || hasMaps;
    if (!hasMaps)
      gallery.saliency.clear();
    PatchGallery drawn;
    gallery.AddTo(drawn, Count(2, mostSideBySide));
    drawn.note += Concat("All answers are those of one run (", NameOf(m_Target, m_Run.front().run), "), in which all arms had the same training patients. ", WithoutAnswers());
    m_Input.galleries.push_back(Kept(drawn, pictures, ReportGallery::Kind::SideBySide, "", Concat("arms-", m_Target.name)));
  }

  /// Which arms stand in no column.
  std::string WithoutAnswers() const
  {
    std::vector<std::string> names;
    for (const auto & arm : m_Input.study.arms)
      if (!arm.IsControl() && std::none_of(m_Run.begin(), m_Run.end(), [&](const ArmRun & one) { return one.run.arm == arm.name; }))
        names.push_back(arm.name);
    return names.empty() ? std::string() : Concat("Without answers patch by patch in this run, and so not shown: ", Join(names, ", "), ". ");
  }

  /// What a scale bar would tell.
  std::string Size(const PatchGallery & drawn) const
  {
    std::array<std::vector<double>, 3> edges;
    for (const auto & row : drawn.rows)
      for (const auto & cell : row.cells)
        if (const auto & g = cell.patch.geometry; !cell.patch.voxels.empty())
        {
          edges[0].push_back(g.spacing.x * double(g.extent.x));
          edges[1].push_back(g.spacing.y * double(g.extent.y));
          edges[2].push_back(g.spacing.z * double(g.extent.z));
        }
    return Concat(" Size of a patch: ", m_Cache.Description().patch.z == 1 ? Concat("x ", RangeInWords(edges[0]), "; y ", RangeInWords(edges[1]), " mm") : RangesInWords(edges, "mm"), ".");
  }

  /// The gallery with its pictures in files; words stay words.
  ReportGallery Kept(const PatchGallery & drawn, const PatchPictures & pictures, ReportGallery::Kind kind, const std::string & arm, const std::string & stem) const
  {
    constexpr int width = 192;
    ReportGallery kept{ m_Target.name, arm, drawn.note, pictures.HowSeen() + Size(drawn), kind, drawn.columns, {} };
    std::size_t   number = 0;
    for (const auto & row : drawn.rows)
      for (auto & cells = kept.rows.emplace_back(); const auto & cell : row.cells)
      {
        auto & one = cells.emplace_back(ReportGallery::Cell{ {}, cell.lines, cell.mark });
        if (cell.patch.voxels.empty())
          continue;
        one.picture = m_Folder / "pictures" / Concat(stem, "-", ++number, ".png");
        WritePicture(RenderPatch(cell, m_Look.Plane(), width), one.picture);
      }
    return kept;
  }

  ReportInput &              m_Input;
  const PlannedTarget &      m_Target;
  const PatchCache &         m_Cache;
  std::filesystem::path      m_Folder;
  PatchLook                  m_Look;
  std::vector<ArmRun>        m_Run;
};

} // namespace serval
