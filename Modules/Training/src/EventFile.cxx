#include "serval/Training/EventFile.h"

#include "serval/Core/Error.h"
#include "serval/Core/Text.h"

#include <isa-l/crc.h>

#include <bit>
#include <chrono>
#include <fstream>

namespace serval
{
namespace
{

template <typename T>
std::string Bytes(T value)
{
  static_assert(std::endian::native == std::endian::little);
  return { reinterpret_cast<const char *>(&value), sizeof(value) };
}

// ISA-L's CRC of iSCSI is CRC-32C without its last inversion.
std::string MaskedCrc(const std::string & text)
{
  auto *              bytes = reinterpret_cast<unsigned char *>(const_cast<char *>(text.data()));
  const std::uint32_t crc = ~crc32_iscsi(bytes, static_cast<int>(text.size()), ~0U);
  return Bytes<std::uint32_t>(((crc >> 15U) | (crc << 17U)) + 0xa282ead8U);
}

// Protocol buffers: fields by number and kind (0 varint, 1 eight bytes, 2 text, 5 four bytes).
std::string Varint(std::uint64_t value)
{
  std::string text;
  for (; value >= 128; value >>= 7U)
    text += static_cast<char>(value | 128U);
  return text + static_cast<char>(value);
}
std::string TextField(unsigned number, const std::string & text) { return Varint(number << 3U | 2U) + Varint(text.size()) + text; }

std::string Event(std::int64_t step, const std::string & what)
{
  const std::chrono::duration<double> now = std::chrono::system_clock::now().time_since_epoch();
  return Varint(1U << 3U | 1U) + Bytes(now.count()) + Varint(2U << 3U) + Varint(static_cast<std::uint64_t>(step)) + what;
}

} // namespace

EventFile::EventFile(const std::filesystem::path & folder)
{
  std::error_code failure;
  std::filesystem::create_directories(folder, failure);
  auto seconds = std::chrono::duration_cast<std::chrono::seconds>(std::chrono::system_clock::now().time_since_epoch()).count();
  do
    m_File = folder / Concat("events.out.tfevents.", seconds++, ".serval");
  while (std::filesystem::exists(m_File, failure));
  Append(Event(0, TextField(3, "brain.Event:2")));
}

void EventFile::Add(const std::string & tag, std::int64_t step, double value)
{
  const auto scalar = TextField(1, tag) + Varint(2U << 3U | 5U) + Bytes(static_cast<float>(value));
  Append(Event(step, TextField(5, TextField(1, scalar))));
}

void EventFile::Append(const std::string & event) const
{
  const auto    length = Bytes<std::uint64_t>(event.size());
  std::ofstream stream(m_File, std::ios::binary | std::ios::app);
  stream << length << MaskedCrc(length) << event << MaskedCrc(event) << std::flush;
  Require(stream.good(), Fault::Environment, "cannot write the events '", m_File.string(), "'; is the disk full, the folder read-only?");
}

} // namespace serval
