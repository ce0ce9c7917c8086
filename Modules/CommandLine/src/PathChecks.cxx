#include "PathChecks.h"

#include "serval/Core/Error.h"
#include "serval/Core/PathDisplay.h"

#include <unistd.h>

#include <cerrno>
#include <cstring>
#include <filesystem>

namespace serval::app
{
namespace
{

namespace fs = std::filesystem;

// Folders and files of a hospital's images are named by patients.
std::string NameOf(const Parameter & p, const fs::path & path)
{
  return p.identifying || p.data == "image" ? Shown(path) : "'" + path.string() + "'";
}

// As it stands in the usage.
std::string WordOf(const Parameter & p) { return p.index >= 0 ? p.name : "--" + p.name; }

// An output that cannot be written is found before the work, not after it.
void CheckOutput(const Parameter & p)
{
  const fs::path path = p.get(), folder = fs::absolute(path).lexically_normal().parent_path();
  const bool     makesFolder = p.data == "directory";
  Require(fs::is_directory(folder) || (makesFolder && fs::is_directory(folder.parent_path())), Fault::Input, WordOf(p), ": the folder ",
          NameOf(p, folder), " does not exist; create it first");
  Require(!fs::is_directory(folder) || ::access(folder.c_str(), W_OK) == 0 || fs::exists(path), Fault::Environment, WordOf(p), ": the folder ",
          NameOf(p, folder), " cannot be written to: ", std::strerror(errno));
  Require(makesFolder || !fs::is_directory(path), Fault::Usage, WordOf(p), ": ", NameOf(p, path), " is a folder; name a file");
}

} // namespace

void CheckPaths(const Parameters & parameters)
{
  for (const auto & p : parameters.All())
  {
    if (p.kind != Kind::Path || p.channel == Channel::None || p.get().empty())
      continue;
    if (p.channel == Channel::Output)
      CheckOutput(p);
    else
      Require(fs::exists(p.get()), Fault::Input, WordOf(p), ": ", NameOf(p, p.get()), " does not exist");
  }
}

} // namespace serval::app
