#pragma once

#include "serval/CommandLine/Application.h"

#include <string>

namespace serval::app
{

/// The Slicer execution model's description of the application.
std::string SlicerXml(const Description & description, const Parameters & parameters);

/// The text of --help.
std::string HelpText(const Description & description, const Parameters & parameters, bool asVerb);

} // namespace serval::app
