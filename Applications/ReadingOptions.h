#pragma once
// The options of commands that read volumes: which one, where it lies, and what is mended.

#include "serval/CommandLine/Application.h"
#include "serval/Core/Error.h"
#include "serval/Volume/Volume.h"

#include <string>

namespace serval
{

struct RepairOptions
{
  RepairRule rule;

  void Declare(app::Parameters & p)
  {
    p.Add("repair", &rule.isWanted, "Resample a DICOM series that is no regular volume onto a regular grid, where that is possible, instead of refusing it");
    p.Add("maximumGap", &rule.maximumGap, "With --repair: slices are interpolated across gaps of up to so many usual slice distances").Range(1, 100);
  }
};

struct ReadingOptions
{
  std::string   series, placement = "stated";
  RepairOptions repair;

  void Declare(app::Parameters & p)
  {
    p.Add("series", &series, "Of a DICOM folder with several series: the SeriesInstanceUID, its short id, or its number in the listing");
    p.Add("placement", &placement, "Where a file contradicts itself or states nothing: which statement holds")
      .Choices({ "stated", "sform", "qform", "assumed" });
    repair.Declare(p);
  }

  ReadOptions Options() const
  {
    ReadOptions options;
    options.series = series;
    options.repair = repair.rule;
    options.placement = PlacementFrom(placement);
    return options;
  }
};

} // namespace serval
