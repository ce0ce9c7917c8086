#include "DicomElements.h"

#include "DicomBytes.h"
#include "DicomTags.h"
#include "serval/Core/Text.h"

#include <array>
#include <bit>
#include <cmath>
#include <cstring>
#include <memory>
#include <string_view>

namespace serval
{
namespace
{

constexpr std::uint32_t undefinedLength = 0xffffffff;
constexpr std::size_t   longestValue = 1 << 16;
constexpr int           deepestNesting = 32;

struct Element
{
  std::uint32_t    tag = 0, length = 0;
  std::string_view type; ///< the two letters; empty where they are implicit
};

/// How the elements of a data set are written.
struct Encoding
{
  bool isImplicit = false, isBigEndian = false;
};

// The type letters in a static text, so that they outlive the window they were read from; empty when unknown.
std::string_view KnownType(const char * letters)
{
  static constexpr std::string_view types = "AE AS AT CS DA DS DT FD FL IS LO LT OB OD OF OL OV OW PN SH SL SQ SS ST SV TM UC UI "
                                            "UL UN UR US UT UV";
  for (std::size_t at = 0; at < types.size(); at += 3)
    if (types[at] == letters[0] && types[at + 1] == letters[1])
      return types.substr(at, 2);
  return {};
}

bool HasLongLength(std::string_view type)
{
  static constexpr std::string_view longTypes = "OB OD OF OL OV OW SQ SV UC UN UR UT UV";
  return longTypes.find(type) != std::string_view::npos;
}

struct Damage
{
};

class Walker
{
public:
  Walker(DicomBytes & bytes, std::uint64_t start, Encoding encoding)
    : m_Bytes(bytes)
    , m_At(start)
    , m_Encoding(encoding)
  {}

  std::uint64_t At() const { return m_At; }

  /// All elements up to the pixels.
  void Walk(DicomElements & elements, DicomPixels & pixels)
  {
    while (m_At < m_Bytes.Size())
    {
      const Element element = Next(m_Encoding.isImplicit);
      if (element.tag == tag::pixels || element.tag == tag::floatPixels || element.tag == tag::doublePixels)
        return TakePixels(element, pixels);
      Take(element, &elements, m_Encoding.isImplicit, 0);
    }
  }

  /// The transfer syntax of a meta header (group 0002, always explicit and little endian); stops behind it.
  std::string WalkMeta()
  {
    std::string syntax;
    while (m_At < m_Bytes.Size())
    {
      const char * group = Bytes(m_At, 2);
      if (group[0] != 2 || group[1] != 0)
        break;
      const Element element = Next(false);
      if (element.tag == tag::transferSyntax)
        syntax = Trim(std::string(Bytes(m_At, element.length), element.length).c_str()); // padded with a zero
      Pass(element.length);
    }
    RequireWhole(!syntax.empty() && m_At < m_Bytes.Size());
    return syntax;
  }

private:
  static void RequireWhole(bool condition)
  {
    if (!condition)
      throw Damage{};
  }

  const char * Bytes(std::uint64_t offset, std::size_t count)
  {
    const char * bytes = m_Bytes.At(offset, count);
    RequireWhole(bytes != nullptr);
    return bytes;
  }

  void Pass(std::uint64_t length)
  {
    RequireWhole(length <= m_Bytes.Size() - m_At);
    m_At += length;
  }

  template <typename T>
  T Number(const char * bytes) const
  {
    std::array<char, sizeof(T)> own;
    std::copy_n(bytes, sizeof(T), own.begin());
    if (m_Encoding.isBigEndian)
      std::reverse(own.begin(), own.end());
    return std::bit_cast<T>(own);
  }

  template <typename T>
  T Read()
  {
    const T value = Number<T>(Bytes(m_At, sizeof(T)));
    m_At += sizeof(T);
    return value;
  }

  Element Next(bool isImplicit)
  {
    Element    element;
    const auto group = Read<std::uint16_t>();
    element.tag = static_cast<std::uint32_t>(group) << 16 | Read<std::uint16_t>();
    if (isImplicit || group == 0xfffe)
    {
      element.length = Read<std::uint32_t>();
      return element;
    }
    element.type = KnownType(Bytes(m_At, 2));
    RequireWhole(!element.type.empty());
    m_At += 2;
    if (!HasLongLength(element.type))
      element.length = Read<std::uint16_t>();
    else
    {
      m_At += 2;
      element.length = Read<std::uint32_t>();
    }
    return element;
  }

  // Keeps what is used where `keep` is given, and passes over the rest.
  void Take(const Element & element, DicomElements * keep, bool isImplicit, int depth)
  {
    RequireWhole(depth < deepestNesting);
    const tag::Holds holds = keep ? tag::WhatHolds(element.tag) : tag::Holds::Nothing;
    const bool       isUndefined = element.length == undefinedLength;
    if (isUndefined && element.tag == tag::pixels)
      PassFragments(); // of an icon
    else if (isUndefined || holds == tag::Holds::Items)
    {
      std::vector<DicomElements> items;
      TakeItems(element, holds == tag::Holds::Items ? &items : nullptr, isImplicit || element.type == "UN", depth);
      if (!items.empty())
        keep->sequences.emplace_back(element.tag, std::move(items));
    }
    else
    {
      if (holds != tag::Holds::Nothing && element.length > 0 && element.length <= longestValue)
        keep->values.emplace_back(element.tag, ValueText(Bytes(m_At, element.length), element.length, holds));
      Pass(element.length);
    }
  }

  void TakeItems(const Element & sequence, std::vector<DicomElements> * keep, bool isImplicit, int depth)
  {
    const bool isBounded = sequence.length != undefinedLength;
    RequireWhole(!isBounded || sequence.length <= m_Bytes.Size() - m_At);
    const std::uint64_t end = isBounded ? m_At + sequence.length : m_Bytes.Size();
    while (!isBounded || m_At < end)
    {
      const Element item = Next(true);
      if (item.tag == tag::sequenceEnd)
        return;
      RequireWhole(item.tag == tag::item);
      TakeItem(item, keep ? &keep->emplace_back() : nullptr, isImplicit, depth);
    }
  }

  void TakeItem(const Element & item, DicomElements * keep, bool isImplicit, int depth)
  {
    if (item.length != undefinedLength && !keep)
      return Pass(item.length);
    RequireWhole(item.length == undefinedLength || item.length <= m_Bytes.Size() - m_At);
    const std::uint64_t end = item.length == undefinedLength ? m_Bytes.Size() : m_At + item.length;
    while (m_At < end)
    {
      const Element inner = Next(isImplicit);
      if (inner.tag == tag::itemEnd)
        return;
      Take(inner, keep, isImplicit, depth + 1);
    }
    RequireWhole(item.length != undefinedLength);
  }

  void PassFragments()
  {
    for (;;)
    {
      const Element item = Next(true);
      RequireWhole((item.tag == tag::item || item.tag == tag::sequenceEnd) && item.length != undefinedLength);
      Pass(item.length);
      if (item.tag == tag::sequenceEnd)
        return;
    }
  }

  void TakePixels(const Element & element, DicomPixels & pixels)
  {
    pixels.offset = m_At;
    pixels.isBigEndian = m_Encoding.isBigEndian;
    pixels.floatBits = element.tag == tag::floatPixels ? 32 : element.tag == tag::doublePixels ? 64 : 0;
    pixels.isEncapsulated = element.length == undefinedLength;
    if (pixels.isEncapsulated)
      PassFragments();
    else
      Pass(element.length);
    pixels.bytes = m_At - pixels.offset;
    pixels.isThere = true;
  }

  std::string ValueText(const char * bytes, std::size_t length, tag::Holds holds) const
  {
    if (holds == tag::Holds::Text)
    {
      const std::string text(bytes, length);
      return Trim(text.substr(0, text.find('\0')));
    }
    return holds == tag::Holds::Shorts   ? NumbersText<std::uint16_t>(bytes, length)
           : holds == tag::Holds::Longs  ? NumbersText<std::uint32_t>(bytes, length)
                                         : NumbersText<double>(bytes, length);
  }

  template <typename T>
  std::string NumbersText(const char * bytes, std::size_t length) const
  {
    std::vector<std::string> texts;
    for (std::size_t at = 0; at + sizeof(T) <= length; at += sizeof(T))
      texts.push_back(FormatNumber(static_cast<double>(Number<T>(bytes + at))));
    return Join(texts, "\\");
  }

  DicomBytes &  m_Bytes;
  std::uint64_t m_At;
  Encoding      m_Encoding;
};

constexpr std::uint64_t magicAt = 128;

bool HasPreamble(DicomBytes & bytes)
{
  const char * magic = bytes.At(magicAt, 4);
  return magic && std::string_view(magic, 4) == "DICM";
}

// Group 0008, a low element, and a known type or a short implicit length.
bool MayBeBareDataSet(DicomBytes & bytes)
{
  const char * first = bytes.At(0, 8);
  return first && first[0] == 8 && first[1] == 0 && first[3] == 0 &&
         (!KnownType(first + 4).empty() || (first[6] == 0 && first[7] == 0));
}

void WalkFile(const std::filesystem::path & file, DicomContent & content)
{
  auto bytes = std::make_unique<DicomBytes>(file);
  content.isDicom = HasPreamble(*bytes);
  if (!content.isDicom)
  {
    if (!MayBeBareDataSet(*bytes))
      return;
    const bool isImplicit = KnownType(bytes->At(0, 8) + 4).empty();
    Walker(*bytes, 0, { isImplicit, false }).Walk(content.elements, content.pixels);
    content.isDicom = content.elements.Has(tag::sopClass);
    return;
  }
  Walker            meta(*bytes, magicAt + 4, {});
  const std::string syntax = meta.WalkMeta();
  content.pixels.isDeflated = syntax == "1.2.840.10008.1.2.1.99";
  if (content.pixels.isDeflated)
  {
    content.pixels.dataSet = meta.At();
    bytes = OpenDataSet(file, content.pixels);
    if (bytes->Size() == 0)
      throw Damage{};
  }
  Walker(*bytes, meta.At(), { syntax == "1.2.840.10008.1.2", syntax == "1.2.840.10008.1.2.2" }).Walk(content.elements, content.pixels);
}

} // namespace

std::string DicomElements::Text(std::uint32_t tag) const
{
  for (const auto & [own, text] : values)
    if (own == tag)
      return text;
  return {};
}

std::vector<double> DicomElements::Numbers(std::uint32_t tag, std::size_t count) const
{
  std::vector<double> numbers;
  for (const auto & part : Split(Text(tag), '\\'))
    if (const auto number = ParseDouble(Trim(part)); number && std::isfinite(*number))
      numbers.push_back(*number);
  return numbers.size() == count ? numbers : std::vector<double>{};
}

long long DicomElements::Integer(std::uint32_t tag, long long otherwise) const
{
  return ParseInteger(Text(tag)).value_or(otherwise);
}

const std::vector<DicomElements> & DicomElements::Items(std::uint32_t tag) const
{
  static const std::vector<DicomElements> none;
  for (const auto & [own, items] : sequences)
    if (own == tag)
      return items;
  return none;
}

DicomContent ReadDicomContent(const std::filesystem::path & file)
{
  DicomContent content;
  try
  {
    WalkFile(file, content);
  }
  catch (const Damage &)
  {
    content.isDicom = content.isDicom || content.elements.Has(tag::sopClass);
    content.damage = "it ends before its elements do, or they are damaged";
  }
  return content;
}

std::unique_ptr<DicomBytes> OpenDataSet(const std::filesystem::path & file, const DicomPixels & pixels)
{
  auto bytes = std::make_unique<DicomBytes>(file);
  if (pixels.isDeflated)
    bytes = std::make_unique<DicomBytes>(InflateDataSet(*bytes, pixels.dataSet));
  return bytes;
}

bool IsDicomFile(const std::filesystem::path & file)
{
  DicomBytes bytes(file);
  return HasPreamble(bytes) || MayBeBareDataSet(bytes);
}

} // namespace serval
