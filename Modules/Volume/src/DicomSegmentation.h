#pragma once

#include "serval/Volume/ExportDicom.h"

namespace serval
{

/// What the library servalDicomExport is asked for.
struct SegmentationTask
{
  const LabelVolume &          labels;
  const SeriesRecord &         source;
  const std::vector<Segment> & segments;
  const SegmentationText &     text;
  std::filesystem::path        output; ///< written in place: the caller renames it
  std::size_t                  frames = 0;
};

} // namespace serval
