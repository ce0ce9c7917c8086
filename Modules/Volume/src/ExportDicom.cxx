#include "serval/Volume/ExportDicom.h"

#include "DicomSegmentation.h"
#include "LoadLibrary.h"
#include "serval/Core/AtomicFile.h"
#include "serval/Core/Error.h"

#include <algorithm>

namespace serval
{
namespace
{

void RequireSegments(const LabelVolume & labels, const std::vector<Segment> & segments)
{
  Require(labels.labels.size() == static_cast<std::size_t>(labels.geometry.extent.Voxels()), Fault::Internal, labels.labels.size(),
          " labels for a grid of ", ToText(labels.geometry.extent));
  Require(!segments.empty(), Fault::Input, "no voxel has a label; a DICOM segmentation needs at least one segment");
  for (const auto & segment : segments)
  {
    Require(segment.label > 0, Fault::Input, "label 0 is the background and no segment");
    Require(!segment.name.empty() && segment.name.size() <= 64 && segment.name.find('\\') == std::string::npos, Fault::Input, "the name '",
            segment.name, "' of label ", segment.label, " is no DICOM text of 1 to 64 bytes without backslash");
    Require(std::find(labels.labels.begin(), labels.labels.end(), segment.label) != labels.labels.end(), Fault::Input, "label ",
            segment.label, " (", segment.name, ") has no voxel");
  }
}

void RequireText(const SegmentationText & text)
{
  const bool isDate = text.created.size() == 14 && std::all_of(text.created.begin(), text.created.end(), [](char c) { return c >= '0' && c <= '9'; });
  Require(isDate, Fault::Usage, "the date of creation '", text.created, "' is none; YYYYMMDDhhmmss is expected");
  Require(text.description.size() <= 64 && text.description.find('\\') == std::string::npos, Fault::Usage, "the description '",
          text.description, "' is longer than 64 bytes or has a backslash");
}

} // namespace

std::size_t WriteDicomSegmentation(const LabelVolume & labels, const SeriesRecord & source, const std::vector<Segment> & segments,
                                   const SegmentationText & text, const std::filesystem::path & output)
{
  RequireSegments(labels, segments);
  RequireText(text);
  const auto & extent = labels.geometry.extent;
  Require(extent.x <= 65535 && extent.y <= 65535, Fault::Input, "DICOM holds images of 65535 x 65535 pixels, not ", ToText(extent));
  using Entry = void (*)(SegmentationTask &);
  static const auto entry = reinterpret_cast<Entry>(FunctionOfLibrary(SERVAL_DICOM_EXPORT_LIBRARY, "ServalWriteDicomSegmentation"));
  AtomicOutput      whole(output, AtomicOutput::Kind::File, static_cast<std::uint64_t>(extent.Voxels()) / 8);
  SegmentationTask  task{ labels, source, segments, text, whole.Path() };
  entry(task);
  whole.Commit();
  return task.frames;
}

} // namespace serval
