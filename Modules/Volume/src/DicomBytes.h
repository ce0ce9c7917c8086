#pragma once

#include <cstddef>
#include <cstdint>
#include <filesystem>
#include <vector>

namespace serval
{

/// The bytes of an open file, or bytes in memory.
class DicomBytes
{
public:
  /// Fault::Environment when the file cannot be opened.
  explicit DicomBytes(const std::filesystem::path & file);
  explicit DicomBytes(std::vector<char> bytes);
  ~DicomBytes();
  DicomBytes(const DicomBytes &) = delete;
  DicomBytes & operator=(const DicomBytes &) = delete;

  std::uint64_t Size() const { return m_Size; }
  /// False when fewer bytes are there.
  bool Copy(std::uint64_t offset, std::size_t bytes, char * to);
  /// `bytes` at `offset`, valid until the next call; null when fewer are there. Reads ahead.
  const char * At(std::uint64_t offset, std::size_t bytes);

private:
  int               m_File = -1;
  std::uint64_t     m_Size = 0, m_Start = 0;
  std::vector<char> m_Window;
};

/// The data set behind the meta header of a deflated file (raw deflate), with the bytes before it kept in front; none when
/// the stream is damaged or grows beyond 1100 times its size.
std::vector<char> InflateDataSet(DicomBytes & file, std::uint64_t start);

} // namespace serval
