#pragma once
// What `serval sources` shows: aligned tables, all of one data set, and the caches that were imported from known data sets.

#include "serval/Cache/PatchCache.h"
#include "serval/Core/Error.h"
#include "serval/Dataset/DataSetSources.h"

#include <nlohmann/json.hpp>

#include <algorithm>
#include <filesystem>
#include <map>
#include <string>
#include <utility>
#include <vector>

namespace serval
{

/// Rows as lines, columns wide enough for their longest cell; the first row is the header. Columns with nothing below it are left out.
inline std::vector<std::string> Aligned(const std::vector<std::vector<std::string>> & rows)
{
  std::vector<std::string> lines(rows.size());
  for (std::size_t c = 0; c < rows.front().size(); ++c)
  {
    std::size_t width = 0;
    for (std::size_t r = 1; r < rows.size(); ++r)
      width = std::max(width, rows[r][c].size());
    if (width == 0)
      continue;
    width = std::max(width, rows.front()[c].size());
    for (std::size_t r = 0; r < rows.size(); ++r)
      lines[r] += (lines[r].empty() ? "" : "  ") + rows[r][c] + std::string(width - rows[r][c].size(), ' ');
  }
  for (auto & line : lines)
    line.erase(line.find_last_not_of(' ') + 1);
  return lines;
}

/// How much of an entry was read elsewhere; what was not is told with all of it.
inline std::string ExtentOfCheck(const std::string & unchecked) { return unchecked.empty() ? "all" : "in part"; }

inline std::string ToText(const PublishedFile & file)
{
  return file.name + (file.md5.empty() ? "" : ", MD5 " + file.md5) + (file.sha256.empty() ? "" : ", SHA-256 " + file.sha256);
}

/// What the table has no room for; lines without a text are left out.
inline std::vector<std::string> DetailsOf(const DataSetSource & source)
{
  std::vector<std::pair<std::string, std::string>> details{ { "published", source.published }, { "publisher", source.publisher }, { "obtain", source.obtain } };
  for (const auto & file : source.files)
    details.push_back({ "file", ToText(file) });
  details.insert(details.end(), { { "layout", source.layout }, { "checked", source.checked }, { "not verified", source.unchecked } });
  std::vector<std::string> lines;
  for (const auto & [title, text] : details)
    if (!text.empty())
      lines.push_back("  " + title + ": " + text);
  lines.push_back("  " + ImportCommand(source));
  return lines;
}

inline nlohmann::json ToJson(const DataSetSource & source)
{
  auto files = nlohmann::json::array();
  for (const auto & file : source.files)
    files.push_back({ { "name", file.name }, { "md5", file.md5 }, { "sha256", file.sha256 } });
  return { { "name", source.name },           { "kind", source.kind },         { "dimension", source.dimension }, { "images", source.images },
           { "classes", source.classes },     { "published", source.published }, { "licence", source.licence },   { "publisher", source.publisher },
           { "obtain", source.obtain },       { "layout", source.layout },     { "files", files },                { "checked", source.checked },
           { "unchecked", source.unchecked }, { "import", ImportCommand(source) }, { "surveyed", source.isSurveyed } };
}

/// A cache NAME.cache of a known data set.
struct ImportedSet
{
  std::string state = "absent", fingerprint; ///< present; or why it cannot be read: damaged
  std::size_t patches = 0, classes = 0;
};

inline ImportedSet Opened(const std::filesystem::path & folder)
{
  try
  {
    const PatchCache cache(folder);
    return { "present", cache.Fingerprint(), cache.Patches().size(), cache.Description().classNames.size() };
  }
  catch (const Error &)
  {
    return { "damaged", "", 0, 0 };
  }
}

/// The caches below a folder, by name; of several of one name the first in the order of paths.
inline std::map<std::string, ImportedSet> ImportedSets(const std::filesystem::path & folder, const std::vector<std::string> & names)
{
  std::vector<std::filesystem::path> found;
  for (auto at = std::filesystem::recursive_directory_iterator(folder); at != std::filesystem::recursive_directory_iterator(); ++at)
    if (at->is_directory() && at->path().extension() == ".cache")
    {
      found.push_back(at->path());
      at.disable_recursion_pending();
    }
  std::sort(found.begin(), found.end());
  std::map<std::string, ImportedSet> sets;
  for (const auto & path : found)
    if (const auto name = path.stem().string(); std::find(names.begin(), names.end(), name) != names.end() && !sets.contains(name))
      sets[name] = Opened(path);
  return sets;
}

} // namespace serval
