#include "serval/Core/FolderLock.h"

#include "serval/Core/Error.h"

#include <fcntl.h>
#include <sys/file.h>
#include <unistd.h>

#include <cerrno>
#include <cstring>

namespace serval
{

FolderLock::FolderLock(const std::filesystem::path & folder)
  : m_File(::open((folder / ".serval-lock").c_str(), O_RDWR | O_CREAT | O_CLOEXEC, 0666))
{
  Require(m_File >= 0, Fault::Environment, "cannot write into the folder '", folder.string(), "': ", std::strerror(errno));
  const bool isOurs = ::flock(m_File, LOCK_EX | LOCK_NB) == 0;
  if (!isOurs)
    ::close(m_File);
  Require(isOurs, Fault::Environment, "another run works in '", folder.string(), "'; wait for its end or take another folder");
}

FolderLock::~FolderLock() { ::close(m_File); }

} // namespace serval
