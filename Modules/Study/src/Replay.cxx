#include "serval/Study/Replay.h"

#include "serval/Core/AtomicFile.h"
#include "serval/Core/Error.h"

#include <algorithm>
#include <set>

namespace serval
{
namespace
{

namespace fs = std::filesystem;

/// The outputs of a cell stand aside while it runs again, and come back at the end.
class SetAside
{
public:
  explicit SetAside(std::vector<fs::path> outputs)
    : m_Outputs(std::move(outputs))
  {
    for (const auto & output : m_Outputs)
    {
      fs::remove_all(Aside(output));
      fs::rename(output, Aside(output));
    }
  }
  ~SetAside()
  {
    std::error_code error;
    for (const auto & output : m_Outputs)
    {
      fs::remove_all(output, error);
      fs::rename(Aside(output), output, error);
    }
  }
  SetAside(const SetAside &) = delete;
  SetAside & operator=(const SetAside &) = delete;

  static fs::path Aside(const fs::path & output) { return output.string() + ".before"; }

private:
  std::vector<fs::path> m_Outputs;
};

std::vector<fs::path> FilesOf(const fs::path & output)
{
  if (!fs::is_directory(output))
    return { output };
  std::vector<fs::path> files;
  for (const auto & entry : fs::recursive_directory_iterator(output))
    if (entry.is_regular_file())
      files.push_back(entry.path());
  std::sort(files.begin(), files.end());
  return files;
}

std::string DifferenceOf(const fs::path & before, const fs::path & after)
{
  if (!fs::exists(before) || !fs::exists(after))
    return fs::exists(before) ? "not made again" : "not there before";
  const auto a = ReadTextFile(before, 1ULL << 36), b = ReadTextFile(after, 1ULL << 36);
  if (a.size() != b.size())
    return Concat(a.size(), " bytes before, ", b.size(), " now");
  const auto at = std::mismatch(a.begin(), a.end(), b.begin());
  return at.first == a.end() ? std::string() : Concat("byte ", at.first - a.begin(), " differs");
}

void Compare(const fs::path & output, const fs::path & folder, std::vector<ReplayedFile> & all)
{
  const auto         aside = SetAside::Aside(output);
  std::set<fs::path> parts;
  for (const auto & root : { aside, output })
    for (const auto & file : FilesOf(root))
      parts.insert(file == root ? fs::path() : file.lexically_relative(root));
  for (const auto & part : parts)
  {
    const auto   after = part.empty() ? output : output / part;
    ReplayedFile one{ after.lexically_proximate(folder), false, DifferenceOf(part.empty() ? aside : aside / part, after) };
    one.isEqual = one.difference.empty();
    all.push_back(std::move(one));
  }
}

} // namespace

std::vector<ReplayedFile> ReplayCell(const StudyPlan & plan, const fs::path & folder, const std::string & id, Progress & progress)
{
  const auto & cell = plan.At(id);
  const auto   states = StatesOf(plan, folder);
  Require(states.at(id).state == CellState::Done, Fault::Input, "the cell '", id, "' is not done; run the study first");
  auto outputs = cell.outputs;
  outputs.push_back(folder / "cells" / id / "done.txt");
  std::vector<ReplayedFile> compared;
  const SetAside            aside(outputs);
  const auto                again = RunCells(plan, folder, 1, progress, { id });
  Require(again.at(id).state == CellState::Done, Fault::Input, "the cell '", id, "' failed when run again: ", again.at(id).reason);
  for (const auto & output : cell.outputs)
    Compare(output, folder, compared);
  return compared;
}

} // namespace serval
