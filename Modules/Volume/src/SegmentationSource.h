#pragma once

#include "serval/Volume/DicomFolder.h"

#include <dcmtk/config/osconfig.h>
#include <dcmtk/dcmdata/dctk.h>

#include <array>
#include <memory>
#include <string>
#include <vector>

namespace serval
{

/// Fault::Environment with what DCMTK says, unless it went well.
void RequireDone(const OFCondition & condition, const char * doing);

/// The image of the source series in which one slice of its grid stands.
struct SourcePlane
{
  DcmDataset *            dataset = nullptr;
  unsigned long           frame = 0; ///< of a multi-frame file, from 0
  std::array<OFString, 3> position;  ///< ImagePositionPatient, as the file writes it
};

/// The headers of a source series, without pixels.
class SegmentationSource
{
public:
  /// Fault::Input when a file cannot be read or a slice of `grid` has no image.
  SegmentationSource(const SeriesRecord & source, const Geometry & grid, bool asUtf8);

  /// Of each slice of the grid, in the order of z.
  const std::vector<SourcePlane> & Planes() const { return m_Planes; }
  std::vector<DcmDataset *>        Datasets() const;
  bool                             IsMultiFrame() const { return m_IsMultiFrame; }
  /// A value of the first plane's file or functional groups; empty when it is not there.
  OFString Text(const DcmTagKey & sequence, const DcmTagKey & tag, unsigned long index) const;

private:
  void Place(const SourcePlane & plane, const Geometry & grid);

  std::vector<std::unique_ptr<DcmFileFormat>> m_Files;
  std::vector<SourcePlane>                    m_Planes;
  bool                                        m_IsMultiFrame = false;
};

} // namespace serval
