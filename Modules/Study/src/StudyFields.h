#pragma once

#include "serval/Core/Error.h"
#include "serval/Study/StudyFile.h"

#include <nlohmann/json.hpp>
#include <toml++/toml.h>

#include <algorithm>
#include <filesystem>
#include <string>
#include <vector>

namespace serval
{

/// Fault::Input naming file and line of what is wrong.
toml::table ParseToml(const std::filesystem::path & file);

/// "'study.toml', line 12, column 3"
std::string PlaceOf(const toml::node & node, const std::filesystem::path & file);

/// Names become names of files: letters, digits, - and _. Fault::Input otherwise.
void RequirePlainName(const std::string & kind, const std::string & name);

/// One value of TOML as a word of a command line.
std::string WordOf(const toml::node & node, const std::string & place);

/// { count = 8, size = [16,16,16], noAugmentation = true } -> --count 8 --size 16,16,16 --noAugmentation
Words OptionsOf(const toml::table & table, const std::filesystem::path & file);

/// The keys of one table: declared once, read from a file or described as JSON schema. Without a table the members keep
/// their values and only the description is made.
class StudyFields
{
public:
  StudyFields(const toml::table * table, std::string name, std::filesystem::path file)
    : m_Table(table)
    , m_Name(std::move(name))
    , m_File(std::move(file))
  {}

  StudyFields & Add(const std::string & key, std::string * member, const std::string & text);
  StudyFields & Add(const std::string & key, int * member, const std::string & text);
  StudyFields & Add(const std::string & key, double * member, const std::string & text);
  StudyFields & Add(const std::string & key, bool * member, const std::string & text);
  StudyFields & Add(const std::string & key, std::filesystem::path * member, const std::string & text); ///< relative to the file
  StudyFields & Add(const std::string & key, std::vector<std::string> * member, const std::string & text);
  StudyFields & Add(const std::string & key, std::vector<int> * member, const std::string & text);
  StudyFields & Add(const std::string & key, std::map<std::string, std::string> * member, const std::string & text);
  StudyFields & AddOptions(const std::string & key, Words * member, const std::string & text); ///< keys are not checked here
  StudyFields & AddSeed(const std::string & key, std::uint64_t * member);
  /// A list or one word, joined by commas.
  StudyFields & AddJoined(const std::string & key, std::string * member, const std::string & text);
  /// A table that somebody else reads, of this schema.
  const toml::node * AddNode(const std::string & key, nlohmann::json schema);
  /// All keys that are not declared are options: must come last.
  StudyFields & AddRest(Words * member, const std::string & text);

  StudyFields & Needed();                                         ///< the last key
  StudyFields & Choices(const std::vector<std::string> & choices); ///< of the last key
  StudyFields & Range(double low, double high);                    ///< of the last key's numbers

  /// Unknown keys are refused, with the nearest known one.
  void           Finish() const;
  nlohmann::json Schema() const;
  const toml::table * Read() const { return m_Table; }
  std::string    Place() const; ///< of the table

private:
  const toml::node * Find(const std::string & key, nlohmann::json schema);
  [[noreturn]] void  WrongType(const toml::node & node, const std::string & expected) const;

  const toml::table *   m_Table;
  std::string           m_Name;
  std::filesystem::path m_File;
  nlohmann::json        m_Properties = nlohmann::json::object();
  std::vector<std::string> m_Needed;
  std::string           m_Last;
  bool                  m_IsOpen = false;
};

} // namespace serval
