#pragma once
// What `serval start` is asked, and what it asks of a table and of folders.

#include "serval/Core/Error.h"
#include "serval/Core/Hash.h"
#include "serval/Core/Table.h"
#include "serval/Core/Text.h"
#include "serval/Volume/DicomFolder.h"

#include <algorithm>
#include <cctype>
#include <filesystem>
#include <string>
#include <vector>

namespace serval
{

/// What the user says; empty or "auto": found out.
struct StartChoices
{
  std::filesystem::path folder, labels, segmentations;
  std::string           join = "auto", idColumn, labelColumn, patientColumn;
  SeriesRule            rule;
  bool                  repairs = false, mergesClasses = false;
};

/// The options of `serval import`, and a hash of what lies in the folders.
struct StartInput
{
  StartChoices choices; ///< all found out
  std::string  hash, summary;
};

/// The first column of the table that has one of the names, in any letter case.
inline std::string ColumnNamed(const Table & table, const std::vector<std::string> & names, const std::string & except = {})
{
  const auto lower = [](std::string text) {
    std::transform(text.begin(), text.end(), text.begin(), [](unsigned char c) { return static_cast<char>(std::tolower(c)); });
    return text;
  };
  for (const auto & name : names)
    for (const auto & column : table.Columns())
      if (lower(column) == name && column != except)
        return column;
  return {};
}

/// Paths, sizes and times of all files: what changes when anything is added, edited or taken away.
inline std::string StateOf(const std::filesystem::path & path)
{
  std::vector<std::string> files;
  const auto               add = [&files](const std::filesystem::path & file) {
    files.push_back(Concat(file.string(), '\t', std::filesystem::file_size(file), '\t', std::filesystem::last_write_time(file).time_since_epoch().count()));
  };
  if (std::filesystem::is_regular_file(path))
    add(path);
  else if (!path.empty())
    for (const auto & entry : std::filesystem::recursive_directory_iterator(path))
      if (entry.is_regular_file())
        add(entry.path());
  std::sort(files.begin(), files.end());
  return Sha256(Join(files, "\n"));
}

} // namespace serval
