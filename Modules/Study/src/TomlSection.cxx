#include "TomlSection.h"

#include "serval/Core/AtomicFile.h"
#include "serval/Core/Text.h"

#include <cctype>
#include <sstream>

namespace serval
{

toml::table ParseToml(const std::filesystem::path & file)
{
  try
  {
    return toml::parse(ReadTextFile(file, 1 << 24), file.string());
  }
  catch (const toml::parse_error & e)
  {
    std::ostringstream where;
    where << e.source().begin;
    Fail(Fault::Input, "'", file.string(), "', ", where.str(), ": ", e.description());
  }
}

std::vector<const toml::table *> Tables(const toml::table & root, const char * key)
{
  std::vector<const toml::table *> tables;
  const auto *                     array = root[key].as_array();
  Require(array != nullptr || !root.contains(key), Fault::Input, "'", key, "' must be written as [[", key, "]]");
  if (array)
    for (const auto & node : *array)
    {
      Require(node.is_table(), Fault::Input, "'", key, "' must be written as [[", key, "]]");
      tables.push_back(node.as_table());
    }
  return tables;
}

void RequirePlainName(const std::string & kind, const std::string & name)
{
  const bool plain = !name.empty() && std::all_of(name.begin(), name.end(), [](unsigned char c) { return std::isalnum(c) || c == '-' || c == '_'; });
  Require(plain, Fault::Input, kind, " '", name, "': names are made of letters, digits, - and _");
}

Words Section::Options(const std::string & key)
{
  m_Known.push_back(key);
  Words words;
  if (!m_Table.contains(key))
    return words;
  const auto * table = m_Table[key].as_table();
  Require(table != nullptr, Fault::Input, m_Name, ": '", key, "' must be a table of options");
  for (const auto & [name, node] : *table)
  {
    if (node.is_boolean() && !*node.value<bool>())
      continue;
    words.push_back("--" + std::string(name.str()));
    if (!node.is_boolean())
      words.push_back(Text(node, std::string(name.str())));
  }
  return words;
}

void Section::Finish() const
{
  for (const auto & [key, node] : m_Table)
  {
    const std::string name(key.str());
    const bool        known = std::find(m_Known.begin(), m_Known.end(), name) != m_Known.end();
    const auto        near = NearestWord(name, m_Known);
    Require(known, Fault::Input, m_Name, ": unknown key '", name, "'", near.empty() ? "" : "; did you mean '" + near + "'?");
  }
}

std::string Section::Text(const toml::node & node, const std::string & key) const
{
  if (const auto * array = node.as_array())
  {
    Words items;
    for (const auto & item : *array)
      items.push_back(Text(item, key));
    return Join(items, ",");
  }
  if (const auto text = node.value_exact<std::string>())
    return *text;
  if (const auto whole = node.value_exact<std::int64_t>())
    return std::to_string(*whole);
  if (const auto number = node.value_exact<double>())
    return FormatNumber(*number);
  Fail(Fault::Input, m_Name, ": '", key, "' is neither text nor number nor a list of them");
}

} // namespace serval
