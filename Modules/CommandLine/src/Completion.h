#pragma once

#include "serval/CommandLine/Application.h"

#include <string>

namespace serval::app
{

/// The application's part of a completion script for `shell` (bash, zsh or fish); `serval completion SHELL` joins them.
/// Fault::Usage for another shell.
std::string CompletionPart(const std::string & shell, const Description & description, const Parameters & parameters);

} // namespace serval::app
