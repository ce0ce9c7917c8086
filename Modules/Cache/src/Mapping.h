#pragma once

#include "serval/Core/Error.h"

#include <fcntl.h>
#include <sys/mman.h>
#include <unistd.h>

#include <cstddef>
#include <filesystem>
#include <span>
#include <utility>

namespace serval::cache
{

/// A file's bytes, mapped read-only.
class Mapping
{
public:
  explicit Mapping(const std::filesystem::path & file)
  {
    std::error_code failure;
    m_Size = std::filesystem::file_size(file, failure);
    const int handle = failure ? -1 : ::open(file.c_str(), O_RDONLY | O_CLOEXEC);
    Require(handle >= 0, Fault::Input, "cannot read '", file.string(), "': it is missing or not readable");
    void * address = m_Size > 0 ? ::mmap(nullptr, m_Size, PROT_READ, MAP_PRIVATE, handle, 0) : nullptr;
    ::close(handle);
    Require(address != MAP_FAILED, Fault::Environment, "cannot map '", file.string(), "' into memory");
    m_Data = static_cast<const std::byte *>(address);
  }
  Mapping(Mapping && other) noexcept
    : m_Data(std::exchange(other.m_Data, nullptr))
    , m_Size(other.m_Size)
  {}
  ~Mapping()
  {
    if (m_Data)
      ::munmap(const_cast<std::byte *>(m_Data), m_Size);
  }
  std::span<const std::byte> Bytes() const { return { m_Data, m_Size }; }

private:
  const std::byte * m_Data = nullptr;
  std::size_t       m_Size = 0;
};

} // namespace serval::cache
