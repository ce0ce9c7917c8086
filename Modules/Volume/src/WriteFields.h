#pragma once

#include "serval/Volume/Volume.h"

#include <filesystem>
#include <map>
#include <string>

namespace serval
{

/// Key and value pairs of an NRRD or MetaImage header; NIfTI keeps `modality` of them.
using HeaderFields = std::map<std::string, std::string>;

/// As WriteLabels, to an NRRD file, with further fields.
void WriteLabelsWith(const HeaderFields & fields, const LabelVolume & labels, const std::filesystem::path & path);

} // namespace serval
