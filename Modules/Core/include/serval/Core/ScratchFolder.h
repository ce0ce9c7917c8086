#pragma once

#include <cstdint>
#include <filesystem>

namespace serval
{

/// A new folder (mode 0700) under the system's temporary folder, removed at the end of the scope.
class ScratchFolder
{
public:
  /// Fault::Environment when it cannot be made.
  ScratchFolder();
  ~ScratchFolder();
  ScratchFolder(const ScratchFolder &) = delete;
  ScratchFolder & operator=(const ScratchFolder &) = delete;

  const std::filesystem::path & Path() const { return m_Path; }

private:
  std::filesystem::path m_Path;
};

} // namespace serval
