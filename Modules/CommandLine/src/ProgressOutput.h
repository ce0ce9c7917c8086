#pragma once

#include "serval/Core/Progress.h"

#include <memory>
#include <string>

namespace serval::app
{

/// How the running application shows itself.
enum class ProgressStyle
{
  Bar,   ///< for a person at a terminal
  Lines, ///< for a log that people read: a line every tenth
  Xml,   ///< Slicer's elements; all other text on stdout is escaped
  Nothing
};

/// `mode`: auto, bar, xml or none. auto is a bar on a terminal; on a pipe Slicer's XML, or plain lines for a verb.
ProgressStyle StyleFrom(const std::string & mode, bool asVerb);

std::unique_ptr<Progress> MakeProgress(ProgressStyle style, const std::string & name);

/// Whether colours may be used on this stream: a terminal that knows them, and NO_COLOR is not set.
bool HasColour(int file);

} // namespace serval::app
