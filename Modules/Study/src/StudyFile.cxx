#include "serval/Study/StudyFile.h"

#include "TomlSection.h"
#include "serval/Network/WeightSources.h"

#include <algorithm>
#include <set>

namespace serval
{
namespace
{

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

StudySource CheckWeights(const StudySource & source)
{
  const bool isFile = std::filesystem::path(source.weights).has_extension();
  Require(isFile || KnownWeightSource(source.weights) != nullptr, Fault::Input, "source '", source.name, "': the weights '", source.weights,
          "' are neither a file nor a name that `serval sources` lists");
  Require(!isFile || std::find(source.weightImport.begin(), source.weightImport.end(), "--network") != source.weightImport.end(), Fault::Input,
          "source '", source.name, "': a weight file needs import = { network = \"...\" }");
  Require(source.names.empty() && source.merge.empty() && source.segment.empty(), Fault::Input, "source '", source.name,
          "': names, merge and segment belong to labels");
  return source;
}

StudySource ReadSource(const toml::table & table)
{
  Section     section(table, "[[source]]");
  StudySource source;
  source.name = section.Need<std::string>("name");
  source.text = section.Get<std::string>("text", source.name);
  source.weights = section.Get<std::string>("weights", "");
  source.weightImport = section.Options("import");
  source.labels = section.Get<std::string>("labels", "");
  source.names = section.List<std::string>("names");
  source.merge = section.Get<std::string>("merge", "");
  source.segment = section.Options("segment");
  source.steps = static_cast<int>(section.Get<std::int64_t>("steps", 150));
  section.Finish();
  Require(source.weights.empty() != source.labels.empty(), Fault::Input, "source '", source.name, "': either labels or weights is expected");
  if (source.labels.empty())
    return CheckWeights(source);
  Require(source.weightImport.empty(), Fault::Input, "source '", source.name, "': import belongs to weights");
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
    RequirePlainName(kind, name);
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
  const auto        root = ParseToml(file);
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
  study.weightFolder = std::filesystem::absolute(file).parent_path() / data.Get<std::string>("weights", "weights");
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
