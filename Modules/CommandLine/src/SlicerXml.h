#pragma once

#include "serval/CommandLine/Application.h"

#include <string>

namespace serval::app
{

/// The Slicer execution model's description of the application.
std::string SlicerXml(const Description & description, const Parameters & parameters);

} // namespace serval::app
