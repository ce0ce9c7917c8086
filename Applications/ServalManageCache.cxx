#include "CacheTexts.h"
#include "MatchOptions.h"
#include "PairOptions.h"
#include "PlantOptions.h"
#include "RunSibling.h"
#include "UnionOptions.h"

#include "serval/Cache/CacheCare.h"
#include "serval/CommandLine/Application.h"
#include "serval/Core/Error.h"

namespace serval
{
namespace
{

struct ManageCache final : app::Application
{
  std::string           action = "info";
  std::filesystem::path cache, manifest, candidates, samples;
  MatchOptions          match;
  PairOptions           pair;
  PlantOptions          plant;
  UnionOptions          unite;
  int                   count = 16, threads = 2, packSize = 128;
  double                older = 0;
  bool                  stale = false, dryRun = false;
  std::uint64_t         seed = 1;

  app::Description Describe() const override
  {
    return { "ServalManageCache", "cache", "Manage a patch cache", "Serval.Preparation",
             "Shows, verifies, repairs, packs, samples and prunes a patch cache, takes equally many patches of each class from several, joins several, and joins two time points." };
  }
  void Declare(app::Parameters & p) override
  {
    p.Add("action", &action,
          "info: what it holds; verify: test every byte; repair: make damaged shards again; pack: join small "
          "shards and write index.h5; sample: write random patches as NRRD; match: equally many patches of each class from several sources; union: all patches of several sources as one cache; pair: the patches of two time points become one; plant: the cache again with a mark in its patches; prune: remove leftovers")
      .Choices({ "info", "verify", "repair", "pack", "sample", "match", "union", "pair", "plant", "prune" })
      .Positional(0);
    p.Add("cache", &cache, "Patch cache, a folder NAME.cache").In("directory").Positional(1);
    p.Add("threads", &threads, "Threads of verify").Range(1, 1024);
    p.Group("Repair");
    p.Add("manifest", &manifest, "Manifest that the cache was extracted from").In("file", ".csv").Optional();
    p.Add("candidates", &candidates, "Candidates that the cache was extracted from").In("file", ".csv").Optional();
    p.Group("Pack");
    p.Add("packSize", &packSize, "Largest pack in MiB").Range(1, 100000);
    p.Group("Sample");
    p.Add("samples", &samples, "Folder for the patches and samples.csv").Out("directory").Optional();
    p.Add("count", &count, "Number of patches").Range(1, 1000000);
    p.AddSeed(&seed);
    p.Group("Match and union");
    match.Declare(p);
    unite.Declare(p);
    p.Group("Pair");
    pair.Declare(p);
    p.Group("Plant");
    plant.Declare(p);
    p.Group("Prune");
    p.Add("stale", &stale, "Also remove shards that the cache does not list any more");
    p.Add("older", &older, "Only what is older than this many days").Range(0, 100000);
    p.Add("dryRun", &dryRun, "Name what would be removed, and remove nothing");
  }
  void Run(app::Context & context) override
  {
    if (action == "info")
      ShowCache(context, InspectCache(cache));
    if (action == "verify")
      Verify(context);
    if (action == "repair")
      Repair(context);
    if (action == "pack")
    {
      const auto [before, after] = PackCache(cache, std::uint64_t(packSize) << 20);
      context.Say(Concat(before, " shards became ", after, "; index.h5 holds them all"));
    }
    if (action == "sample")
    {
      Require(!samples.empty(), Fault::Usage, "sample needs --samples FOLDER");
      WriteSamples(PatchCache(cache), static_cast<std::size_t>(count), seed, samples);
    }
    if (action == "match")
      match.Run(context, cache, seed);
    if (action == "pair")
      pair.Run(context, cache);
    if (action == "plant")
      plant.Run(context, cache);
    if (action == "union")
      unite.Run(context, cache, match.others);
    if (action == "prune")
      for (const auto & name : PruneCache(cache, { stale, older, dryRun }))
        context.Say(Concat(dryRun ? "would remove " : "removed ", name));
  }

private:
  void Verify(app::Context & context) const
  {
    const auto damages = ShowDamages(context, VerifyCache(cache, threads));
    Require(damages == 0, Fault::Input, "'", cache.string(), "' is damaged in ", damages,
            " places; `serval cache repair` makes them again");
    context.Say("every byte is as it was written");
  }

  // The extraction tests every shard itself and makes again what is damaged or missing.
  void Repair(app::Context & context) const
  {
    const auto before = VerifyCache(cache, threads);
    for (const auto & one : before)
      context.Say(Concat("damaged: ", one.file, one.caseId.empty() ? "" : ", case " + one.caseId, ": ", one.what));
    const bool onlyIndex = before.size() == 1 && before[0].file == "index.h5";
    if (onlyIndex)
      IndexCache(cache);
    else if (!before.empty())
      ExtractAgain();
    const auto left = ShowDamages(context, VerifyCache(cache, threads));
    Require(left == 0, Fault::Input, "'", cache.string(), "' is still damaged in ", left,
            " places; is this its manifest?");
    context.Say(before.empty() ? "nothing is damaged" : Concat(before.size(), " damaged places repaired"));
  }

  void ExtractAgain() const
  {
    Require(!manifest.empty(), Fault::Usage, "repair needs --manifest, the table that the cache was extracted from");
    std::vector<std::string> words{ "ServalExtractPatches", "--manifest", manifest, "--cache", cache, "--again",
                                    "--progress",           "none" };
    if (!candidates.empty())
      words.insert(words.end(), { "--candidates", candidates });
    Require(RunSibling(words) == 0, Fault::Input, "the extraction that repairs failed; what it said stands above");
  }
};

} // namespace
} // namespace serval

int main(int argc, char ** argv)
{
  return serval::app::Main<serval::ManageCache>(argc, argv);
}
