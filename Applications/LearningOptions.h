#pragma once
// What the applications that load libservalLearning have in common.

#include "serval/CommandLine/Application.h"
#include "serval/Core/Error.h"
#include "serval/Core/Hash.h"
#include "serval/Core/Text.h"
#include "serval/Dataset/Lineage.h"
#include "serval/Training/Learning.h"

#include <filesystem>
#include <string>
#include <vector>

namespace serval
{

/// Which patients of a cache take part, where tensors are computed, under which key the lineage is kept.
struct LearningOptions
{
  std::filesystem::path cache, patients, key;
  Computing             computing;

  void DeclareInput(app::Parameters & p)
  {
    p.Add("cache", &cache, "Patch cache").In("directory");
    p.Add("patients", &patients, "Text file with the patients that take part, one a line; all when left out").In("file", ".txt").Optional();
  }
  void DeclareComputing(app::Parameters & p)
  {
    p.Group("Computing");
    p.AddDevice(&computing.device);
    p.Add("precision", &computing.precision, "Type of the maps; auto takes bfloat16 where the device computes it fast")
      .Choices({ "auto", "float32", "bfloat16", "float16" });
    p.Add("threads", &computing.threads, "Threads; 0 takes all cores").Range(0, 4096);
    p.Add("key", &key, "Site key file for the model's lineage; created (mode 0600) when it does not exist").Out("file", ".key").Optional();
  }

  /// The patients that take part; the cache's fingerprint and their list go into the provenance.
  std::vector<std::string> Patients(const PatchCache & opened, app::Context & context) const
  {
    context.provenance.inputs["cache"] = opened.Fingerprint();
    if (!patients.empty())
      context.provenance.inputs["patients"] = Sha256OfFile(patients);
    return patients.empty() ? opened.Patients() : ReadPatientList(patients, opened.Patients());
  }

  /// Keyed pseudonyms of the patients; empty without a key.
  std::vector<std::string> Pseudonyms(const std::vector<std::string> & of) const
  {
    std::vector<std::string> pseudonyms;
    if (key.empty())
      return pseudonyms;
    const auto site = SiteKey::OpenOrCreate(key);
    for (const auto & patient : of)
      pseudonyms.push_back(site.PseudonymOf(patient));
    return pseudonyms;
  }

  /// The lineage after these patients were used in `role`, on top of the source's.
  Lineage Extended(const std::string & sourceLineage, const std::vector<std::string> & of, Role role) const
  {
    Lineage lineage;
    if (!sourceLineage.empty())
      lineage.Add(Lineage::FromJson(sourceLineage));
    const auto pseudonyms = Pseudonyms(of);
    if (pseudonyms.empty())
      lineage.MarkIncomplete();
    for (const auto & pseudonym : pseudonyms)
      lineage.Add(pseudonym, role);
    return lineage;
  }
};

} // namespace serval
