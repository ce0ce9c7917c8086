#pragma once

#include "serval/Cache/NumberArray.h"

#include <cstdint>
#include <filesystem>
#include <map>
#include <string>
#include <vector>

namespace serval
{

/// Arrays in NumPy's .npz (zip, stored or deflated) or .npy file. Executes nothing: arrays of Python objects are
/// refused.
class NpzFile
{
public:
  /// Fault::Input, naming the file, when it is no such file or damaged. A .npy file holds one array without a name.
  explicit NpzFile(const std::filesystem::path & file);
  std::vector<std::string> Names() const;
  bool                     Has(const std::string & name) const { return m_Members.contains(name); }
  NumberArray              Read(const std::string & name) const;

private:
  struct Member
  {
    std::uint64_t offset = 0, packed = 0, size = 0;
    std::uint32_t checksum = 0;
    bool          isDeflated = false;
  };
  void ListMembers();
  void AddMember(std::uint64_t at);

  std::filesystem::path         m_File;
  std::string                   m_Bytes;
  std::map<std::string, Member> m_Members;
};

} // namespace serval
