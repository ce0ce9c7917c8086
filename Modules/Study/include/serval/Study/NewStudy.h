#pragma once

#include <filesystem>
#include <functional>
#include <string>

namespace serval
{

/// Asks one question, with an answer that is offered.
using Ask = std::function<std::string(const std::string & question, const std::string & offered)>;

/// A commented study file for this manifest, to be written to `file`: what its columns allow, and sizes that its patients
/// can bear. Fault::Input when the manifest has neither classes nor segmentations.
std::string NewStudy(const std::filesystem::path & manifest, const std::filesystem::path & file, const Ask & ask);

} // namespace serval
