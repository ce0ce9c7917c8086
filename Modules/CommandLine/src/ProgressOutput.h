#pragma once

#include "serval/Core/Progress.h"

#include <memory>
#include <string>

namespace serval::app
{

/// `mode`: auto, bar, xml or none. auto is a bar on a terminal; on a pipe Slicer's XML, or plain lines for a verb.
std::unique_ptr<Progress> MakeProgress(const std::string & mode, const std::string & name, bool asVerb);

} // namespace serval::app
