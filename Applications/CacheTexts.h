#pragma once

#include "serval/Cache/CacheCare.h"
#include "serval/CommandLine/Application.h"
#include "serval/Core/Error.h"

#include <nlohmann/json.hpp>

#include <iomanip>
#include <string>
#include <vector>

namespace serval
{

inline std::string MiB(std::uint64_t bytes)
{
  std::ostringstream text;
  text << std::fixed << std::setprecision(1) << double(bytes) / (1 << 20) << " MiB";
  return text.str();
}

/// Lines for people and, for --json, all cases.
inline void ShowCache(app::Context & context, const CacheReport & report)
{
  const auto &   d = report.description;
  nlohmann::json cases = nlohmann::json::array();
  context.Say(Concat(report.patches, " patches of ", d.patch.x, 'x', d.patch.y, 'x', d.patch.z, " voxels, ", d.channels,
                     " channels, ", report.cases.size(), " cases, ", report.shards, " shards, ", MiB(report.bytes),
                     ", compression ", ToText(d.compression), report.hasIndex ? ", with index.h5" : ""));
  context.Say(Concat("sampler ", d.sampler, ", seed ", d.seed, "; a batch of 8 takes ", MiB(8 * report.batchBytes),
                     " of memory as float32"));
  std::size_t broken = 0;
  for (const auto & one : report.cases)
  {
    if (one.state != "whole")
      context.Say(Concat("case ", one.source.caseId, ": ", one.file, " is ", one.state));
    broken += one.state != "whole";
    cases.push_back({ { "case", one.source.caseId },
                      { "patient", one.source.patient },
                      { "class", one.source.className },
                      { "patches", one.patches },
                      { "bytes", one.bytes },
                      { "file", one.file },
                      { "key", one.key },
                      { "state", one.state } });
  }
  context.Say(Concat(report.cases.size() - broken, " cases are whole, ", broken, " are not; ", report.stale.size(),
                     " stale files (", MiB(report.staleBytes), "), ", report.partial, " leftovers, ", report.running,
                     " outputs in work"));
  context.WriteNumbers(nlohmann::json{
    { "schema", "serval-cache-info/1" },
    { "patches", report.patches },
    { "bytes", report.bytes },
    { "shards", report.shards },
    { "stale", report.stale },
    { "staleBytes", report.staleBytes },
    { "leftovers", report.partial },
    { "compression", ToText(d.compression) },
    { "seed", d.seed },
    { "cases", cases } }.dump());
}

/// A line a damage and their JSON; how many there are.
inline std::size_t ShowDamages(app::Context & context, const std::vector<CacheDamage> & damages)
{
  nlohmann::json json = nlohmann::json::array();
  for (const auto & one : damages)
  {
    context.Say(Concat(one.file, one.caseId.empty() ? "" : ", case " + one.caseId, ": ", one.what));
    json.push_back({ { "file", one.file }, { "case", one.caseId }, { "what", one.what } });
  }
  context.WriteNumbers(nlohmann::json{ { "schema", "serval-cache-damage/1" }, { "damaged", json } }.dump());
  return damages.size();
}

} // namespace serval
