#include "CacheSchema.h"

#include <nlohmann/json.hpp>

namespace serval
{

std::size_t SizeOf(PixelType type)
{
  switch (type)
  {
    case PixelType::UInt8: return 1;
    case PixelType::Int16:
    case PixelType::UInt16: return 2;
    case PixelType::Float32: return 4;
  }
  return 0;
}

std::string ToText(PixelType type)
{
  switch (type)
  {
    case PixelType::UInt8: return "uint8";
    case PixelType::Int16: return "int16";
    case PixelType::UInt16: return "uint16";
    case PixelType::Float32: return "float32";
  }
  return {};
}

namespace cache
{

hid_t HdfTypeOf(PixelType type)
{
  switch (type)
  {
    case PixelType::UInt8: return H5T_NATIVE_UINT8;
    case PixelType::Int16: return H5T_NATIVE_INT16;
    case PixelType::UInt16: return H5T_NATIVE_UINT16;
    case PixelType::Float32: return H5T_NATIVE_FLOAT;
  }
  return -1;
}

PixelType PixelTypeOf(hid_t type, const std::string & name)
{
  for (const auto known : { PixelType::UInt8, PixelType::Int16, PixelType::UInt16, PixelType::Float32 })
    if (H5Tequal(type, HdfTypeOf(known)) > 0)
      return known;
  Fail(Fault::Input, "'", name, "' has a voxel type other than uint8, int16, uint16 and float32");
}

std::string ToJson(const CacheDescription & d)
{
  return nlohmann::json{ { "schema", schema },
                         { "patch", { d.patch.x, d.patch.y, d.patch.z } },
                         { "channels", d.channels },
                         { "classNames", d.classNames },
                         { "segmentationNames", d.segmentationNames },
                         { "segmentationKind", d.segmentationKind },
                         { "sampler", d.sampler },
                         { "seed", d.seed },
                         { "provenance", d.provenance } }
    .dump();
}

CacheDescription DescriptionFromJson(const std::string & text)
{
  try
  {
    const auto json = nlohmann::json::parse(text);
    Require(json.at("schema") == schema, Fault::Input, "the patch cache has the schema ", json.at("schema").dump(), "; ",
            schema, " is expected");
    CacheDescription d;
    const auto       patch = json.at("patch").get<std::array<std::int64_t, 3>>();
    d.patch = { patch[0], patch[1], patch[2] };
    json.at("channels").get_to(d.channels);
    json.at("classNames").get_to(d.classNames);
    json.at("segmentationNames").get_to(d.segmentationNames);
    json.at("segmentationKind").get_to(d.segmentationKind);
    json.at("sampler").get_to(d.sampler);
    json.at("seed").get_to(d.seed);
    json.at("provenance").get_to(d.provenance);
    Require(d.patch.x > 0 && d.patch.y > 0 && d.patch.z > 0 && d.patch.Voxels() < (1LL << 32) && d.channels > 0 &&
              d.channels < 4096,
            Fault::Input, "the patch cache has an impossible patch size");
    return d;
  }
  catch (const nlohmann::json::exception &)
  {
    Fail(Fault::Input, "the patch cache's description is damaged");
  }
}

} // namespace cache
} // namespace serval
