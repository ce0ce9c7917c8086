#include "serval/Core/PathDisplay.h"

#include "serval/Core/Hash.h"

#include <algorithm>
#include <atomic>
#include <cctype>
#include <mutex>
#include <random>

namespace serval
{
namespace
{

std::atomic<bool> isWholeShown{ false };

std::string RandomKey()
{
  std::random_device random;
  std::string        key;
  for (int i = 0; i < 8; ++i)
    key += std::to_string(random());
  return key;
}

struct DisplayKey
{
  std::mutex  mutex;
  std::string key = RandomKey();
};

DisplayKey & Key()
{
  static DisplayKey key;
  return key;
}

std::string ShortHash(const std::string & text)
{
  const std::scoped_lock lock(Key().mutex);
  return KeyedHash(Key().key, "shown:" + text).substr(0, 8);
}

// Of a name such as "19990101.MUELLER" the extension is part of the name: only known ones are shown.
std::string KnownExtension(const std::filesystem::path & path)
{
  std::string extension = path.extension().string();
  std::transform(extension.begin(), extension.end(), extension.begin(), [](unsigned char c) { return std::tolower(c); });
  for (const char * known : { ".dcm", ".ima", ".nii", ".gz", ".nrrd", ".nhdr", ".mha", ".mhd", ".csv", ".tsv", ".xlsx", ".png",
                              ".jpg", ".h5" })
    if (extension == known)
      return extension == ".gz" && path.stem().extension() == ".nii" ? ".nii.gz" : extension;
  return {};
}

} // namespace

void ShowWholePaths(bool isWhole) { isWholeShown = isWhole; }

void SetPathDisplayKey(const std::string & key)
{
  const std::scoped_lock lock(Key().mutex);
  Key().key = key;
}

std::string Shown(const std::filesystem::path & path)
{
  if (isWholeShown)
    return path.string();
  std::error_code unreadable;
  if (std::filesystem::is_directory(path, unreadable))
    return "folder-" + ShortHash(path.lexically_normal().string());
  return "file-" + ShortHash(path.lexically_normal().string()) + KnownExtension(path);
}

bool HidesPath(std::string_view message)
{
  for (const std::string_view word : { "file-", "folder-" })
    for (auto at = message.find(word); at != message.npos; at = message.find(word, at + 1))
    {
      const auto hash = message.substr(at + word.size(), 8);
      if (hash.size() == 8 && hash.find_first_not_of("0123456789abcdef") == hash.npos)
        return true;
    }
  return false;
}

std::string ShownText(const std::string & text) { return isWholeShown ? text : ShortHash(text); }

} // namespace serval
