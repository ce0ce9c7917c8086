#pragma once

#include <cstddef>
#include <filesystem>
#include <memory>
#include <span>
#include <vector>

struct gzFile_s;

namespace serval
{

bool IsGzip(const std::filesystem::path & path);

/// Bytes of a file, plain or gzip, one after another; several gzip members are read as one.
class ByteStream
{
public:
  explicit ByteStream(const std::filesystem::path & path);
  /// The bytes from place `begin` of the inflated file on; quick where places grow. Fault::Input when the file ends
  /// before `to` is full, or is damaged.
  void Read(std::size_t begin, std::span<std::byte> to);
  /// Fault::Input when the rest is damaged or its checksum is wrong.
  void CheckRest();

private:
  struct Close
  {
    void operator()(gzFile_s * file) const;
  };
  std::filesystem::path            m_Path;
  std::unique_ptr<gzFile_s, Close> m_File;
};

/// A gzip file in memory, still packed, to be inflated in one call (libdeflate, three times zlib's speed).
class PackedFile
{
public:
  explicit PackedFile(const std::filesystem::path & path);
  /// The first bytes of the content, at most `count`.
  std::vector<std::byte> Head(std::size_t count) const;
  /// Length of the content as the file's end states it, modulo 2^32: of the last member, where there are several.
  std::size_t StatedLength() const;
  /// Inflates the first member into `to`. False when it does not fill `to` exactly, or is damaged.
  bool InflateInto(std::span<std::byte> to) const;

private:
  std::filesystem::path        m_Path;
  std::size_t                  m_Length = 0;
  std::unique_ptr<std::byte[]> m_Bytes; // not filled with zeros first
};

} // namespace serval
