#include "serval/Network/LabelMark.h"

#include <nlohmann/json.hpp>

namespace serval
{
namespace
{

constexpr const char * name = "learnedFrom";
constexpr const char * mark = "shuffled labels";

} // namespace

void MarkShuffledLabels(Provenance & provenance)
{
  provenance.parameters[name] = mark;
}

bool LearnedShuffledLabels(const ModelFile & model)
{
  const auto made = nlohmann::json::parse(model.provenance, nullptr, false);
  const auto parameters = made.is_object() ? made.find("parameters") : made.end();
  return parameters != made.end() && parameters->is_object() && parameters->contains(name) && parameters->at(name) == mark;
}

void KeepLabelMark(const ModelFile & source, Provenance & provenance)
{
  if (LearnedShuffledLabels(source))
    MarkShuffledLabels(provenance);
}

} // namespace serval
