#pragma once

#include "serval/Cache/PatchCache.h"

#include <cstddef>
#include <string>
#include <vector>

namespace serval
{

/// From which volumes a model learned; volumes that are none of such are not assessed.
struct InputContract
{
  struct Range
  {
    double low = 0, high = 0;
  };
  std::vector<std::string> modalities;         ///< DICOM's words; empty where no volume said its own
  std::vector<Range>       spacing, size;      ///< mm along the index axes x, y, z: of a voxel, of the volume; empty: unknown
  std::vector<Range>       low, high;          ///< of each channel: percentiles 0.5 and 99.5
  bool                     isAbsolute = false; ///< intensities have a meaning of their own: CT, or air below -200 in all volumes

  /// Of the cases of these patches.
  static InputContract Of(const PatchCache & cache, const std::vector<std::size_t> & patches);
  std::string          ToJson() const;
  /// Of "null", of a model that states none, an empty one. Fault::Input when it is damaged.
  static InputContract FromJson(const std::string & json);

  /// What speaks against a volume, with numbers. Spacing within a factor of 2, size within a quarter, and, where they are
  /// absolute, percentiles within a quarter of the width are allowed beyond what was seen.
  std::vector<std::string> Violations(const CaseFacts & volume) const;
};

} // namespace serval
