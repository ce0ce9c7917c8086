#include "serval/Core/Provenance.h"

#include <nlohmann/json.hpp>

namespace serval
{

std::string Version() { return SERVAL_VERSION; }

std::string Provenance::ToJson() const
{
  const nlohmann::json json{ { "schema", "serval-provenance/1" }, { "tool", tool },     { "version", Version() },
                             { "parameters", parameters },        { "seed", seed }, { "inputs", inputs } };
  return json.dump();
}

} // namespace serval
