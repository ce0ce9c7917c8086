#include "StudyFields.h"

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

std::string PlaceOf(const toml::node & node, const std::filesystem::path & file)
{
  const auto begin = node.source().begin;
  return begin.line == 0 ? Concat("'", file.string(), "'") : Concat("'", file.string(), "', line ", begin.line, ", column ", begin.column);
}

void RequirePlainName(const std::string & kind, const std::string & name)
{
  const bool plain = !name.empty() && std::all_of(name.begin(), name.end(), [](unsigned char c) { return std::isalnum(c) || c == '-' || c == '_'; });
  Require(plain, Fault::Input, kind, " '", name, "': names are made of letters, digits, - and _");
}

std::string WordOf(const toml::node & node, const std::string & place)
{
  if (const auto * array = node.as_array())
  {
    Words items;
    for (const auto & item : *array)
      items.push_back(WordOf(item, place));
    return Join(items, ",");
  }
  if (const auto text = node.value_exact<std::string>())
    return *text;
  if (const auto whole = node.value_exact<std::int64_t>())
    return std::to_string(*whole);
  if (const auto number = node.value_exact<double>())
    return FormatNumber(*number);
  if (const auto flag = node.value_exact<bool>())
    return *flag ? "true" : "false";
  Fail(Fault::Input, place, ": neither text nor number nor a list of them");
}

Words OptionsOf(const toml::table & table, const std::filesystem::path & file)
{
  Words words;
  for (const auto & [name, node] : table)
  {
    if (node.is_boolean() && !*node.value<bool>())
      continue;
    words.push_back("--" + std::string(name.str()));
    if (!node.is_boolean())
      words.push_back(WordOf(node, PlaceOf(node, file)));
  }
  return words;
}

std::string StudyFields::Place() const { return m_Table ? PlaceOf(*m_Table, m_File) + ", " + m_Name : m_Name; }

const toml::node * StudyFields::Find(const std::string & key, nlohmann::json schema)
{
  m_Last = key;
  m_Properties[key] = std::move(schema);
  return m_Table ? m_Table->get(key) : nullptr;
}

void StudyFields::WrongType(const toml::node & node, const std::string & expected) const
{
  Fail(Fault::Input, PlaceOf(node, m_File), ": '", m_Last, "' has a value of the wrong type; ", expected, " is expected");
}

StudyFields & StudyFields::Add(const std::string & key, std::string * member, const std::string & text)
{
  if (const auto * node = Find(key, { { "type", "string" }, { "description", text }, { "default", *member } }))
  {
    if (!node->is_string())
      WrongType(*node, "text");
    *member = **node->as_string();
  }
  return *this;
}

StudyFields & StudyFields::Add(const std::string & key, int * member, const std::string & text)
{
  if (const auto * node = Find(key, { { "type", "integer" }, { "description", text }, { "default", *member } }))
  {
    const auto value = node->value_exact<std::int64_t>();
    if (!value || *value < -2147483647 || *value > 2147483647)
      WrongType(*node, "a whole number");
    *member = static_cast<int>(*value);
  }
  return *this;
}

StudyFields & StudyFields::Add(const std::string & key, double * member, const std::string & text)
{
  if (const auto * node = Find(key, { { "type", "number" }, { "description", text }, { "default", *member } }))
  {
    if (!node->is_number())
      WrongType(*node, "a number");
    *member = *node->value<double>();
  }
  return *this;
}

StudyFields & StudyFields::Add(const std::string & key, bool * member, const std::string & text)
{
  if (const auto * node = Find(key, { { "type", "boolean" }, { "description", text }, { "default", *member } }))
  {
    if (!node->is_boolean())
      WrongType(*node, "true or false");
    *member = **node->as_boolean();
  }
  return *this;
}

StudyFields & StudyFields::Add(const std::string & key, std::filesystem::path * member, const std::string & text)
{
  if (const auto * node = Find(key, { { "type", "string" }, { "description", text + " (relative to the study file)" } }))
  {
    if (!node->is_string())
      WrongType(*node, "a path");
    *member = (std::filesystem::absolute(m_File).parent_path() / **node->as_string()).lexically_normal();
  }
  return *this;
}

StudyFields & StudyFields::Add(const std::string & key, std::vector<std::string> * member, const std::string & text)
{
  if (const auto * node = Find(key, { { "type", "array" }, { "items", { { "type", "string" } } }, { "description", text } }))
  {
    if (!node->is_array())
      WrongType(*node, "a list of texts");
    member->clear();
    for (const auto & item : *node->as_array())
      if (item.is_string())
        member->push_back(**item.as_string());
      else
        WrongType(item, "a list of texts");
  }
  return *this;
}

StudyFields & StudyFields::Add(const std::string & key, std::vector<int> * member, const std::string & text)
{
  if (const auto * node = Find(key, { { "type", "array" }, { "items", { { "type", "integer" } } }, { "description", text } }))
  {
    if (!node->is_array())
      WrongType(*node, "a list of whole numbers");
    member->clear();
    for (const auto & item : *node->as_array())
      if (const auto value = item.value_exact<std::int64_t>())
        member->push_back(static_cast<int>(*value));
      else
        WrongType(item, "a list of whole numbers");
  }
  return *this;
}

StudyFields & StudyFields::Add(const std::string & key, std::map<std::string, std::string> * member, const std::string & text)
{
  if (const auto * node = Find(key, { { "type", "object" }, { "additionalProperties", { { "type", "string" } } }, { "description", text } }))
  {
    if (!node->is_table())
      WrongType(*node, "a table { old = \"new\" }");
    for (const auto & [name, value] : *node->as_table())
      (*member)[std::string(name.str())] = WordOf(value, PlaceOf(value, m_File));
  }
  return *this;
}

StudyFields & StudyFields::AddOptions(const std::string & key, Words * member, const std::string & text)
{
  if (const auto * node = Find(key, { { "type", "object" }, { "description", text } }))
  {
    if (!node->is_table())
      WrongType(*node, "a table of options");
    *member = OptionsOf(*node->as_table(), m_File);
  }
  return *this;
}

StudyFields & StudyFields::AddSeed(const std::string & key, std::uint64_t * member)
{
  if (const auto * node = Find(key, { { "type", "integer" }, { "description", "Seed of all chance" }, { "default", *member } }))
  {
    const auto value = node->value_exact<std::int64_t>();
    if (!value || *value < 0)
      WrongType(*node, "a whole number from 0 on");
    *member = static_cast<std::uint64_t>(*value);
  }
  return *this;
}

StudyFields & StudyFields::AddJoined(const std::string & key, std::string * member, const std::string & text)
{
  if (const auto * node = Find(key, { { "type", { "string", "array" } }, { "description", text }, { "default", *member } }))
    *member = WordOf(*node, PlaceOf(*node, m_File));
  return *this;
}

const toml::node * StudyFields::AddNode(const std::string & key, nlohmann::json schema) { return Find(key, std::move(schema)); }

StudyFields & StudyFields::AddRest(Words * member, const std::string & text)
{
  m_IsOpen = true;
  if (m_Table)
  {
    toml::table rest;
    for (const auto & [key, node] : *m_Table)
      if (!m_Properties.contains(std::string(key.str())))
        rest.insert(key, node);
    *member = OptionsOf(rest, m_File);
  }
  m_Properties["..."] = text;
  return *this;
}

StudyFields & StudyFields::Needed()
{
  m_Needed.push_back(m_Last);
  Require(!m_Table || m_Table->contains(m_Last), Fault::Input, Place(), ": the key '", m_Last, "' is missing");
  return *this;
}

StudyFields & StudyFields::Choices(const std::vector<std::string> & choices)
{
  m_Properties[m_Last]["enum"] = choices;
  const auto * node = m_Table ? m_Table->get(m_Last) : nullptr;
  if (node == nullptr)
    return *this;
  const auto word = WordOf(*node, PlaceOf(*node, m_File));
  const auto near = NearestWord(word, choices);
  Require(std::find(choices.begin(), choices.end(), word) != choices.end(), Fault::Input, PlaceOf(*node, m_File), ": '", m_Last, "' is '", word, "'",
          near.empty() ? "" : "; did you mean '" + near + "'?", "; ", Join(choices, ", "), " are known");
  return *this;
}

StudyFields & StudyFields::Range(double low, double high)
{
  auto & schema = m_Properties[m_Last];
  (schema.contains("items") ? schema["items"] : schema).update({ { "minimum", low }, { "maximum", high } });
  const auto * node = m_Table ? m_Table->get(m_Last) : nullptr;
  const auto   check = [&](const toml::node & one) {
    const auto value = one.value<double>();
    Require(value && *value >= low && *value <= high, Fault::Input, PlaceOf(one, m_File), ": '", m_Last, "' is ", WordOf(one, PlaceOf(one, m_File)), "; ",
            FormatNumber(low), " to ", FormatNumber(high), " is expected");
  };
  if (node && node->is_array())
    for (const auto & item : *node->as_array())
      check(item);
  else if (node)
    check(*node);
  return *this;
}

void StudyFields::Finish() const
{
  if (!m_Table || m_IsOpen)
    return;
  std::vector<std::string> known;
  for (const auto & [key, schema] : m_Properties.items())
    known.push_back(key);
  for (const auto & [key, node] : *m_Table)
  {
    const std::string name(key.str());
    const auto        near = NearestWord(name, known);
    Require(m_Properties.contains(name), Fault::Input, PlaceOf(node, m_File), ", ", m_Name, ": unknown key '", name, "'",
            near.empty() ? "; known are " + Join(known, ", ") : "; did you mean '" + near + "'?");
  }
}

nlohmann::json StudyFields::Schema() const
{
  auto           properties = m_Properties;
  nlohmann::json schema{ { "type", "object" } };
  if (m_IsOpen)
    schema["description"] = properties["..."];
  properties.erase("...");
  schema["properties"] = properties;
  schema["additionalProperties"] = m_IsOpen;
  if (!m_Needed.empty())
    schema["required"] = m_Needed;
  return schema;
}

} // namespace serval
