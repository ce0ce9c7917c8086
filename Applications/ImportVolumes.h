#pragma once
// The files of a cohort.

#include "ImportSegmentations.h"
#include "serval/CommandLine/Application.h"
#include "serval/Core/Text.h"
#include "serval/Dataset/CohortMatching.h"
#include "serval/Volume/LabelsOnGrid.h"

#include <filesystem>
#include <string>
#include <vector>

namespace serval
{

/// How the volumes of a cohort are written.
struct VolumeOutput
{
  std::string       extension;
  RepairRule        repair;
  bool              skipsFailures = false;
  SegmentationFiles segmentations;
};

/// The expert's labels of one case, on the grid of its volume.
inline void WriteSegmentation(Cohort & cohort, std::size_t index, const Geometry & grid, const VolumeOutput & output, const std::filesystem::path & folder)
{
  CohortCase & one = cohort.cases[index];
  const auto & file = output.segmentations.at(cohort.labels[one.label].id);
  const auto   labels = ReadLabelsOn(grid, file);
  RequireSameGrid(grid, labels.geometry, "the image", Shown(file));
  one.segmentation = "segmentations/" + one.id + output.extension;
  std::filesystem::create_directories(folder / "segmentations");
  WriteLabels(labels, folder / one.segmentation);
}

/// Writes images/CASE.EXTENSION below `folder`; what fails leaves the cohort, or with Fault::Input names all failures.
/// Returns whether every case was written.
inline bool WriteVolumes(app::Context & context, Cohort & cohort, const DicomFolder & found, const VolumeOutput & output,
                         const std::filesystem::path & folder)
{
  std::filesystem::create_directories(folder / "images");
  std::vector<std::string> failures;
  const std::size_t        all = cohort.cases.size();
  for (std::size_t done = 0, i = 0; done < all; ++done)
  {
    const CohortCase one = cohort.cases[i];
    context.progress.Report(0.1 + 0.9 * double(done) / double(all), Concat("Case ", done + 1, " of ", all));
    try
    {
      const Volume volume = ReadSeries(found.series[one.series], output.repair);
      if (!output.segmentations.empty())
        WriteSegmentation(cohort, i, volume.geometry, output, folder);
      WriteVolume(volume, folder / "images" / (one.id + output.extension));
      cohort.seriesOutcomes[one.series].reason = Join(volume.changes, "; ");
      ++i;
    }
    catch (const Error & e)
    {
      Require(e.Kind() == Fault::Input, e.Kind(), "case ", one.id, ": ", e.what());
      failures.push_back("case " + one.id + " (" + cohort.series[one.series].series + "): " + e.what());
      cohort.LeaveOut(i, e.what());
    }
  }
  Require(failures.empty() || output.skipsFailures, Fault::Input, failures.size(), " of ", all,
          " series cannot be read; --onError skip goes on without them: ", Join(failures, "\n  "));
  return failures.empty();
}

} // namespace serval
