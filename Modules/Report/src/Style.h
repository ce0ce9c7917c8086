#pragma once

namespace serval
{

extern const char * const styleSheet;
/// Sorts tables by a click on a head, and hides rows without the words that are typed.
extern const char * const tableScript;

} // namespace serval
