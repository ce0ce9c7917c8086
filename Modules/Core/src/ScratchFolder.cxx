#include "serval/Core/ScratchFolder.h"

#include "serval/Core/Error.h"

#include <cerrno>
#include <cstdlib>
#include <cstring>
#include <string>

namespace serval
{

ScratchFolder::ScratchFolder()
{
  std::error_code failure;
  std::string     name = (std::filesystem::temp_directory_path(failure) / "serval-XXXXXX").string();
  Require(::mkdtemp(name.data()) != nullptr, Fault::Environment, "cannot make a folder under the temporary folder (TMPDIR): ", std::strerror(errno));
  m_Path = name;
}

ScratchFolder::~ScratchFolder()
{
  std::error_code ignored;
  std::filesystem::remove_all(m_Path, ignored);
}

} // namespace serval
