#pragma once

namespace serval
{

/// Makes sure that OpenGL windows can be opened: takes the X display of DISPLAY when it answers, otherwise starts a
/// private Xvfb, which only this process can reach and which ends with it, however it ends. Sets DISPLAY and XAUTHORITY.
/// Called by what needs it; slices and curves are drawn without a display. Fault::Environment says what to install.
void RequireDisplay();

/// Makes sure that there is a display on which a person sees windows: that of DISPLAY, never one of our own.
/// Fault::Environment says what to do without.
void RequireScreen();

} // namespace serval
