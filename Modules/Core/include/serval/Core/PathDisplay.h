#pragma once

#include <filesystem>
#include <string>
#include <string_view>

namespace serval
{

/// The names of a hospital's files and folders hold patients' names. Messages, tables and logs therefore show a short
/// keyed hash of such a path; the whole path is shown only when a person at a terminal asks for it (--showPaths).
void ShowWholePaths(bool isWhole);

/// The key of the hashes; without it each process draws its own, so that names cannot be guessed from them.
void SetPathDisplayKey(const std::string & key);

/// `file-3f2a91c0.dcm` or `folder-77b1e02d`, or the whole path after ShowWholePaths(true).
std::string Shown(const std::filesystem::path & path);

/// Whether a message holds such a hash in place of a path.
bool HidesPath(std::string_view message);

/// A short keyed hash of any other identifying text (a UID, a patient's id): 8 hexadecimal digits, or the text itself
/// after ShowWholePaths(true).
std::string ShownText(const std::string & text);

} // namespace serval
