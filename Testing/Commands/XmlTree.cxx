#include "XmlTree.h"

#include <algorithm>
#include <cctype>
#include <stdexcept>

namespace serval::commands
{
namespace
{

class Reader
{
public:
  explicit Reader(std::string_view text)
    : m_Text(text)
  {}

  XmlElement Document()
  {
    if (Take("<?xml version=\"1.0\" encoding=\"utf-8\"?>"))
      Blanks();
    auto root = Element();
    Blanks();
    if (m_At != m_Text.size())
      Fail("text after the root element");
    return root;
  }

private:
  [[noreturn]] void Fail(const std::string & what) const
  {
    throw std::runtime_error(what + " at byte " + std::to_string(m_At) + ": " + std::string(m_Text.substr(m_At, 40)));
  }
  bool Take(std::string_view words)
  {
    if (m_Text.substr(m_At, words.size()) != words)
      return false;
    m_At += words.size();
    return true;
  }
  void Blanks()
  {
    while (m_At < m_Text.size() && std::isspace(static_cast<unsigned char>(m_Text[m_At])))
      ++m_At;
  }
  std::string Name()
  {
    std::string name;
    while (m_At < m_Text.size() && (std::isalnum(static_cast<unsigned char>(m_Text[m_At])) || m_Text[m_At] == '-'))
      name += m_Text[m_At++];
    if (name.empty() || !std::isalpha(static_cast<unsigned char>(name[0])))
      Fail("a name is expected");
    return name;
  }
  // Text up to `end`, which is not taken.
  std::string Text(char end)
  {
    static const std::map<std::string_view, char> entities{ { "&amp;", '&' }, { "&lt;", '<' }, { "&gt;", '>' }, { "&quot;", '"' }, { "&apos;", '\'' }, { "&#39;", '\'' } };
    std::string                                   text;
    while (m_At < m_Text.size() && m_Text[m_At] != end)
    {
      if (m_Text[m_At] == '<')
        Fail("a bare <");
      const auto entity = std::find_if(entities.begin(), entities.end(), [this](auto & e) { return m_Text.substr(m_At).starts_with(e.first); });
      if (m_Text[m_At] == '&' && entity == entities.end())
        Fail("a bare &");
      text += entity == entities.end() ? m_Text[m_At] : entity->second;
      m_At += entity == entities.end() ? 1 : entity->first.size();
    }
    return text;
  }
  void Attribute(XmlElement & element)
  {
    const auto name = Name();
    if (!Take("=\""))
      Fail("=\" is expected");
    if (!element.attributes.emplace(name, Text('"')).second)
      Fail("the attribute " + name + " twice");
    if (!Take("\""))
      Fail("an open attribute");
  }
  XmlElement Element()
  {
    if (!Take("<"))
      Fail("an element is expected");
    XmlElement element;
    element.name = Name();
    while (Take(" "))
      Attribute(element);
    if (!Take(">"))
      Fail("> is expected");
    for (;;)
    {
      element.text += Text('<');
      if (Take("</" + element.name + ">"))
        return element;
      if (m_At >= m_Text.size() || m_Text.substr(m_At, 2) == "</")
        Fail(element.name + " is not closed");
      element.children.push_back(Element());
    }
  }

  std::string_view m_Text;
  std::size_t      m_At = 0;
};

} // namespace

std::string XmlElement::TextOf(std::string_view child) const
{
  const auto found = std::find_if(children.begin(), children.end(), [child](auto & c) { return c.name == child; });
  return found == children.end() ? std::string() : found->text;
}

bool XmlElement::Has(std::string_view child) const
{
  return std::any_of(children.begin(), children.end(), [child](auto & c) { return c.name == child; });
}

XmlElement ParseXml(std::string_view text) { return Reader(text).Document(); }

} // namespace serval::commands
