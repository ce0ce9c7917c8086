#include "serval/Network/ModelFile.h"

#include "serval/Core/Error.h"
#include "serval/Core/Text.h"

#include <nlohmann/json.hpp>

namespace serval
{
namespace
{

using nlohmann::json;

constexpr const char * schema = "serval-model/1";

/// Of a further network's arrays in the file: the second one's are "network2.*".
std::string Prefix(std::size_t further) { return "network" + std::to_string(further + 2) + "."; }

json FurtherJson(const std::vector<FurtherNetwork> & further)
{
  json list = json::array();
  for (const auto & one : further)
    list.push_back({ { "network", json::parse(one.network.ToJson()) }, { "layers", one.network.Layers() }, { "intensity", json::parse(one.intensity.ToJson()) } });
  return list;
}

/// Takes the arrays of the further networks out of the model's.
std::vector<FurtherNetwork> FurtherFrom(const json & list, std::map<std::string, TensorFile::Array> & arrays)
{
  std::vector<FurtherNetwork> further;
  for (const auto & each : list)
  {
    const auto       prefix = Prefix(further.size());
    FurtherNetwork & one = further.emplace_back(FurtherNetwork{ NetworkSpec::FromJson(each.at("network").dump()), IntensityPlan::FromJson(each.at("intensity").dump()), {} });
    for (auto at = arrays.lower_bound(prefix); at != arrays.end() && at->first.starts_with(prefix); at = arrays.erase(at))
      one.arrays[at->first.substr(prefix.size())] = std::move(at->second);
  }
  return further;
}

json WithCard(json description, const std::string & card)
{
  description["card"] = json::parse(card);
  return description;
}

} // namespace

ModelFile ModelFile::Read(const std::filesystem::path & path)
{
  TensorFile file = TensorFile::Read(path);
  const auto has = file.metadata.find("serval");
  Require(has != file.metadata.end(), Fault::Input, "'", path.string(), "' is no model of Serval: its metadata lack 'serval'");
  ModelFile model;
  try
  {
    const json card = json::parse(has->second);
    Require(card.at("schema") == schema, Fault::Input, "the model has the schema ", card.at("schema").dump(), "; ", schema,
            " is expected");
    model.network = NetworkSpec::FromJson(card.at("network").dump());
    model.intensity = IntensityPlan::FromJson(card.at("intensity").dump());
    const auto patch = card.at("patch").get<std::array<std::int64_t, 3>>();
    model.patch = { patch[0], patch[1], patch[2] };
    card.at("classNames").get_to(model.classNames);
    card.at("segmentationNames").get_to(model.segmentationNames);
    card.at("inferenceSampler").get_to(model.inferenceSampler);
    card.at("classical").get_to(model.classical);
    model.extraction = card.value("extraction", "");
    if (card.contains("contract"))
      model.contract = card.at("contract").dump();
    if (card.contains("card") && !card.at("card").is_null())
      model.card = card.at("card").dump();
    model.lineage = card.at("lineage").dump();
    model.provenance = card.at("provenance").dump();
    model.further = FurtherFrom(card.value("further", json::array()), file.arrays);
  }
  catch (const json::exception &)
  {
    Fail(Fault::Input, "'", path.string(), "' has a damaged model description");
  }
  model.arrays = std::move(file.arrays);
  return model;
}

void ModelFile::Write(const std::filesystem::path & path) const
{
  TensorFile file;
  file.arrays = arrays;
  for (std::size_t n = 0; n < further.size(); ++n)
    for (const auto & [name, array] : further[n].arrays)
      file.arrays[Prefix(n) + name] = array;
  json card{ { "schema", schema },
                   { "network", json::parse(network.ToJson()) },
                   { "layers", network.Layers() },
                   { "intensity", json::parse(intensity.ToJson()) },
                   { "patch", { patch.x, patch.y, patch.z } },
                   { "classNames", classNames },
                   { "segmentationNames", segmentationNames },
                   { "inferenceSampler", inferenceSampler },
                   { "extraction", extraction },
                   { "contract", json::parse(contract.empty() ? "null" : contract) },
                   { "classical", classical },
                   { "lineage", json::parse(lineage.empty() ? "null" : lineage) },
                   { "provenance", json::parse(provenance.empty() ? "null" : provenance) } };
  if (!further.empty())
    card["further"] = FurtherJson(further);
  file.metadata["format"] = "pt";
  file.metadata["serval"] = (this->card.empty() ? card : WithCard(card, this->card)).dump();
  file.metadata["serval_graph"] = ToJson(BuildNetwork(network)); // for readers that do not know our networks
  file.Write(path);
}

ModelFile ModelFile::Alone(const FurtherNetwork & one) const
{
  ModelFile alone;
  alone.network = one.network;
  alone.intensity = one.intensity;
  alone.patch = patch;
  alone.arrays = one.arrays;
  return alone;
}

NetworkLayer NetworkLayer::From(const std::string & text)
{
  const auto slash = text.find('/');
  if (slash == std::string::npos)
    return { 0, text };
  const auto number = ParseInteger(text.substr(0, slash)).value_or(0);
  Require(number > 0, Fault::Usage, "the layer '", text, "' is none of a network; NUMBER/LAYER is expected, as 2/", text.substr(slash + 1));
  return { static_cast<std::size_t>(number - 1), text.substr(slash + 1) };
}

std::string NetworkLayer::ToText() const { return network == 0 ? layer : Concat(network + 1, "/", layer); }

void ModelFile::RequireInput(const Extent & found, int channels, const std::string & cacheName) const
{
  const int stored = network.channels / intensity.Channels(1);
  Require(found == patch && intensity.Channels(channels) == network.channels, Fault::Input, "the model takes patches of ",
          ToText(patch), " voxels and ", stored, " channel(s), but '", cacheName, "' holds ", ToText(found), " and ", channels,
          "; extract patches of the model's size");
}

void ModelFile::RequireChannels(const Extent & found, int channels, const std::string & cacheName) const
{
  const int stored = network.channels / intensity.Channels(1);
  Require((found.z == 1) == (network.dimension == 2) && intensity.Channels(channels) == network.channels, Fault::Input, "the model takes ",
          network.dimension, "D patches of ", stored, " channel(s), but '", cacheName, "' holds ", found.z == 1 ? 2 : 3, "D ones of ", channels);
}

} // namespace serval
