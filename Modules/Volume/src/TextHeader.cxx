#include "TextHeader.h"

#include "DicomKind.h"
#include "serval/Core/Error.h"
#include "serval/Core/PathDisplay.h"
#include "serval/Core/Text.h"

#include <algorithm>
#include <bit>
#include <fstream>
#include <set>

namespace serval
{
namespace
{

namespace fs = std::filesystem;

std::string Lower(std::string text)
{
  std::transform(text.begin(), text.end(), text.begin(), [](unsigned char c) { return std::tolower(c); });
  return text;
}

} // namespace

std::string TextHeader::Field(const std::string & name) const
{
  const auto at = fields.find(name);
  return at == fields.end() ? std::string() : at->second;
}

std::string TextHeader::Modality() const
{
  const auto own = Field("modality"), standard = Field("Modality"); // NRRD: modality:=MR; MetaImage: modality = MR, Modality = MET_MOD_MR
  constexpr std::string_view met = "MET_MOD_";
  return KnownModality(!own.empty() ? own.substr(own.front() == '=' ? 1 : 0) : standard.starts_with(met) ? standard.substr(met.size()) : standard);
}

std::optional<std::size_t> TextHeader::RawBegin(std::size_t bytesOfNumber) const
{
  static_assert(std::endian::native == std::endian::little);
  const auto isOff = [&](const char * name) { return Field(name).empty() || Lower(Field(name)) == "false"; };
  bool       isRaw = false;
  if (isNrrd)
    isRaw = Lower(Field("encoding")) == "raw" && (bytesOfNumber == 1 || Lower(Field("endian")) == "little") &&
            !fields.contains("data file") && !fields.contains("datafile") && !fields.contains("byte skip") &&
            !fields.contains("byteskip") && !fields.contains("line skip") && !fields.contains("lineskip");
  else
    isRaw = Field("ElementDataFile") == "LOCAL" && Lower(Field("BinaryData")) == "true" && isOff("CompressedData") &&
            isOff("BinaryDataByteOrderMSB") && isOff("ElementByteOrderMSB") && !fields.contains("HeaderSize");
  return isRaw ? std::optional(end) : std::nullopt;
}

std::optional<TextHeader> ReadTextHeader(const fs::path & path)
{
  constexpr std::streamsize longest = 1 << 20;
  std::ifstream             file(path, std::ios::binary);
  std::string               line(4, '\0');
  file.read(line.data(), 4);
  TextHeader header;
  header.isNrrd = line == "NRRD";
  const char separator = header.isNrrd ? ':' : '=';
  file.seekg(0);
  while (file.tellg() < longest && std::getline(file, line))
  {
    line = Trim(line);
    if (header.isNrrd && line.empty())
      break;
    const auto at = line.find(separator);
    if (line.starts_with('#') || at == std::string::npos)
      continue;
    const std::string name = Trim(line.substr(0, at));
    header.fields[header.isNrrd ? Lower(name) : name] = Trim(line.substr(at + 1));
    if (name == "ElementDataFile")
      break;
  }
  if (!file || (!header.isNrrd && !header.fields.contains("NDims")))
    return std::nullopt;
  header.end = static_cast<std::size_t>(file.tellg());
  return header;
}

void RequireKnownSpace(const TextHeader & header, Placement placement, const fs::path & path)
{
  if (!header.isNrrd)
    return;
  std::string space = Lower(header.Field("space"));
  if (space.ends_with("-time"))
    space.resize(space.size() - 5);
  // ITK 5.2 mirrors left-anterior-superior along the wrong axis: it is not among them.
  static const std::set<std::string> known{ "left-posterior-superior", "lps", "lpst", "right-anterior-superior", "ras", "rast" };
  Require(known.contains(space) || (space.empty() && placement == Placement::Assumed), Fault::Input, Shown(path),
          space.empty() ? " does not name its space" : " lies in the space '" + space + "'",
          ": how it lies in the patient is unknown; left-posterior-superior or right-anterior-superior is expected",
          space.empty() ? ", or the placement assumed, which takes the first" : "");
  const std::string units = Lower(header.Field("space units"));
  Require(units.empty() || units.find("\"mm\"") != std::string::npos || units.find("millimeter") != std::string::npos, Fault::Input,
          Shown(path), " gives lengths in ", units, "; millimetres are expected");
}

std::optional<std::array<double, 9>> AnatomicalDirection(const TextHeader & header, const fs::path & path)
{
  const std::string letters = header.Field("AnatomicalOrientation");
  if (header.isNrrd || letters.empty() || letters.find('?') != std::string::npos || header.fields.contains("TransformMatrix") ||
      header.fields.contains("Orientation") || header.fields.contains("Rotation"))
    return std::nullopt;
  std::array<double, 9> direction{};
  std::set<std::size_t> rows;
  for (std::size_t axis = 0; axis < letters.size() && axis < 3; ++axis)
  {
    const std::size_t forward = std::string_view("RAI").find(letters[axis]), backward = std::string_view("LPS").find(letters[axis]);
    const std::size_t row = std::min(forward, backward);
    if (row < 3 && rows.insert(row).second)
      direction[3 * row + axis] = forward < 3 ? 1 : -1;
  }
  Require(rows.size() == 3, Fault::Input, Shown(path), " has the AnatomicalOrientation '", letters,
          "'; one letter of each pair RL, AP and IS is expected");
  return direction;
}

} // namespace serval
