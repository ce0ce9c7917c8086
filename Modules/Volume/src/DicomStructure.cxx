#include "DicomStructure.h"

#include "serval/Core/Error.h"

#include <array>
#include <cstdint>
#include <fstream>
#include <string>
#include <string_view>

namespace serval
{
namespace
{

constexpr std::uint32_t undefinedLength = 0xffffffff;
constexpr std::uint32_t itemTag = 0xfffee000, itemEndTag = 0xfffee00d, sequenceEndTag = 0xfffee0dd, pixelTag = 0x7fe00010;
constexpr std::uint32_t transferSyntaxTag = 0x00020010;
constexpr int           deepestNesting = 32;

struct Element
{
  std::uint32_t tag = 0, length = 0;
  std::string   type; ///< the two letters; empty where they are implicit
};

class Walker
{
public:
  explicit Walker(const std::filesystem::path & file)
    : m_File(file)
    , m_Stream(file, std::ios::binary)
    , m_Size(std::filesystem::file_size(file))
  {}

  void Walk()
  {
    m_At = 132;
    const std::string syntax = WalkMeta();
    if (syntax == "1.2.840.10008.1.2.2" || syntax == "1.2.840.10008.1.2.1.99") // big endian and deflated: to GDCM
      return;
    const bool isImplicit = syntax == "1.2.840.10008.1.2";
    while (m_At < m_Size)
      Skip(Next(isImplicit), isImplicit, 0);
  }

private:
  void RequireWhole(bool condition) const
  {
    Require(condition, Fault::Input, "the DICOM file '", m_File.string(), "' is truncated or damaged at byte ", m_At, " of ",
            m_Size);
  }

  template <typename T>
  T Read() // DICOM's little endian is ours
  {
    RequireWhole(m_At + sizeof(T) <= m_Size);
    T value{};
    m_Stream.seekg(static_cast<std::streamoff>(m_At)).read(reinterpret_cast<char *>(&value), sizeof(T));
    RequireWhole(m_Stream.good());
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
    const auto letters = Read<std::array<char, 2>>();
    element.type.assign(letters.data(), 2);
    RequireWhole(letters[0] >= 'A' && letters[0] <= 'Z' && letters[1] >= 'A' && letters[1] <= 'Z');
    static constexpr std::string_view longTypes = "OB OD OF OL OV OW SQ SV UC UN UR UT UV";
    if (longTypes.find(element.type) == std::string_view::npos)
      element.length = Read<std::uint16_t>();
    else
    {
      Read<std::uint16_t>();
      element.length = Read<std::uint32_t>();
    }
    return element;
  }

  std::string WalkMeta()
  {
    std::string syntax;
    while (m_At < m_Size)
    {
      const std::uint64_t start = m_At;
      if (Read<std::uint16_t>() != 2)
      {
        m_At = start;
        break;
      }
      m_At = start;
      const Element element = Next(false);
      RequireWhole(m_At + element.length <= m_Size);
      if (element.tag == transferSyntaxTag)
      {
        syntax.resize(element.length);
        m_Stream.seekg(static_cast<std::streamoff>(m_At)).read(syntax.data(), element.length);
        syntax = syntax.c_str(); // padded with a zero
      }
      m_At += element.length;
    }
    RequireWhole(!syntax.empty() && m_At < m_Size);
    return syntax;
  }

  void Skip(const Element & element, bool isImplicit, int depth)
  {
    RequireWhole(depth < deepestNesting);
    if (element.length != undefinedLength)
    {
      RequireWhole(m_At + element.length <= m_Size);
      m_At += element.length;
    }
    else if (element.tag == pixelTag)
      SkipFragments();
    else
      SkipItems(isImplicit || element.type == "UN", depth);
  }

  void SkipFragments()
  {
    for (;;)
    {
      const Element item = Next(true);
      RequireWhole((item.tag == itemTag || item.tag == sequenceEndTag) && m_At + item.length <= m_Size);
      m_At += item.length;
      if (item.tag == sequenceEndTag)
        return;
    }
  }

  void SkipItems(bool isImplicit, int depth)
  {
    for (;;)
    {
      const Element item = Next(true);
      if (item.tag == sequenceEndTag)
        return;
      RequireWhole(item.tag == itemTag);
      if (item.length != undefinedLength)
      {
        RequireWhole(m_At + item.length <= m_Size);
        m_At += item.length;
        continue;
      }
      for (Element inner = Next(isImplicit); inner.tag != itemEndTag; inner = Next(isImplicit))
        Skip(inner, isImplicit, depth + 1);
    }
  }

  const std::filesystem::path & m_File;
  std::ifstream                 m_Stream;
  std::uint64_t                 m_Size = 0, m_At = 0;
};

} // namespace

bool IsDicomFile(const std::filesystem::path & file)
{
  std::ifstream stream(file, std::ios::binary);
  char          magic[4]{};
  stream.seekg(128).read(magic, 4);
  return stream.good() && std::string_view(magic, 4) == "DICM";
}

void RequireWholeDicom(const std::filesystem::path & file) { Walker(file).Walk(); }

} // namespace serval
