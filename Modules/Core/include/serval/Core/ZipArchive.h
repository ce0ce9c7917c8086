#pragma once

#include <cstddef>
#include <filesystem>
#include <memory>
#include <string>
#include <string_view>
#include <vector>

namespace serval
{

/// The entries of a zip archive, each read when it is asked for.
class ZipArchive
{
public:
  /// Fault::Input when the file is no whole archive.
  explicit ZipArchive(const std::filesystem::path & file);
  /// Of bytes that outlive it; `origin` names them in messages.
  ZipArchive(std::string_view bytes, std::string origin);

  std::vector<std::string> Names() const;
  bool                     Has(const std::string & name) const;
  /// Fault::Input where there is no such entry, or it is damaged.
  std::vector<std::byte> Read(const std::string & name) const;

private:
  struct Impl;
  std::string           m_Origin;
  std::shared_ptr<Impl> m_Impl;
};

} // namespace serval
