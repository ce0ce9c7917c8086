#pragma once

#include <map>
#include <string>
#include <string_view>
#include <vector>

namespace serval::commands
{

/// An element of a small, strict XML document: elements, attributes and text with the five entities, nothing else.
struct XmlElement
{
  std::string                        name, text; ///< text of this element without its children's, unescaped
  std::map<std::string, std::string> attributes;
  std::vector<XmlElement>            children;

  /// The text of the first child of this name; empty when there is none.
  std::string TextOf(std::string_view child) const;
  bool        Has(std::string_view child) const;
};

/// The root element; std::runtime_error names the place where the text is not well-formed.
XmlElement ParseXml(std::string_view text);

} // namespace serval::commands
