#pragma once

#include "serval/Core/Error.h"
#include "serval/Study/StudyFile.h"

#include <toml++/toml.h>

#include <algorithm>
#include <filesystem>
#include <string>
#include <vector>

namespace serval
{

/// Fault::Input naming file and line of what is wrong.
toml::table ParseToml(const std::filesystem::path & file);

/// The tables of [[key]]; none when it is missing.
std::vector<const toml::table *> Tables(const toml::table & root, const char * key);

/// Names become names of files: letters, digits, - and _. Fault::Input otherwise.
void RequirePlainName(const std::string & kind, const std::string & name);

/// One table of the file, read with its name for messages; unknown keys are refused at the end.
class Section
{
public:
  Section(const toml::table & table, std::string name)
    : m_Table(table)
    , m_Name(std::move(name))
  {}

  template <typename T>
  T Get(const std::string & key, T fallback)
  {
    m_Known.push_back(key);
    const auto node = m_Table[key];
    if (!node)
      return fallback;
    const auto value = node.value<T>();
    Require(value.has_value(), Fault::Input, m_Name, ": '", key, "' has a value of the wrong type");
    return *value;
  }
  template <typename T>
  T Need(const std::string & key)
  {
    Require(m_Table.contains(key), Fault::Input, m_Name, ": the key '", key, "' is missing");
    return Get<T>(key, T{});
  }
  template <typename T>
  std::vector<T> List(const std::string & key)
  {
    m_Known.push_back(key);
    std::vector<T> values;
    if (!m_Table.contains(key))
      return values;
    const auto * array = m_Table[key].as_array();
    Require(array != nullptr, Fault::Input, m_Name, ": '", key, "' must be a list");
    for (const auto & node : *array)
    {
      const auto value = node.value<T>();
      Require(value.has_value(), Fault::Input, m_Name, ": '", key, "' holds a value of the wrong type");
      values.push_back(*value);
    }
    return values;
  }
  /// A table of options: { count = 8, size = [16,16,16], noAugmentation = true } -> --count 8 --size 16,16,16 ...
  Words Options(const std::string & key);
  void Allow(const std::string & key) { m_Known.push_back(key); }
  void Finish() const;

private:
  std::string Text(const toml::node & node, const std::string & key) const;

  const toml::table &      m_Table;
  std::string              m_Name;
  std::vector<std::string> m_Known;
};

} // namespace serval
