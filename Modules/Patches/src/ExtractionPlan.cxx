#include "serval/Patches/ExtractionPlan.h"

#include "Words.h"
#include "serval/Core/Error.h"

#include <nlohmann/json.hpp>

#include <array>

namespace serval
{
namespace
{

using Plane = PatchShape::Plane;
using Json = nlohmann::json;

constexpr const char * schema = "serval-extraction-plan/1";

constexpr Words<Plane, 8>                       planes{ { { Plane::None, "none" },
                                                          { Plane::Axial, "axial" },
                                                          { Plane::Coronal, "coronal" },
                                                          { Plane::Sagittal, "sagittal" },
                                                          { Plane::X, "x" },
                                                          { Plane::Y, "y" },
                                                          { Plane::Z, "z" },
                                                          { Plane::Orthogonal, "orthogonal" } } };
constexpr Words<PatchShape::Scales, 2>          scaleUses{ { { PatchShape::Scales::Channels, "channels" },
                                                             { PatchShape::Scales::Patches, "patches" } } };
constexpr Words<PatchShape::Border, 2>          borders{ { { PatchShape::Border::Inside, "inside" },
                                                           { PatchShape::Border::Pad, "pad" } } };
constexpr Words<PatchShape::Padding, 2>         paddings{ { { PatchShape::Padding::Constant, "constant" },
                                                            { PatchShape::Padding::Edge, "edge" } } };
constexpr Words<PatchShape::Interpolation, 2>   interpolations{ { { PatchShape::Interpolation::Linear, "linear" },
                                                                  { PatchShape::Interpolation::BSpline, "bspline" } } };
constexpr Words<ExtractionPlan::LabelColumn, 3>       labelColumns{ { { ExtractionPlan::LabelColumn::None, "none" },
                                                          { ExtractionPlan::LabelColumn::Segmentation, "segmentation" },
                                                          { ExtractionPlan::LabelColumn::PseudoSegmentation,
                                                            "pseudo_segmentation" } } };
constexpr Words<ExtractionPlan::ClassSource, 4> classSources{ { { ExtractionPlan::ClassSource::Case, "case" },
                                                                { ExtractionPlan::ClassSource::Centre, "centre" },
                                                                { ExtractionPlan::ClassSource::Candidate, "candidate" },
                                                                { ExtractionPlan::ClassSource::None, "none" } } };

constexpr Words<ImageSetRule::Colour, 2> colours{ { { ImageSetRule::Colour::Grey, "grey" },
                                                    { ImageSetRule::Colour::Rgb, "rgb" } } };

Json ToJson(const Extent & e)
{
  return { e.x, e.y, e.z };
}
Json ToJson(const Spacing & s)
{
  return { s.x, s.y, s.z };
}

Extent ExtentFrom(const Json & json)
{
  const auto v = json.get<std::array<std::int64_t, 3>>();
  return { v[0], v[1], v[2] };
}

Json ShapeToJson(const PatchShape & s)
{
  return { { "plane", ToText(s.plane) },
           { "size", ToJson(s.size) },
           { "spacing", ToJson(s.spacing) },
           { "scales", s.scales },
           { "scalesAs", WordOf(s.scalesAs, scaleUses) },
           { "direction", s.direction ? Json(*s.direction) : Json(nullptr) },
           { "candidateDirections", s.hasCandidateDirections },
           { "interpolation", WordOf(s.interpolation, interpolations) },
           { "border", WordOf(s.border, borders) },
           { "padding", WordOf(s.padding, paddings) },
           { "padValue", s.padValue } };
}

PatchShape ShapeFromJson(const Json & json)
{
  PatchShape s;
  s.plane = PlaneFrom(json.at("plane"));
  s.size = ExtentFrom(json.at("size"));
  const auto spacing = json.at("spacing").get<std::array<double, 3>>();
  s.spacing = { spacing[0], spacing[1], spacing[2] };
  json.at("scales").get_to(s.scales);
  s.scalesAs = ScalesFrom(json.at("scalesAs"));
  if (!json.at("direction").is_null())
    s.direction = json.at("direction").get<Point>();
  json.at("candidateDirections").get_to(s.hasCandidateDirections);
  s.interpolation = InterpolationFrom(json.at("interpolation"));
  s.border = BorderFrom(json.at("border"));
  s.padding = PaddingFrom(json.at("padding"));
  json.at("padValue").get_to(s.padValue);
  return s;
}

Json SamplingToJson(const SamplingPlan & s)
{
  return { { "sampler", ToText(s.sampler) },
           { "shortfall", ToText(s.shortfall) },
           { "stride", ToJson(s.stride) },
           { "overlap", s.overlap },
           { "count", s.count },
           { "labels", s.labels },
           { "weights", s.weights },
           { "purity", s.purity },
           { "minimumDeviation", s.minimumDeviation } };
}

SamplingPlan SamplingFromJson(const Json & json)
{
  SamplingPlan s;
  s.sampler = SamplerFrom(json.at("sampler"));
  s.shortfall = ShortfallFrom(json.at("shortfall"));
  s.stride = ExtentFrom(json.at("stride"));
  json.at("overlap").get_to(s.overlap);
  json.at("count").get_to(s.count);
  json.at("labels").get_to(s.labels);
  json.at("weights").get_to(s.weights);
  json.at("purity").get_to(s.purity);
  json.at("minimumDeviation").get_to(s.minimumDeviation);
  return s;
}

Json ImageSetToJson(const ImageSetRule & r)
{
  Json json{ { "colour", WordOf(r.colour, colours) },    { "patientPattern", r.patientPattern },
             { "imagesPerPatient", r.imagesPerPatient }, { "parts", r.parts },
             { "isResampled", r.isResampled },           { "perClass", r.perClass } };
  if (!r.classPattern.empty()) // caches without it keep their keys
    json["classPattern"] = r.classPattern;
  return json;
}

ImageSetRule ImageSetFromJson(const Json & json)
{
  ImageSetRule r;
  r.colour = ColourFrom(json.at("colour"));
  json.at("patientPattern").get_to(r.patientPattern);
  json.at("imagesPerPatient").get_to(r.imagesPerPatient);
  json.at("parts").get_to(r.parts);
  json.at("isResampled").get_to(r.isResampled);
  json.at("perClass").get_to(r.perClass);
  r.classPattern = json.value("classPattern", "");
  return r;
}

} // namespace

std::string ToText(Plane plane)
{
  return WordOf(plane, planes);
}
PatchShape::Plane PlaneFrom(const std::string & text)
{
  return ValueOf(text, planes, "plane");
}
PatchShape::Scales ScalesFrom(const std::string & text)
{
  return ValueOf(text, scaleUses, "use of scales");
}
PatchShape::Border BorderFrom(const std::string & text)
{
  return ValueOf(text, borders, "border rule");
}
PatchShape::Padding PaddingFrom(const std::string & text)
{
  return ValueOf(text, paddings, "padding");
}
PatchShape::Interpolation InterpolationFrom(const std::string & text)
{
  return ValueOf(text, interpolations, "interpolation");
}
ExtractionPlan::LabelColumn LabelColumnFrom(const std::string & text)
{
  return ValueOf(text, labelColumns, "column of labels");
}
ImageSetRule::Colour ColourFrom(const std::string & text)
{
  return ValueOf(text, colours, "colour");
}
ExtractionPlan::ClassSource ClassSourceFrom(const std::string & text)
{
  return ValueOf(text, classSources, "source of classes");
}

std::string ExtractionPlan::ToJson() const
{
  std::vector<std::array<int, 2>> merged;
  for (const auto & [from, to] : mergeLabels)
    merged.push_back({ from, to });
  return Json{
    { "schema", schema },
    { "shape", ShapeToJson(shape) },
    { "sampling", SamplingToJson(sampling) },
    { "classFrom", WordOf(classFrom, classSources) },
    { "classNames", classNames },
    { "classLabels", classLabels },
    { "labelsFrom", WordOf(labelsFrom, labelColumns) },
    { "dense", WordOf(dense, labelColumns) },
    { "denseNames", denseNames },
    { "mergeLabels", merged },
    { "imageSet", imageSet ? ImageSetToJson(*imageSet) : Json(nullptr) },
    { "seed", seed }
  }.dump();
}

ExtractionPlan ExtractionPlan::FromJson(const std::string & text)
{
  try
  {
    const auto json = Json::parse(text);
    Require(json.at("schema") == schema, Fault::Input, "the parameters have the schema ", json.at("schema").dump(),
            "; ", schema, " is expected");
    ExtractionPlan plan;
    plan.shape = ShapeFromJson(json.at("shape"));
    plan.sampling = SamplingFromJson(json.at("sampling"));
    plan.classFrom = ClassSourceFrom(json.at("classFrom"));
    json.at("classNames").get_to(plan.classNames);
    json.at("classLabels").get_to(plan.classLabels);
    plan.labelsFrom = LabelColumnFrom(json.value("labelsFrom", "segmentation")); // older caches had no other
    plan.dense = LabelColumnFrom(json.at("dense"));
    json.at("denseNames").get_to(plan.denseNames);
    for (const auto & pair : json.at("mergeLabels").get<std::vector<std::array<int, 2>>>())
      plan.mergeLabels[pair[0]] = pair[1];
    if (!json.at("imageSet").is_null())
      plan.imageSet = ImageSetFromJson(json.at("imageSet"));
    json.at("seed").get_to(plan.seed);
    plan.Check();
    return plan;
  }
  catch (const Json::exception &)
  {
    Fail(Fault::Input, "the parameters of the patches are damaged, or of another version of Serval");
  }
}

void ExtractionPlan::Check() const
{
  shape.Check();
  sampling.Check();
  const bool isCandidates = sampling.sampler == SamplingPlan::Sampler::Candidates;
  const bool areLabelled = classFrom == ClassSource::Centre || classFrom == ClassSource::Candidate;
  Require(!areLabelled || !classNames.empty(), Fault::Usage, "--classFrom ", WordOf(classFrom, classSources),
          " needs --classNames");
  Require(classFrom != ClassSource::Candidate || isCandidates, Fault::Usage,
          "--classFrom candidate needs --sampler candidates");
  Require(!shape.hasCandidateDirections || isCandidates, Fault::Usage,
          "--direction candidates needs --sampler candidates");
  Require(classLabels.empty() || classLabels.size() == classNames.size(), Fault::Usage,
          "--classLabels and --classNames have different lengths");
  Require(imageSet || (dense == LabelColumn::None) == denseNames.empty(), Fault::Usage,
          "--dense and --denseNames belong together");
  Require(labelsFrom != LabelColumn::None, Fault::Usage, "--labelsFrom: segmentation or pseudo_segmentation is expected");
  Require(denseNames.empty() || shape.ViewsPerPatch() == 1, Fault::Usage,
          "a patch of several planes or scales has no one grid for a segmentation; leave --dense out");
  Require(denseNames.size() <= 256, Fault::Usage, "--denseNames: at most 256 labels are stored");
}

bool ExtractionPlan::NeedsLabels() const
{
  return classFrom == ClassSource::Centre || sampling.NeedsLabels();
}

std::vector<std::string> ExtractionPlan::NeededColumns() const
{
  std::vector<std::string> columns{ "image" };
  for (const auto column : { LabelColumn::Segmentation, LabelColumn::PseudoSegmentation })
    if (dense == column || (NeedsLabels() && labelsFrom == column))
      columns.push_back(WordOf(column, labelColumns));
  if (classFrom == ClassSource::Case)
    columns.push_back("class");
  return columns;
}

CacheDescription ExtractionPlan::Description(std::size_t channels, Compression compression,
                                             const std::string & provenance) const
{
  const auto kind = dense == LabelColumn::Segmentation         ? "expert-labels"
                    : dense == LabelColumn::PseudoSegmentation ? "pseudo-labels"
                                                         : "";
  return { shape.size,  static_cast<int>(shape.ViewsPerPatch() * channels),
           classNames,  denseNames,
           kind,        imageSet ? "image-set" : serval::ToText(sampling.sampler),
           seed,        ToJson(),
           compression, provenance };
}

} // namespace serval
