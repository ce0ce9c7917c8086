#pragma once

#include "serval/Volume/Volume.h"

#include <array>
#include <cstddef>
#include <span>
#include <string>

namespace serval
{

/// A description that begins so ends with DICOM's word of the modality; written and read by us alone.
inline constexpr std::string_view niftiModality = "modality ";

inline constexpr std::size_t niftiHeaderBytes = 540; ///< of NIfTI-2; NIfTI-1 has 348

/// What a NIfTI-1 or NIfTI-2 header says (nifti1.h and nifti2.h of the NIfTI Data Format Working Group).
struct NiftiHeader
{
  bool                         swapped = false, twoFiles = false;
  int                          datatype = 0, units = 0, qformCode = 0, sformCode = 0;
  std::array<std::int64_t, 8>  dim{};
  std::array<double, 8>        pixdim{};
  double                       offset = 0, slope = 0, intercept = 0;
  std::array<double, 6>        quaternion{}; ///< b, c, d and the offsets x, y, z
  std::array<double, 12>       sform{};      ///< its rows
  std::string                  description;

  /// Of all axes, without single further ones.
  std::vector<std::int64_t> Sizes() const;
  std::int64_t              Channels() const; ///< along the fourth axis and beyond
};

/// Fault::Input when the bytes are no NIfTI header (Analyze 7.5, which states no orientation, is none).
NiftiHeader ParseNiftiHeader(std::span<const std::byte> bytes, const std::filesystem::path & path);

/// Where the grid lies, in LPS and millimetres whatever the header's unit. Where sform and qform are both given they must
/// agree to a tenth of a voxel edge at every corner, and the sform, which holds plain numbers, is taken; an sform alone
/// must agree with pixdim to 1 %. Everything else is refused, unless `placement` says what holds.
Geometry GeometryOf(const NiftiHeader & header, Placement placement, const std::filesystem::path & path);

} // namespace serval
