#include "serval/Patches/Forecast.h"

#include "serval/Core/Error.h"
#include "serval/Core/ScratchFolder.h"
#include "serval/Core/Text.h"

#include <nlohmann/json.hpp>

#include <algorithm>
#include <chrono>
#include <optional>
#include <thread>

namespace serval
{
namespace
{

namespace fs = std::filesystem;

std::uint64_t BytesOf(const fs::path & folder)
{
  std::uint64_t bytes = 0;
  for (const auto & entry : fs::directory_iterator(folder))
    bytes += entry.file_size();
  return bytes;
}

/// What one case takes.
struct Sample
{
  std::size_t   patches = 0;
  std::uint64_t bytes = 0;
  double        seconds = 0;
};

Sample Measure(const ExtractionJob & job, const CacheDescription & description)
{
  const ScratchFolder folder;
  const auto       begin = std::chrono::steady_clock::now();
  PatchCacheWriter writer(folder.Path() / "f.cache", description);
  CutCounts        counts;
  const auto       read = job.read();
  auto             patches = read.cut(counts);
  static_cast<CaseSource &>(patches) = read.source;
  writer.Add(patches);
  const std::chrono::duration<double> passed = std::chrono::steady_clock::now() - begin;
  return { patches.Count(), BytesOf(folder.Path() / "f.cache"), passed.count() };
}

Forecast::CaseVerdict Judge(const ExtractionJob & job, PatchCacheWriter * writer)
{
  if (!writer)
    return { job.caseId, "new", false };
  try
  {
    const auto verdict = writer->Look(job.read().source);
    return { job.caseId, verdict.reason, verdict.isUpToDate };
  }
  catch (const Error & e)
  {
    Require(e.Kind() == Fault::Input, e.Kind(), "case ", job.caseId, ": ", e.what());
    return { job.caseId, e.what(), false };
  }
}

// Of the first case that can be made.
Sample MeasureOne(const std::vector<ExtractionJob> & jobs, const Forecast & forecast,
                  const CacheDescription & description)
{
  for (std::size_t n = 0; n < jobs.size(); ++n)
    try
    {
      if (!forecast.cases[n].isUpToDate)
        return Measure(jobs[n], description);
    }
    catch (const Error & e)
    {
      Require(e.Kind() == Fault::Input, e.Kind(), "case ", jobs[n].caseId, ": ", e.what());
    }
  return {};
}

} // namespace

std::string Forecast::ToText() const
{
  return Concat("about ", patches, " patches, ", FormatFixed(double(bytes) / 1e6, 1), " MB, ", FormatFixed(minutes, 2),
                " minutes");
}

std::string Forecast::ToJson() const
{
  nlohmann::json json{
    { "schema", "serval-extraction-forecast/1" }, { "patches", patches }, { "bytes", bytes }, { "minutes", minutes }
  };
  for (const auto & one : cases)
    json["cases"].push_back({ { "case", one.caseId }, { "isUpToDate", one.isUpToDate }, { "reason", one.reason } });
  return json.dump();
}

Forecast ForecastExtraction(const std::vector<ExtractionJob> & jobs, const CacheDescription & description,
                            const fs::path & cache, int threads, Progress & progress)
{
  std::optional<PatchCacheWriter> writer;
  if (fs::exists(cache))
    writer.emplace(cache, description);
  Forecast forecast;
  for (std::size_t n = 0; n < jobs.size(); ++n)
  {
    progress.Report(double(n) / double(jobs.size()), Concat(n, " of ", jobs.size(), " cases"));
    forecast.cases.push_back(Judge(jobs[n], writer ? &*writer : nullptr));
  }
  const auto sample = MeasureOne(jobs, forecast, description);
  const auto count =
    std::count_if(forecast.cases.begin(), forecast.cases.end(), [](const auto & one) { return !one.isUpToDate; });
  const double cores = threads > 0 ? threads : std::max(1U, std::thread::hardware_concurrency());
  forecast.patches = static_cast<std::size_t>(count) * sample.patches;
  forecast.bytes = static_cast<std::uint64_t>(count) * sample.bytes;
  forecast.minutes = sample.seconds * double(count) / std::min(cores, std::max<double>(1, double(count))) / 60;
  return forecast;
}

} // namespace serval
