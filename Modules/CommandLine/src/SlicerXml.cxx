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
  else
  {
    if (p.letter)
      xml += Concat("      <flag>", p.letter, "</flag>\n");
    xml += "      <longflag>" + p.name + "</longflag>\n";
  }
  xml += "      <description>" + EscapeXml(p.description) + "</description>\n      <label>" + LabelOf(p.name) + "</label>\n";
  const std::string value = p.get();
  if (p.channel == Channel::None && (!value.empty() || element == "string"))
    xml += "      <default>" + EscapeXml(value) + "</default>\n";
  if (p.channel != Channel::None)
    xml += Concat("      <channel>", p.channel == Channel::Input ? "input" : "output", "</channel>\n");
  xml += Constraints(p);
  if (element == "string-enumeration")
    for (const auto & choice : p.choices)
      xml += "      <element>" + EscapeXml(choice) + "</element>\n";
  return xml + "    </" + element + ">\n";
}

std::string Wrapped(const std::string & text, std::size_t indent, std::size_t width)
{
  std::string wrapped;
  std::size_t column = indent;
  for (const auto & word : Split(text, ' '))
  {
    if (column + word.size() + 1 > width && column > indent)
    {
      wrapped += "\n" + std::string(indent, ' ');
      column = indent;
    }
    else if (column > indent)
    {
      wrapped += ' ';
      ++column;
    }
    wrapped += word;
    column += word.size();
  }
  return wrapped;
}

std::string Placeholder(const Parameter & p)
{
  switch (p.kind)
  {
    case Kind::Boolean: return {};
    case Kind::Integer: return " N";
    case Kind::Double: return " X";
    case Kind::String: return p.choices.empty() ? " TEXT" : " " + Join(p.choices, "|");
    case Kind::Path: return p.data == "directory" ? " FOLDER" : " FILE";
    case Kind::Paths: return " FILE (may be repeated)";
    case Kind::IntegerVector: return " N,N,…";
    case Kind::DoubleVector: return " X,X,…";
    case Kind::StringVector: return " A,B,…";
  }
  return {};
}

std::string HelpOf(const Parameter & p)
{
  const std::string name = p.index >= 0 ? "  " + p.name : "  --" + p.name + Placeholder(p);
  std::string       text = p.description;
  if (p.required)
    text += " (needed)";
  else if (const auto value = p.get(); p.kind != Kind::Boolean && !value.empty())
    text += " [" + value + "]";
  return name + "\n      " + Wrapped(text, 6, 100) + "\n";
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
      xml += Concat("  <parameters", p.advanced ? " advanced=\"true\"" : "", ">\n    <label>", EscapeXml(p.group),
                    "</label>\n    <description>", EscapeXml(p.group), "</description>\n");
      open = p.group;
    }
    xml += ParameterXml(p);
  }
  return xml + "  </parameters>\n</executable>\n";
}

std::string HelpText(const Description & d, const Parameters & parameters, bool asVerb)
{
  std::vector<const Parameter *> positional;
  for (const auto & p : parameters.All())
    if (p.index >= 0)
      positional.push_back(&p);
  std::sort(positional.begin(), positional.end(), [](auto a, auto b) { return a->index < b->index; });
  std::string text = d.title + "\n\n" + Wrapped(d.text, 0, 100) + "\n\nUsage: ";
  text += (asVerb ? "serval " + d.verb : d.name) + " [options]";
  for (const auto * p : positional)
    text += p->required ? ' ' + p->name : " [" + p->name + ']';
  text += "\n";
  std::string open;
  for (const auto & p : parameters.All())
  {
    if (p.group != open)
      text += "\n" + (open = p.group) + ":\n";
    text += HelpOf(p);
  }
  return text + "\nAlso: --help -h, --xml (description for 3D Slicer), --version, --echo (show the parameters as understood),\n"
                "--showPaths (at a terminal: messages show whole paths and identifiers of patients).\n"
                "Exit codes: 0 done, 2 usage, 3 input, 4 environment, 5 internal, 6 done but some cases were left out.\n";
}

} // namespace serval::app
