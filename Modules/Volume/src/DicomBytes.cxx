#include "DicomBytes.h"

#include "serval/Core/Error.h"
#include "serval/Core/PathDisplay.h"

#include <fcntl.h>
#include <libdeflate.h>
#include <sys/stat.h>
#include <unistd.h>

#include <algorithm>
#include <cerrno>
#include <cstring>
#include <memory>

namespace serval
{
namespace
{

constexpr std::size_t   readAhead = 32 << 10;
constexpr std::uint64_t largestDeflated = 1ULL << 30;

} // namespace

DicomBytes::DicomBytes(const std::filesystem::path & file)
  : m_File(::open(file.c_str(), O_RDONLY | O_CLOEXEC))
{
  struct stat state{};
  if (m_File < 0 || ::fstat(m_File, &state) != 0)
  {
    const int reason = errno;
    if (m_File >= 0)
      ::close(m_File);
    Fail(Fault::Environment, "'", Shown(file), "' cannot be opened: ", std::strerror(reason));
  }
  m_Size = static_cast<std::uint64_t>(state.st_size);
}

DicomBytes::DicomBytes(std::vector<char> bytes)
  : m_Size(bytes.size())
  , m_Window(std::move(bytes))
{}

DicomBytes::~DicomBytes()
{
  if (m_File >= 0)
    ::close(m_File);
}

bool DicomBytes::Copy(std::uint64_t offset, std::size_t bytes, char * to)
{
  if (offset > m_Size || bytes > m_Size - offset)
    return false;
  if (m_File < 0)
    std::memcpy(to, m_Window.data() + offset, bytes);
  for (std::size_t done = 0; m_File >= 0 && done < bytes;)
  {
    const auto got = ::pread(m_File, to + done, bytes - done, static_cast<off_t>(offset + done));
    if (got <= 0)
      return false;
    done += static_cast<std::size_t>(got);
  }
  return true;
}

const char * DicomBytes::At(std::uint64_t offset, std::size_t bytes)
{
  if (offset > m_Size || bytes > m_Size - offset)
    return nullptr;
  if (offset < m_Start || offset + bytes > m_Start + m_Window.size())
  {
    std::vector<char> window(static_cast<std::size_t>(std::min<std::uint64_t>(std::max(bytes, readAhead), m_Size - offset)));
    if (!Copy(offset, window.size(), window.data()))
      return nullptr;
    m_Window = std::move(window);
    m_Start = offset;
  }
  return m_Window.data() + (offset - m_Start);
}

std::vector<char> InflateDataSet(DicomBytes & file, std::uint64_t start)
{
  const std::uint64_t packedSize = file.Size() - start;
  if (packedSize > largestDeflated)
    return {};
  std::vector<char> packed(static_cast<std::size_t>(file.Size())), whole;
  if (!file.Copy(0, packed.size(), packed.data()))
    return {};
  const std::unique_ptr<libdeflate_decompressor, decltype(&libdeflate_free_decompressor)> owner(
    libdeflate_alloc_decompressor(), &libdeflate_free_decompressor);
  for (std::uint64_t factor = 4; factor < 4096; factor *= 4)
  {
    whole.resize(static_cast<std::size_t>(start + std::min<std::uint64_t>(factor, 1100) * packedSize));
    std::size_t made = 0;
    const auto  result = libdeflate_deflate_decompress(owner.get(), packed.data() + start, static_cast<std::size_t>(packedSize),
                                                       whole.data() + start, whole.size() - start, &made);
    if (result == LIBDEFLATE_INSUFFICIENT_SPACE)
      continue;
    if (result != LIBDEFLATE_SUCCESS)
      return {};
    std::copy_n(packed.begin(), start, whole.begin());
    whole.resize(static_cast<std::size_t>(start) + made);
    return whole;
  }
  return {};
}

} // namespace serval
