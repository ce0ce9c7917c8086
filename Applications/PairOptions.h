#pragma once
// `serval cache pair`: the patches of two time points become one.

#include "serval/Cache/PairCaches.h"
#include "serval/CommandLine/Application.h"
#include "serval/Core/Error.h"
#include "serval/Core/Text.h"

#include <nlohmann/json.hpp>

#include <filesystem>
#include <string>

namespace serval
{

struct PairOptions
{
  std::filesystem::path folder;
  std::string           times, pairedAs = "side-by-side";
  bool                  skipUnpaired = false;

  void Declare(app::Parameters & p)
  {
    p.Add("paired", &folder, "Patch cache to write, a case a patient").Out("directory").Optional();
    p.Add("times", &times, "The two time points, as PRE,POST of the manifest's column time_point").Optional();
    p.Add("pairedAs", &pairedAs, "side-by-side: PRE left and POST right in a patch twice as wide along x; channels: those of PRE, then those of POST").Choices({ "side-by-side", "channels" });
    p.Add("skipUnpaired", &skipUnpaired, "Leave out patients who lack a time point or have other patches at one than at the other; else they are refused");
  }

  void Run(app::Context & context, const std::filesystem::path & cache) const
  {
    const auto words = Split(times, ',');
    Require(!folder.empty() && words.size() == 2, Fault::Usage, "pair needs --times PRE,POST (two names) and --paired CACHE");
    std::error_code isNew;
    Require(!std::filesystem::equivalent(cache, folder, isNew), Fault::Usage, "--paired is the cache itself; name a new folder");
    const PatchCache source(cache);
    context.provenance.inputs["cache"] = source.Fingerprint();
    const PairPlan plan{ Trim(words[0]), Trim(words[1]), PairingFrom(pairedAs), skipUnpaired };
    const auto     found = WritePaired(source, plan, context.provenance.ToJson(), folder);
    context.Say(Concat(found.patches, " pairs of ", Counted(found.patients, "patient"), skipUnpaired ? Concat("; ", Counted(found.skipped, "patient"), " left out, they have no pair") : "",
                       found.otherCases > 0 ? Concat("; ", Counted(found.otherCases, "case"), " of other time points left out") : ""));
    if (plan.as == Pairing::SideBySide && found.unlikeScales > 0)
      context.Say(Concat("Note: in ", Counted(found.unlikeScales, "patient"), " the intensities of one time point spread more than three times as far as those of the other; bring the volumes to "
                         "one scale before (prepare-volumes), or pair as channels, which are scaled each by itself"));
    context.WriteNumbers(nlohmann::json{ { "schema", "serval-pairs/1" }, { "patches", found.patches }, { "patients", found.patients }, { "skipped", found.skipped },
                                         { "otherCases", found.otherCases }, { "unlikeScales", found.unlikeScales }, { "fingerprint", PatchCache(folder).Fingerprint() } }.dump());
  }
};

} // namespace serval
