#include "serval/Volume/ExportDicom.h"

#include "serval/Core/Error.h"
#include "serval/Core/Table.h"
#include "serval/Core/Text.h"

#include <algorithm>

namespace serval
{
namespace
{

CodedEntry ParseCode(const std::string & text, const std::string & where)
{
  const auto parts = Split(text, ':');
  Require(parts.size() == 3, Fault::Input, where, ": the code '", text, "' has not the form VALUE:SCHEME:MEANING, as in 85756007:SCT:Tissue");
  const CodedEntry code{ Trim(parts[0]), Trim(parts[1]), Trim(parts[2]) };
  Require(!code.value.empty() && code.value.size() <= 16 && !code.scheme.empty() && code.scheme.size() <= 16 && !code.meaning.empty() &&
            code.meaning.size() <= 64,
          Fault::Input, where, ": the code '", text, "' has an empty part, or one that is too long (16, 16 and 64 characters)");
  return code;
}

std::uint16_t ParseLabel(const std::string & text, const std::string & where)
{
  const auto number = ParseInteger(Trim(text));
  Require(number && *number >= 0 && *number <= 65535, Fault::Input, where, ": '", text, "' is no label; a whole number 0 to 65535 is expected");
  return static_cast<std::uint16_t>(*number);
}

} // namespace

std::vector<Segment> ReadSegments(const std::filesystem::path & file)
{
  const Table          table = Table::Read(file);
  const std::string    value = table.Find("label") ? "label" : "value";
  std::vector<Segment> segments;
  for (std::size_t row = 0; row < table.Rows(); ++row)
  {
    const std::string where = Concat("'", table.Origin(), "', row ", row + 1);
    Segment           segment;
    segment.label = ParseLabel(table.At(row, value), where);
    segment.name = Trim(table.At(row, "name"));
    for (const auto & [column, code] : { std::pair{ "category", &segment.category }, { "type", &segment.type } })
      if (table.Find(column) && !Trim(table.At(row, column)).empty())
        *code = ParseCode(table.At(row, column), where + ", column " + column);
    const auto isSame = [&](const Segment & other) { return other.label == segment.label; };
    Require(std::none_of(segments.begin(), segments.end(), isSame), Fault::Input, where, ": label ", segment.label, " is named twice");
    segments.push_back(segment);
  }
  return segments;
}

std::vector<Segment> ParseSegments(const std::vector<std::string> & words)
{
  std::vector<Segment> segments;
  for (const auto & word : words)
  {
    const auto colon = word.find(':');
    const auto label = ParseInteger(Trim(word.substr(0, colon)));
    Require(colon != std::string::npos && label && *label > 0 && *label <= 65535 && !Trim(word.substr(colon + 1)).empty(), Fault::Usage, "'", word,
            "' does not name a label; LABEL:NAME is expected, as in 1:liver");
    Segment segment;
    segment.label = static_cast<std::uint16_t>(*label);
    segment.name = Trim(word.substr(colon + 1));
    segments.push_back(segment);
  }
  return segments;
}

std::map<std::uint16_t, double> VolumesOf(const LabelVolume & labels)
{
  const auto &             edge = labels.geometry.spacing;
  std::vector<std::size_t> counts(65536);
  for (const auto label : labels.labels)
    ++counts[label];
  std::map<std::uint16_t, double> volumes;
  for (std::size_t label = 1; label < counts.size(); ++label)
    if (counts[label] > 0)
      volumes[static_cast<std::uint16_t>(label)] = static_cast<double>(counts[label]) * edge.x * edge.y * edge.z / 1000;
  return volumes;
}

std::vector<Segment> SegmentsOf(const LabelVolume & labels, const std::vector<Segment> & named)
{
  std::vector<Segment> segments;
  for (const auto & [label, volume] : VolumesOf(labels))
  {
    const auto found = std::find_if(named.begin(), named.end(), [&](const Segment & s) { return s.label == label; });
    segments.push_back(found != named.end() ? *found : Segment{ .label = label, .name = Concat("label ", label) });
  }
  return segments;
}

SegmentAlgorithm SegmentAlgorithmOf(const std::string & text)
{
  if (text == "automatic")
    return SegmentAlgorithm::Automatic;
  if (text == "semiautomatic")
    return SegmentAlgorithm::Semiautomatic;
  Require(text == "manual", Fault::Usage, "'", text, "' is no way to make labels; automatic, semiautomatic or manual is expected");
  return SegmentAlgorithm::Manual;
}

} // namespace serval
