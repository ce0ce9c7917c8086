#include "SegmentationSource.h"

#include "serval/Core/Error.h"
#include "serval/Core/Text.h"

#include <cmath>

namespace serval
{
namespace
{

// A value of a frame's functional groups, of the shared ones, or of the file itself.
OFString TextOf(DcmDataset & dataset, unsigned long frame, const DcmTagKey & sequence, const DcmTagKey & tag, unsigned long index)
{
  OFString  text;
  DcmItem * groups = nullptr;
  DcmItem * item = nullptr;
  for (const auto & [place, at] : { std::pair{ DCM_PerFrameFunctionalGroupsSequence, frame }, { DCM_SharedFunctionalGroupsSequence, 0UL } })
    if (dataset.findAndGetSequenceItem(place, groups, static_cast<long>(at)).good() &&
        groups->findAndGetSequenceItem(sequence, item, 0).good() && item->findAndGetOFString(tag, text, index).good())
      return text;
  dataset.findAndGetOFString(tag, text, index);
  return text;
}

unsigned long FramesOf(DcmDataset & dataset)
{
  Sint32 frames = 0;
  return dataset.tagExists(DCM_PerFrameFunctionalGroupsSequence) && dataset.findAndGetSint32(DCM_NumberOfFrames, frames).good() && frames > 0
           ? static_cast<unsigned long>(frames)
           : 1;
}

// Continuous index of a point (mm, LPS).
Point IndexAt(const Geometry & grid, const Point & point)
{
  const auto & d = grid.direction;
  const double spacing[]{ grid.spacing.x, grid.spacing.y, grid.spacing.z };
  Point        index{};
  for (std::size_t axis = 0; axis < 3; ++axis)
    for (std::size_t k = 0; k < 3; ++k)
      index[axis] += d[3 * k + axis] * (point[k] - grid.origin[k]) / spacing[axis];
  return index;
}

} // namespace

void RequireDone(const OFCondition & condition, const char * doing)
{
  Require(condition.good(), Fault::Environment, "DCMTK failed while ", doing, ": ", condition.text());
}

SegmentationSource::SegmentationSource(const SeriesRecord & source, const Geometry & grid, bool asUtf8)
  : m_Planes(static_cast<std::size_t>(grid.extent.z))
{
  for (const auto & path : source.files)
  {
    auto       file = std::make_unique<DcmFileFormat>();
    const auto read = file->loadFileUntilTag(path.c_str(), EXS_Unknown, EGL_noChange, DCM_MaxReadLength, ERM_autoDetect, DCM_PixelData);
    Require(read.good(), Fault::Input, "image ", m_Files.size() + 1, " of the source series cannot be read: ", read.text());
    DcmDataset & dataset = *file->getDataset();
    if (asUtf8)
      RequireDone(dataset.convertToUTF8(), "turning the source's texts into UTF-8; use names without accents");
    const unsigned long frames = FramesOf(dataset);
    m_IsMultiFrame = m_IsMultiFrame || frames > 1;
    for (unsigned long frame = 0; frame < frames; ++frame)
    {
      SourcePlane plane{ &dataset, frame, {} };
      for (unsigned long axis = 0; axis < 3; ++axis)
        plane.position[axis] = TextOf(dataset, frame, DCM_PlanePositionSequence, DCM_ImagePositionPatient, axis);
      Place(plane, grid);
    }
    m_Files.push_back(std::move(file));
  }
  for (std::size_t z = 0; z < m_Planes.size(); ++z)
    Require(m_Planes[z].dataset != nullptr, Fault::Input, "slice ", z, " of the source's grid has no image in the source series");
}

void SegmentationSource::Place(const SourcePlane & plane, const Geometry & grid)
{
  Point point{};
  for (std::size_t axis = 0; axis < 3; ++axis)
  {
    const auto number = ParseDouble(Trim(plane.position[axis].c_str()));
    if (!number)
      return;
    point[axis] = *number;
  }
  const Point  index = IndexAt(grid, point);
  const double z = std::round(index[2]);
  const bool   isInGrid = z >= 0 && z < static_cast<double>(m_Planes.size()) && std::abs(index[2] - z) < 0.1 &&
                        std::abs(index[0]) < 0.1 && std::abs(index[1]) < 0.1;
  if (isInGrid && !m_Planes[static_cast<std::size_t>(z)].dataset)
    m_Planes[static_cast<std::size_t>(z)] = plane;
}

std::vector<DcmDataset *> SegmentationSource::Datasets() const
{
  std::vector<DcmDataset *> datasets;
  for (const auto & file : m_Files)
    datasets.push_back(file->getDataset());
  return datasets;
}

OFString SegmentationSource::Text(const DcmTagKey & sequence, const DcmTagKey & tag, unsigned long index) const
{
  return TextOf(*m_Planes.front().dataset, m_Planes.front().frame, sequence, tag, index);
}

} // namespace serval
