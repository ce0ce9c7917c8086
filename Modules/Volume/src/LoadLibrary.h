#pragma once

namespace serval
{

/// A function of one of our shared libraries, which lies in lib/ beside the folder of the executable, beside a Python
/// extension's own file, or where the system looks. What costs time to start is loaded when it is first needed.
/// Fault::Environment when the library or its function is missing.
void * FunctionOfLibrary(const char * library, const char * function);

} // namespace serval
