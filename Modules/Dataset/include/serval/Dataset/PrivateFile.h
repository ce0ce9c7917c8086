#pragma once

#include <filesystem>
#include <string_view>

namespace serval
{

/// Writes a file that only its owner may read (mode 0600) and that is never overwritten: Fault::Input when it exists,
/// Fault::Environment when it cannot be written. `what` names it in messages.
void CreatePrivateFile(const std::filesystem::path & file, std::string_view text, std::string_view what);

/// Fault::Input when others than the owner may read or write the file.
void RequirePrivate(const std::filesystem::path & file, std::string_view what);

} // namespace serval
