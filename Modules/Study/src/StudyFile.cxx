#include "serval/Study/StudyFile.h"

#include "serval/Core/AtomicFile.h"
#include "serval/Core/Error.h"
#include "serval/Core/Text.h"

#include <toml++/toml.h>

#include <algorithm>
#include <set>
#include <sstream>

namespace serval
{
namespace
{

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
  Words Options(const std::string & key)
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
  void Allow(const std::string & key) { m_Known.push_back(key); }
  void Finish() const
  {
    for (const auto & [key, node] : m_Table)
    {
      const std::string name(key.str());
      const bool        known = std::find(m_Known.begin(), m_Known.end(), name) != m_Known.end();
      const auto        near = NearestWord(name, m_Known);
      Require(known, Fault::Input, m_Name, ": unknown key '", name, "'", near.empty() ? "" : "; did you mean '" + near + "'?");
    }
  }

private:
  std::string Text(const toml::node & node, const std::string & key) const
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

  const toml::table &      m_Table;
  std::string              m_Name;
  std::vector<std::string> m_Known;
};

StudyArm::Strategy StrategyFrom(const std::string & text, const std::string & arm)
{
  if (text == "scratch")
    return StudyArm::Strategy::Scratch;
  if (text == "off-the-shelf")
    return StudyArm::Strategy::OffTheShelf;
  Require(text == "fine-tuning", Fault::Input, "arm '", arm, "': the strategy '", text,
          "' is unknown; scratch, off-the-shelf and fine-tuning are known");
  return StudyArm::Strategy::FineTuning;
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

StudySource ReadSource(const toml::table & table)
{
  Section     section(table, "[[source]]");
  StudySource source;
  source.name = section.Need<std::string>("name");
  source.text = section.Get<std::string>("text", source.name);
  source.labels = section.Need<std::string>("labels");
  source.names = section.List<std::string>("names");
  source.merge = section.Get<std::string>("merge", "");
  source.segment = section.Options("segment");
  source.steps = static_cast<int>(section.Get<std::int64_t>("steps", 150));
  section.Finish();
  Require(source.labels == "expert" || source.labels == "threshold", Fault::Input, "source '", source.name, "': labels are '",
          source.labels, "'; expert or threshold is expected");
  Require(source.names.size() >= 2, Fault::Input, "source '", source.name, "': names of two labels or more are expected");
  Require(source.labels == "threshold" || source.segment.empty(), Fault::Input, "source '", source.name,
          "': segment belongs to labels = \"threshold\"");
  return source;
}

StudyArm ReadArm(const toml::table & table)
{
  Section  section(table, "[[arm]]");
  StudyArm arm;
  arm.name = section.Need<std::string>("name");
  arm.text = section.Get<std::string>("text", arm.name);
  arm.strategy = StrategyFrom(section.Need<std::string>("strategy"), arm.name);
  arm.source = section.Get<std::string>("source", "");
  arm.steps = static_cast<int>(section.Get<std::int64_t>("steps", 150));
  arm.options = section.Options("options");
  arm.layers = section.Get<std::string>("layers", arm.layers);
  section.Finish();
  const bool scratch = arm.strategy == StudyArm::Strategy::Scratch;
  Require(scratch == arm.source.empty(), Fault::Input, "arm '", arm.name, "': ", scratch ? "scratch has no source" : "a source is missing");
  return arm;
}

void CheckNames(const StudyFile & study)
{
  std::set<std::string> names;
  const auto            check = [&](const std::string & kind, const std::string & name) {
    const bool plain = !name.empty() && std::all_of(name.begin(), name.end(), [](unsigned char c) { return std::isalnum(c) || c == '-' || c == '_'; });
    Require(plain, Fault::Input, kind, " '", name, "': names are made of letters, digits, - and _");
    Require(names.insert(kind + name).second, Fault::Input, kind, " '", name, "' stands twice");
  };
  for (const auto & source : study.sources)
    check("source", source.name);
  for (const auto & arm : study.arms)
  {
    check("arm", arm.name);
    if (!arm.source.empty())
      study.Source(arm.source);
  }
  Require(!study.arms.empty(), Fault::Input, "the study has no [[arm]]");
  for (const auto & baseline : study.baselines)
    Require(names.contains("arm" + baseline), Fault::Input, "compare.baselines: there is no arm '", baseline, "'");
}

} // namespace

const StudySource & StudyFile::Source(const std::string & name) const
{
  for (const auto & source : sources)
    if (source.name == name)
      return source;
  Fail(Fault::Input, "there is no [[source]] '", name, "'");
}

StudyFile StudyFile::Read(const std::filesystem::path & file)
{
  toml::table root;
  try
  {
    root = toml::parse(ReadTextFile(file, 1 << 24), file.string());
  }
  catch (const toml::parse_error & e)
  {
    std::ostringstream where;
    where << e.source().begin;
    Fail(Fault::Input, "'", file.string(), "', ", where.str(), ": ", e.description());
  }
  const toml::table empty;
  const auto        table = [&](const char * key) -> const toml::table & { return root[key].as_table() ? *root[key].as_table() : empty; };
  Section           top(root, "'" + file.string() + "'");
  StudyFile         study;
  Require(top.Need<std::string>("schema") == "serval-study/1", Fault::Input, "'", file.string(), "': schema serval-study/1 is expected");
  study.title = top.Need<std::string>("title");
  study.question = top.Get<std::string>("question", "");
  study.note = top.Get<std::string>("note", "");
  study.seed = static_cast<std::uint64_t>(top.Get<std::int64_t>("seed", 1));
  study.pictures = static_cast<int>(top.Get<std::int64_t>("pictures", 2));
  study.patches = top.Options("patches");
  study.network = top.Options("network");
  study.training = top.Options("training");
  for (const char * key : { "data", "design", "compare", "source", "arm" })
    top.Allow(key);
  Section data(table("data"), "[data]"), design(table("design"), "[design]"), compare(table("compare"), "[compare]");
  study.manifest = std::filesystem::absolute(file).parent_path() / data.Need<std::string>("manifest");
  study.testPatients = static_cast<int>(data.Need<std::int64_t>("testPatients"));
  for (const auto size : design.List<std::int64_t>("trainPatients"))
    study.trainPatients.push_back(static_cast<int>(size));
  study.repeats = static_cast<int>(design.Get<std::int64_t>("repeats", 1));
  study.baselines = compare.List<std::string>("baselines");
  for (auto * section : { &data, &design, &compare })
    section->Finish();
  for (const auto * source : Tables(root, "source"))
    study.sources.push_back(ReadSource(*source));
  for (const auto * arm : Tables(root, "arm"))
    study.arms.push_back(ReadArm(*arm));
  top.Finish();
  Require(!study.trainPatients.empty() && study.repeats >= 1 && study.testPatients >= 1, Fault::Input, "'", file.string(),
          "': design.trainPatients, design.repeats and data.testPatients must be positive");
  CheckNames(study);
  return study;
}

} // namespace serval
