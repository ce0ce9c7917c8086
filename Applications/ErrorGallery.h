#pragma once
// The most confident errors of one arm, or of several side by side.

#include "PatchAnswers.h"
#include "PatchPictures.h"
#include "SaliencyFiles.h"

namespace serval
{

struct ErrorGallery
{
  const PatchCache &                 cache;
  PatchPictures &                    pictures;
  std::vector<ArmAnswers>            arms;
  std::vector<std::map<std::size_t, std::filesystem::path>> saliency{}; ///< of each arm, maps by patch; or none
  std::vector<std::string>           classes{};            ///< true ones that are shown; empty: all
  bool                               onePerPatient = false; ///< the most confident error of each patient alone
  std::deque<std::vector<float>>     maps{};               ///< that cells look at

  /// Fault::Input without an error.
  void AddTo(PatchGallery & gallery, std::size_t count)
  {
    const auto all = Errors();
    const auto errors = Chosen(count);
    Require(!errors.empty(), Fault::Input, "there is no error to show: all predictions", classes.empty() ? "" : " of these classes", " are right");
    gallery.note = Concat("The most confident errors of ", all.size(), onePerPatient ? ", one a patient" : "", saliency.empty() ? ". " : "; colour: each arm's saliency. ");
    const bool isOne = arms.size() == 1 && saliency.empty();
    if (isOne)
      gallery.rows.emplace_back();
    else
      gallery.columns = { "patch" };
    for (std::size_t i = 0; i < arms.size() && !isOne; ++i)
      gallery.columns.push_back(arms[i].name);
    for (const auto patch : errors)
      if (isOne)
        gallery.rows[0].cells.push_back(OfOneArm(patch));
      else
        gallery.rows.push_back({ "", OfAllArms(patch) });
    Require(saliency.empty() || !maps.empty(), Fault::Input, "no folder of --saliency has a map of a patch that is shown; map-saliency makes them, with --patches ", Numbers(errors));
  }

  /// The patches that are shown, in their order.
  std::vector<std::size_t> Chosen(std::size_t count) const
  {
    auto                  errors = Errors();
    std::set<std::string> seen;
    if (onePerPatient)
      std::erase_if(errors, [&](auto patch) { return !seen.insert(cache.Cases()[cache.Patches()[patch].caseIndex].patient).second; });
    errors.resize(std::min(errors.size(), count));
    return errors;
  }

  /// As --patches of map-saliency takes them.
  static std::string Numbers(const std::vector<std::size_t> & patches)
  {
    std::vector<std::string> words;
    for (const auto patch : patches)
      words.push_back(std::to_string(patch));
    return Join(words, ",");
  }

private:
  std::vector<std::size_t> Errors() const
  {
    auto errors = ErrorsOf(arms);
    std::erase_if(errors, [this](auto patch) { return !IsWanted(patch); });
    return errors;
  }

  bool IsWanted(std::size_t patch) const
  {
    return classes.empty() || std::any_of(arms.begin(), arms.end(), [&](const auto & arm) {
             const auto * answer = arm.Of(patch);
             return answer && std::find(classes.begin(), classes.end(), answer->truth) != classes.end();
           });
  }

  static std::string Words(const ArmAnswers & arm, const PatchAnswer & answer)
  {
    return Concat(arm.classNames[answer.Decision()], " ", FormatFixed(answer.probabilities[answer.Decision()], 2));
  }

  PatchCell OfOneArm(std::size_t patch)
  {
    const auto & answer = *arms[0].Of(patch);
    auto         cell = pictures.Cell(patch, { Words(arms[0], answer), "truth: " + answer.truth, pictures.NameOf(patch) });
    cell.mark = AnswerMark::Wrong;
    return cell;
  }

  std::vector<PatchCell> OfAllArms(std::size_t patch)
  {
    std::vector<PatchCell> cells{ pictures.Cell(patch, { "", pictures.NameOf(patch) }) };
    for (std::size_t i = 0; i < arms.size(); ++i)
    {
      const auto * answer = arms[i].Of(patch);
      PatchCell    cell = answer && !saliency.empty() ? WithSaliency(i, patch) : PatchCell{};
      cell.lines = { answer ? Words(arms[i], *answer) : "not tested" };
      if (answer)
      {
        cell.mark = arms[i].IsWrong(*answer) ? AnswerMark::Wrong : AnswerMark::Right;
        cells[0].lines[0] = "truth: " + answer->truth;
      }
      cells.push_back(std::move(cell));
    }
    return cells;
  }

  // Words only where the folder has no map of the patch.
  PatchCell WithSaliency(std::size_t arm, std::size_t patch)
  {
    const auto found = saliency[arm].find(patch);
    if (found == saliency[arm].end())
      return {};
    auto cell = pictures.Cell(patch, {});
    cell.heat = maps.emplace_back(ReadSaliency(found->second, static_cast<std::size_t>(cache.Description().patch.Voxels())));
    return cell;
  }
};

} // namespace serval
