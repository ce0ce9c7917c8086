#pragma once

#include "serval/Volume/Volume.h"

#include <array>
#include <cstdint>
#include <string>

namespace serval
{

using Colour = std::array<std::uint8_t, 3>;

/// The colour of a label above 0; told apart by colour-blind readers too (Okabe and Ito 2008).
Colour LabelColour(std::uint16_t label);

/// Axial, coronal and sagittal slice side by side through the foreground's centre, as PNG: grey from `low` to `high`,
/// labels tinted and outlined. One pixel is the same length everywhere; anterior or superior is up, the patient's right
/// is left, and anterior is left in the sagittal slice, whatever the volume's own axes are.
std::string CasePicture(const Volume & volume, const LabelVolume & labels, double low, double high);

} // namespace serval
