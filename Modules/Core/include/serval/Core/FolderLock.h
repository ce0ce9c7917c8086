#pragma once

#include <filesystem>

namespace serval
{

/// One run at a time in a folder (flock on its file .serval-lock); ends with the process, however that ends.
class FolderLock
{
public:
  /// Fault::Environment when another run has it, or the folder cannot be written to.
  explicit FolderLock(const std::filesystem::path & folder);
  ~FolderLock();
  FolderLock(const FolderLock &) = delete;
  FolderLock & operator=(const FolderLock &) = delete;

private:
  int m_File;
};

} // namespace serval
