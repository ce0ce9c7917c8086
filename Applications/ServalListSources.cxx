#include "SourceTables.h"
#include "serval/CommandLine/Application.h"
#include "serval/Core/Error.h"
#include "serval/Core/Text.h"
#include "serval/Dataset/DataSetSources.h"
#include "serval/Network/WeightSources.h"

#include <nlohmann/json.hpp>

namespace serval
{
namespace
{

struct ListSources final : app::Application
{
  std::filesystem::path weights, caches;
  std::string           name;

  app::Description Describe() const override
  {
    return { "ServalListSources", "sources", "List sources", "Serval.Learning",
             "Lists published data sets (those of the survey's Table 1 and others) and weight files to learn from: publisher, licence, how to import "
             "them, and which are there. Nothing is downloaded." };
  }
  void Declare(app::Parameters & p) override
  {
    p.Add("name", &name, "Only this data set or weight file, with all that is known of it");
    p.Add("caches", &caches, "Folder in which to look for imported data sets, NAME.cache, at any depth").In("directory").Optional();
    p.Add("weights", &weights, "Folder in which to look for weight files, at any depth").In("directory").Optional();
  }
  void Run(app::Context & context) override
  {
    RequireKnown();
    nlohmann::json numbers{ { "schema", "serval-sources/2" }, { "dataSets", DataSets(context) }, { "weights", Weights(context) } };
    if (name.empty())
      context.Say("serval sources --name NAME tells how to obtain and import one");
    context.WriteNumbers(numbers.dump());
  }

private:
  void RequireKnown() const
  {
    std::vector<std::string> names;
    for (const auto & one : KnownDataSets())
      names.push_back(one.name);
    for (const auto & one : KnownWeightSources())
      names.push_back(one.name);
    const auto near = NearestWord(name, names);
    Require(name.empty() || KnownDataSet(name) || KnownWeightSource(name), Fault::Usage, "the source '", name, "' is unknown",
            near.empty() ? "; serval sources lists those known" : "; did you mean " + near + "?");
  }

  static void Show(const app::Context & context, const std::string & title, const std::vector<std::vector<std::string>> & rows)
  {
    if (rows.size() < 2)
      return;
    context.Say(title);
    for (const auto & line : Aligned(rows))
      context.Say("  " + line);
  }

  nlohmann::json DataSets(const app::Context & context) const
  {
    std::vector<std::string> names;
    for (const auto & one : KnownDataSets())
      names.push_back(one.name);
    const auto                            found = caches.empty() ? std::map<std::string, ImportedSet>{} : ImportedSets(caches, names);
    auto                                  json = nlohmann::json::array();
    std::vector<std::vector<std::string>> rows{ { "name", "kind", "dim", "images", "classes", "licence", "checked", "state", "fingerprint" } };
    for (const auto & one : KnownDataSets())
    {
      if (!name.empty() && KnownDataSet(name) != &one)
        continue;
      const auto imported = found.contains(one.name) ? found.at(one.name) : ImportedSet{};
      rows.push_back({ one.name, one.kind, std::to_string(one.dimension), one.images, std::to_string(one.classes), one.licence, ExtentOfCheck(one.unchecked),
                       caches.empty() ? "" : imported.state, imported.fingerprint });
      json.push_back(ToJson(one));
      json.back().update({ { "state", imported.state }, { "fingerprint", imported.fingerprint }, { "patches", imported.patches }, { "cacheClasses", imported.classes } });
    }
    Show(context, "Data sets", rows);
    if (const auto * one = KnownDataSet(name))
      for (const auto & line : DetailsOf(*one))
        context.Say(line);
    return json;
  }

  nlohmann::json Weights(const app::Context & context) const
  {
    auto                                  json = nlohmann::json::array();
    std::vector<std::vector<std::string>> rows{ { "name", "file", "publisher", "licence", "SHA-256", "checked", "state" } };
    for (const auto & one : KnownWeightSources())
    {
      if (!name.empty() && KnownWeightSource(name) != &one)
        continue;
      const auto state = ToText(weights.empty() ? SourceState::Absent : FindWeights(one, weights).state);
      rows.push_back({ one.name, one.file, one.publisher, one.licence, one.sha256.empty() ? "not published" : one.sha256.substr(0, 8) + "...", ExtentOfCheck(one.unchecked),
                       weights.empty() ? "" : state });
      json.push_back({ { "name", one.name }, { "network", one.network }, { "file", one.file }, { "publisher", one.publisher }, { "address", one.address },
                       { "licence", one.licence }, { "sha256", one.sha256 }, { "options", one.options }, { "checked", one.checked }, { "unchecked", one.unchecked }, { "state", state } });
    }
    Show(context, "Weights", rows);
    if (const auto * one = KnownWeightSource(name))
      for (const auto & line : { "  SHA-256 (or its first digits): " + (one->sha256.empty() ? "not published" : one->sha256), "  address: " + one->address,
                                 "  checked: " + one->checked, "  not verified: " + (one->unchecked.empty() ? "nothing" : one->unchecked),
                                 "  serval import-weights --input " + one->file + " --network " + one->network + " " + one->options })
        context.Say(line);
    return json;
  }
};

} // namespace
} // namespace serval

int main(int argc, char ** argv) { return serval::app::Main<serval::ListSources>(argc, argv); }
