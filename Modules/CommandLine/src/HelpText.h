#pragma once

#include "serval/CommandLine/Application.h"

#include <string>

namespace serval::app
{

/// --help: the first group explained, of the others the names of all options.
std::string ShortHelp(const Description & description, const Parameters & parameters, bool asVerb);
/// --help-all.
std::string WholeHelp(const Description & description, const Parameters & parameters, bool asVerb);
/// The manual page serval-VERB(1), in roff.
std::string ManPage(const Description & description, const Parameters & parameters);
/// Of one of PersonOptions().
std::string MeaningOf(const std::string & personOption);

} // namespace serval::app
