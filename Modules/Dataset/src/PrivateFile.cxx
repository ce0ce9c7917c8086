#include "serval/Dataset/PrivateFile.h"

#include "serval/Core/Error.h"
#include "serval/Core/PathDisplay.h"

#include <fcntl.h>
#include <unistd.h>

#include <cerrno>
#include <cstring>

namespace serval
{

namespace fs = std::filesystem;

void CreatePrivateFile(const fs::path & file, std::string_view text, std::string_view what)
{
  const int handle = ::open(file.c_str(), O_WRONLY | O_CREAT | O_EXCL | O_CLOEXEC, 0600);
  const int cause = errno;
  Require(handle >= 0 || cause != EEXIST, Fault::Input, what, " '", Shown(file), "' exists and is never overwritten; name another file");
  Require(handle >= 0, Fault::Environment, "cannot create ", what, " '", Shown(file), "': ", std::strerror(cause));
  bool isWritten = true;
  for (std::size_t at = 0; isWritten && at < text.size();)
  {
    const auto count = ::write(handle, text.data() + at, text.size() - at);
    isWritten = count > 0;
    at += isWritten ? static_cast<std::size_t>(count) : 0;
  }
  isWritten = ::fsync(handle) == 0 && isWritten;
  ::close(handle);
  if (!isWritten)
    ::unlink(file.c_str());
  Require(isWritten, Fault::Environment, "cannot write ", what, " '", Shown(file), "'");
}

void RequirePrivate(const fs::path & file, std::string_view what)
{
  std::error_code failure;
  const auto      others = fs::perms::group_all | fs::perms::others_all;
  Require((fs::status(file, failure).permissions() & others) == fs::perms::none, Fault::Input, what, " '", Shown(file),
          "' may be read or written by others; take that away with chmod 600");
}

} // namespace serval
