#include "CacheSchema.h"

#include "serval/Core/Hash.h"

#include <nlohmann/json.hpp>

#include <algorithm>

namespace serval
{

std::size_t SizeOf(PixelType type)
{
  switch (type)
  {
    case PixelType::UInt8:
      return 1;
    case PixelType::Int16:
    case PixelType::UInt16:
      return 2;
    case PixelType::Float32:
      return 4;
  }
  return 0;
}

std::string ToText(PixelType type)
{
  switch (type)
  {
    case PixelType::UInt8:
      return "uint8";
    case PixelType::Int16:
      return "int16";
    case PixelType::UInt16:
      return "uint16";
    case PixelType::Float32:
      return "float32";
  }
  return {};
}

std::string ToText(Compression compression)
{
  return compression == Compression::None ? "none" : compression == Compression::Gzip ? "gzip" : "zstd";
}

Compression CompressionFrom(const std::string & text)
{
  for (const auto known : { Compression::None, Compression::Gzip, Compression::Zstd })
    if (text == ToText(known))
      return known;
  Fail(Fault::Usage, "the compression '", text, "' is unknown; none, gzip and zstd are known");
}

namespace cache
{
namespace
{

nlohmann::json Parsed(const std::string & text)
{
  auto json = nlohmann::json::parse(text, nullptr, false);
  return json.is_discarded() ? nlohmann::json(text) : json;
}

void Append(std::string & text, const std::string & what)
{
  text += (text.empty() ? "" : "; ") + what;
}

std::string Short(const nlohmann::json & json)
{
  const auto text = json.is_string() ? json.get<std::string>() : json.dump();
  return text.empty() ? "none" : text.size() > 40 ? text.substr(0, 37) + "..." : text;
}

} // namespace

hid_t HdfTypeOf(PixelType type)
{
  switch (type)
  {
    case PixelType::UInt8:
      return H5T_NATIVE_UINT8;
    case PixelType::Int16:
      return H5T_NATIVE_INT16;
    case PixelType::UInt16:
      return H5T_NATIVE_UINT16;
    case PixelType::Float32:
      return H5T_NATIVE_FLOAT;
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

nlohmann::json ToJson(const CacheDescription & d)
{
  return { { "schema", schema },
           { "patch", { d.patch.x, d.patch.y, d.patch.z } },
           { "channels", d.channels },
           { "classNames", d.classNames },
           { "segmentationNames", d.segmentationNames },
           { "segmentationKind", d.segmentationKind },
           { "sampler", d.sampler },
           { "seed", d.seed },
           { "parameters", d.parameters },
           { "compression", ToText(d.compression) } };
}

CacheDescription DescriptionFrom(const nlohmann::json & json)
{
  try
  {
    Require(json.at("schema") == schema, Fault::Input, "the patch cache has the schema ", json.at("schema").dump(),
            "; ", schema, " is expected: extract again");
    CacheDescription d;
    const auto       patch = json.at("patch").get<std::array<std::int64_t, 3>>();
    d.patch = { patch[0], patch[1], patch[2] };
    json.at("channels").get_to(d.channels);
    json.at("classNames").get_to(d.classNames);
    json.at("segmentationNames").get_to(d.segmentationNames);
    json.at("segmentationKind").get_to(d.segmentationKind);
    json.at("sampler").get_to(d.sampler);
    json.at("seed").get_to(d.seed);
    json.at("parameters").get_to(d.parameters);
    d.compression = CompressionFrom(json.at("compression"));
    constexpr std::int64_t limit = 1LL << 32;
    Require(d.patch.x > 0 && d.patch.y > 0 && d.patch.z > 0 && d.patch.x < limit && d.patch.y < limit / d.patch.x &&
              d.patch.z < limit / d.patch.x / d.patch.y && d.channels > 0 && d.channels < 4096,
            Fault::Input, "the patch cache has an impossible patch size");
    return d;
  }
  catch (const nlohmann::json::exception &)
  {
    Fail(Fault::Input, "the patch cache's description is damaged");
  }
}

CacheDescription DescriptionFromText(const std::string & text)
{
  return DescriptionFrom(Parsed(text));
}

nlohmann::json ToJson(const CaseSource & s)
{
  return { { "case", s.caseId },     { "patient", s.patient },         { "timePoint", s.timePoint },
           { "class", s.className }, { "image", s.sourceFingerprint }, { "labels", s.labelFingerprint } };
}

CaseSource CaseSourceFrom(const nlohmann::json & json)
{
  CaseSource s;
  json.at("case").get_to(s.caseId);
  json.at("patient").get_to(s.patient);
  json.at("timePoint").get_to(s.timePoint);
  json.at("class").get_to(s.className);
  json.at("image").get_to(s.sourceFingerprint);
  json.at("labels").get_to(s.labelFingerprint);
  return s;
}

std::string KeyOf(const CacheDescription & description, const CaseSource & source)
{
  const auto parts = nlohmann::json{ ToJson(description), ToJson(source) }.dump();
  return ContentHash(std::as_bytes(std::span(parts.data(), parts.size())));
}

std::string ShardNameOf(const std::string & key)
{
  return key + ".h5";
}

bool IsShardName(const std::string & name)
{
  const auto digits = name.starts_with("pack-") ? name.substr(5) : name;
  return digits.size() == 35 && digits.ends_with(".h5") && digits.find_first_not_of("0123456789abcdef") == 32;
}

std::string Difference(const CacheDescription & before, const CaseSource & sourceBefore, const CacheDescription & now,
                       const CaseSource & source)
{
  std::string text;
  if (sourceBefore.sourceFingerprint != source.sourceFingerprint)
    Append(text, "source changed");
  if (sourceBefore.labelFingerprint != source.labelFingerprint)
    Append(text, "labels changed");
  for (const auto & [name, member] : { std::pair{ "patient", &CaseSource::patient },
                                       { "class", &CaseSource::className },
                                       { "time point", &CaseSource::timePoint } })
    if (sourceBefore.*member != source.*member)
      Append(text, Concat(name, " changed: ", Short(sourceBefore.*member), " -> ", Short(source.*member)));
  auto a = ToJson(before), b = ToJson(now);
  a["parameters"] = Parsed(before.parameters);
  b["parameters"] = Parsed(now.parameters);
  std::string parameters;
  for (const auto & change : nlohmann::json::diff(a, b))
  {
    const nlohmann::json::json_pointer at(change.at("path").get<std::string>());
    auto                               name = at.to_string().substr(1);
    if (const std::string prefix = "parameters/"; name.starts_with(prefix))
      name = name.substr(prefix.size());
    const auto old = a.contains(at) ? Short(a.at(at)) : "none", fresh = b.contains(at) ? Short(b.at(at)) : "none";
    parameters += (parameters.empty() ? "" : ", ") + Concat(name, ' ', old, " -> ", fresh);
  }
  if (!parameters.empty())
    Append(text, "parameters changed: " + parameters);
  return text;
}

} // namespace cache
} // namespace serval
