#pragma once

#include "serval/Core/Progress.h"

#include <memory>
#include <string>

namespace serval::app
{

/// `mode`: auto, bar, xml or none. auto is a bar on a terminal; on a pipe Slicer's XML, or plain lines for a verb.
std::unique_ptr<Progress> MakeProgress(const std::string & mode, const std::string & name, bool asVerb);

/// Whether that progress is Slicer's XML, so that all other text on stdout must be escaped.
bool ShowsXml(const std::string & mode, bool asVerb);

} // namespace serval::app
