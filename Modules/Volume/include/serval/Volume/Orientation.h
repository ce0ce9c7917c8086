#pragma once

#include "serval/Volume/Volume.h"

#include <string>

namespace serval
{

/// The sides of the patient to which the x, y and z index axes run, each to the nearest: LPS for the identity. L left,
/// R right, P posterior, A anterior, S superior, I inferior, as nibabel and NRRD name them (ITK's "RAI" is this LPS).
std::string OrientationCode(const Geometry & geometry);

/// Fault::Usage unless `code` has one letter of each pair LR, PA and SI.
void RequireOrientationCode(const std::string & code);

/// The grid with its index axes exchanged and turned so that they run to the sides of `code`; no voxel's place changes.
Geometry    Reoriented(const Geometry & geometry, const std::string & code);
/// Index axes exchanged and turned so that they run to the sides of `code`. No voxel value and no voxel's place changes,
/// and an oblique grid stays oblique.
Volume      Reoriented(Volume volume, const std::string & code);
LabelVolume Reoriented(LabelVolume labels, const std::string & code);

} // namespace serval
