#include "serval/CommandLine/Application.h"
#include "serval/Core/Error.h"
#include "serval/Core/Text.h"
#include "serval/Network/WeightSources.h"

#include <nlohmann/json.hpp>

namespace serval
{
namespace
{

struct ListSources final : app::Application
{
  std::filesystem::path weights;

  app::Description Describe() const override
  {
    return { "ServalListSources", "sources", "List sources", "Serval.Learning",
             "Lists published weight files that import-weights takes: publisher, file, licence, SHA-256, expected input, and whether they "
             "lie in a folder. Nothing is downloaded." };
  }
  void Declare(app::Parameters & p) override
  {
    p.Add("weights", &weights, "Folder in which to look for the files, at any depth").In("directory").Optional();
  }
  void Run(app::Context & context) override
  {
    auto        json = nlohmann::json::array();
    std::size_t absent = 0;
    for (const auto & one : KnownWeightSources())
    {
      const auto state = weights.empty() ? SourceState::Absent : FindWeights(one, weights).state;
      absent += state == SourceState::Present ? 0 : 1;
      context.Say(one.name + (weights.empty() ? "" : ": " + ToText(state)));
      context.Say("  " + one.file + ", " + one.publisher + "; " + one.licence);
      context.Say("  SHA-256 " + (one.sha256.empty() ? "not published" : one.sha256 + (one.sha256.size() < 64 ? "..." : "")) + "; " + one.address);
      context.Say("  serval import-weights --input " + one.file + " --network " + one.network + " " + one.options);
      json.push_back({ { "name", one.name }, { "network", one.network }, { "file", one.file }, { "publisher", one.publisher }, { "address", one.address },
                       { "licence", one.licence }, { "sha256", one.sha256 }, { "options", one.options }, { "state", ToText(state) } });
    }
    if (!weights.empty())
      context.Say(Concat(absent, " of ", json.size(), " are not there; fetch them from the addresses above, if their licence suits your purpose"));
    context.WriteNumbers(nlohmann::json{ { "schema", "serval-sources/1" }, { "weights", json } }.dump());
  }
};

} // namespace
} // namespace serval

int main(int argc, char ** argv) { return serval::app::Main<serval::ListSources>(argc, argv); }
