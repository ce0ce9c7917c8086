#include "serval/Training/EventFile.h"

#include "Support.h"

#include <gtest/gtest.h>

#include <array>
#include <cstring>

namespace serval
{
namespace
{

// CRC-32C bit by bit (Castagnoli 1993; RFC 3720, appendix B.4).
std::uint32_t SlowCrc(const std::string & text)
{
  std::uint32_t crc = ~0U;
  for (const char c : text)
  {
    crc ^= static_cast<unsigned char>(c);
    for (int bit = 0; bit < 8; ++bit)
      crc = (crc >> 1U) ^ (crc & 1U ? 0x82f63b78U : 0);
  }
  return ~crc;
}

template <typename T>
T Number(const std::string & text, std::size_t at)
{
  T value;
  std::memcpy(&value, text.data() + at, sizeof(value));
  return value;
}

std::uint32_t Unmasked(std::uint32_t masked)
{
  const std::uint32_t rotated = masked - 0xa282ead8U;
  return (rotated >> 17U) | (rotated << 15U);
}

TEST(EventFile, HoldsFramedEvents)
{
  ASSERT_EQ(SlowCrc("123456789"), 0xe3069283U);
  const support::TemporaryFolder folder;
  EventFile                      events(folder / "new");
  events.Add("loss/train", 300, 0.25);
  const auto               text = support::ReadFile(events.File());
  std::vector<std::string> records;
  for (std::size_t at = 0; at < text.size();)
  {
    const auto length = Number<std::uint64_t>(text, at);
    EXPECT_EQ(Unmasked(Number<std::uint32_t>(text, at + 8)), SlowCrc(text.substr(at, 8)));
    records.push_back(text.substr(at + 12, length));
    EXPECT_EQ(Unmasked(Number<std::uint32_t>(text, at + 12 + length)), SlowCrc(records.back()));
    at += 16 + length;
  }
  ASSERT_EQ(records.size(), 2U);
  EXPECT_TRUE(records[0].ends_with("brain.Event:2"));
  const std::string after = "\x10\xac\x02"            // step 300
                            "\x2a\x13\x0a\x11"        // summary, value
                            "\x0a\x0aloss/train\x15"; // tag, number
  EXPECT_EQ(records[1].substr(9, after.size()), after);
  EXPECT_EQ(Number<float>(records[1], records[1].size() - 4), 0.25F);
}

TEST(EventFile, TwoRunsAreTwoFiles)
{
  const support::TemporaryFolder folder;
  const EventFile                a(folder.Path()), b(folder.Path());
  EXPECT_NE(a.File(), b.File());
}

} // namespace
} // namespace serval
