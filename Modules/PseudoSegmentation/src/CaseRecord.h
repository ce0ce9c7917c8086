#pragma once

#include "serval/PseudoSegmentation/PseudoSegmentation.h"

#include <filesystem>
#include <optional>
#include <string>

namespace serval
{

/// What stands beside a label map: what it was made from, its own bytes, and its numbers.
struct CaseRecord
{
  std::string   key;        ///< content hash of the voxels and of what in the recipe shapes the label map
  std::string   labelsHash; ///< content hash of the label map's file
  PseudoSummary summary;    ///< without verdict: the limits may have changed
};

std::string KeyOf(const Volume & volume, const ThresholdRecipe & recipe);

/// Nothing when the file is missing or no such record.
std::optional<CaseRecord> ReadRecord(const std::filesystem::path & file);
void                      WriteRecord(const CaseRecord & record, const std::filesystem::path & file);

} // namespace serval
