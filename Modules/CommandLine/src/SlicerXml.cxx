#include "SlicerXml.h"

#include "serval/Core/Error.h"
#include "serval/Core/Text.h"

#include <algorithm>
#include <cmath>
#include <string_view>

namespace serval::app
{
namespace
{

std::string Element(const Parameter & p)
{
  switch (p.kind)
  {
    case Kind::Boolean: return "boolean";
    case Kind::Integer: return "integer";
    case Kind::Double: return "double";
    case Kind::String: return p.choices.empty() ? "string" : "string-enumeration";
    case Kind::IntegerVector: return "integer-vector";
    case Kind::DoubleVector: return "double-vector";
    case Kind::StringVector: return "string-vector";
    case Kind::Path:
    case Kind::Paths: return p.data == "label" ? "image" : p.data;
  }
  return {};
}

std::string Attributes(const Parameter & p)
{
  std::string text;
  if (p.kind == Kind::Paths)
    text += " multiple=\"true\"";
  if (p.data == "label")
    text += " type=\"label\"";
  if (!p.extensions.empty() && p.data != "directory")
    text += " fileExtensions=\"" + p.extensions + '"';
  if (!p.reference.empty())
    text += " reference=\"" + p.reference + '"';
  return text;
}

// camelCase as words: "learningRate" -> "Learning rate".
std::string LabelOf(const std::string & name)
{
  std::string label;
  for (const char c : name)
  {
    if (std::isupper(static_cast<unsigned char>(c)) && !label.empty())
      label.append({ ' ', static_cast<char>(std::tolower(c)) });
    else
      label += label.empty() ? static_cast<char>(std::toupper(c)) : c;
  }
  return label;
}

std::string Constraints(const Parameter & p)
{
  const bool number = p.kind == Kind::Integer || p.kind == Kind::Double;
  if (!number || !std::isfinite(p.minimum) || !std::isfinite(p.maximum) || p.maximum - p.minimum > 1e9)
    return {};
  const double step = p.kind == Kind::Integer ? 1 : (p.maximum - p.minimum) / 1000;
  return Concat("      <constraints><minimum>", FormatNumber(p.minimum), "</minimum><maximum>",
                FormatNumber(p.maximum), "</maximum><step>", FormatNumber(step), "</step></constraints>\n");
}

std::string ParameterXml(const Parameter & p)
{
  const std::string element = Element(p);
  std::string       xml = "    <" + element + Attributes(p) + ">\n      <name>" + p.name + "</name>\n";
  if (p.index >= 0)
    xml += Concat("      <index>", p.index, "</index>\n");
  else if (!p.isResult) // a result has neither flag nor index: that is how Slicer knows it
  {
    if (p.letter)
      xml += Concat("      <flag>", p.letter, "</flag>\n");
    xml += "      <longflag>" + p.name + "</longflag>\n";
  }
  xml += "      <description>" + EscapeXml(p.description) + "</description>\n      <label>" + LabelOf(p.name) + "</label>\n";
  const std::string value = p.get();
  if (p.channel == Channel::None && (!value.empty() || element == "string"))
    xml += "      <default>" + EscapeXml(value) + "</default>\n";
  if (p.channel != Channel::None || p.isResult)
    xml += Concat("      <channel>", p.channel == Channel::Input ? "input" : "output", "</channel>\n");
  xml += Constraints(p);
  if (element == "string-enumeration")
    for (const auto & choice : p.choices)
      xml += "      <element>" + EscapeXml(choice) + "</element>\n";
  return xml + "    </" + element + ">\n";
}

} // namespace

std::string SlicerXml(const Description & d, const Parameters & parameters)
{
  std::string xml = "<?xml version=\"1.0\" encoding=\"utf-8\"?>\n<executable>\n";
  xml += "  <category>" + EscapeXml(d.category) + "</category>\n  <title>" + EscapeXml(d.title) + "</title>\n";
  xml += "  <description>" + EscapeXml(d.text) + "</description>\n  <version>" + Version() + "</version>\n";
  xml += "  <license>Apache-2.0</license>\n  <contributor>The Serval developers</contributor>\n";
  std::string open;
  for (const auto & p : parameters.All())
  {
    if (p.group != open)
    {
      xml += open.empty() ? "" : "  </parameters>\n";
      xml += Concat("  <parameters advanced=\"", open.empty() ? "false" : "true", "\">\n    <label>", EscapeXml(p.group),
                    "</label>\n    <description>", EscapeXml(p.group), "</description>\n");
      open = p.group;
    }
    xml += ParameterXml(p);
  }
  return xml + "  </parameters>\n</executable>\n";
}

} // namespace serval::app
