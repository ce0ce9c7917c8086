#include "ImageSources.h"

#include "serval/Core/Error.h"
#include "serval/Core/Text.h"

#include <algorithm>
#include <cmath>
#include <memory>

namespace serval
{
namespace
{

using Type = NumberArray::Type;
using Colour = ImageSetRule::Colour;

/// One part of a set: images and labels, and how the axes of an image are to be read.
struct Part
{
  std::string name; ///< train, val, test, or empty
  NumberArray images, labels;
  std::size_t channels = 1;
  Extent      extent;
  bool        isChannelLast = false, isSegmentation = false;

  std::size_t Count() const { return static_cast<std::size_t>(images.shape[0]); }
  std::size_t Voxels() const { return static_cast<std::size_t>(extent.Voxels()); }
};

// [N,H,W]; [N,C,H,W] with C of 1 or 3; [N,H,W,C] with C of 1 or 3; [N,D,H,W]; [N,1,D,H,W] and [N,D,H,W,1].
void ReadAxes(Part & part)
{
  auto shape = part.images.shape;
  Require(shape.size() >= 3 && shape.size() <= 5 && shape[0] > 0, Fault::Input, "the images have ", shape.size(),
          " axes; [N,H,W], [N,C,H,W], [N,H,W,C] or [N,D,H,W] is expected");
  const auto isColours = [](std::int64_t size) { return size == 1 || size == 3; };
  if (shape.size() > 3 && isColours(shape[1]))
  {
    part.channels = static_cast<std::size_t>(shape[1]);
    shape.erase(shape.begin() + 1);
  }
  else if (shape.size() > 3 && isColours(shape.back()))
  {
    part.channels = static_cast<std::size_t>(shape.back());
    part.isChannelLast = true;
    shape.pop_back();
  }
  Require(shape.size() == 3 || shape.size() == 4, Fault::Input,
          "the images have an unknown number of channels; 1 or 3 is expected");
  part.extent = { shape.back(), shape[shape.size() - 2], shape.size() == 4 ? shape[1] : 1 };
  Require(part.extent.Voxels() > 0, Fault::Input, "the images are empty");
}

void ReadLabels(Part & part)
{
  const auto & shape = part.labels.shape;
  part.isSegmentation = part.labels.Count() == part.Count() * part.Voxels() && part.Voxels() > 1;
  Require(!shape.empty() && static_cast<std::size_t>(shape[0]) == part.Count(), Fault::Input, "there are ",
          part.Count(), " images, but ", shape.empty() ? 0 : shape[0], " labels");
  Require(part.isSegmentation || part.labels.Count() == part.Count(), Fault::Input, "an image has ",
          part.labels.Count() / part.Count(),
          " labels; one class an image, or a segmentation of the images' size, is expected");
}

template <typename T>
std::vector<T> ChannelOf(const Part & part, std::size_t image, std::size_t channel)
{
  std::vector<T>    voxels(part.Voxels());
  const std::size_t first = image * part.Voxels() * part.channels;
  for (std::size_t v = 0; v < voxels.size(); ++v)
    voxels[v] = static_cast<T>(
      part.images.At(first + (part.isChannelLast ? v * part.channels + channel : channel * voxels.size() + v)));
  return voxels;
}

template <typename T>
std::vector<T> GreyOf(const Part & part, std::size_t image)
{
  const auto red = ChannelOf<T>(part, image, 0), green = ChannelOf<T>(part, image, 1),
             blue = ChannelOf<T>(part, image, 2);
  std::vector<T> grey(red.size());
  for (std::size_t v = 0; v < grey.size(); ++v)
  {
    const double luma = 0.299 * double(red[v]) + 0.587 * double(green[v]) + 0.114 * double(blue[v]);
    grey[v] = static_cast<T>(std::is_integral_v<T> ? std::round(luma) : luma);
  }
  return grey;
}

template <typename T>
std::vector<Volume> ChannelsAs(const Part & part, std::size_t image, Colour colour)
{
  const Geometry geometry{ part.extent, {}, {} };
  if (colour == Colour::Grey)
    return { { geometry, part.channels == 3 ? GreyOf<T>(part, image) : ChannelOf<T>(part, image, 0), "" } };
  std::vector<Volume> channels;
  for (std::size_t c = 0; c < 3; ++c)
    channels.push_back({ geometry, ChannelOf<T>(part, image, part.channels == 3 ? c : 0), "" });
  return channels;
}

std::vector<Volume> ChannelsOf(const Part & part, std::size_t image, Colour colour)
{
  switch (part.images.type)
  {
    case Type::UInt8:
      return ChannelsAs<std::uint8_t>(part, image, colour);
    case Type::Int8:
    case Type::Int16:
      return ChannelsAs<std::int16_t>(part, image, colour);
    case Type::UInt16:
      return ChannelsAs<std::uint16_t>(part, image, colour);
    default:
      return ChannelsAs<float>(part, image, colour);
  }
}

int WholeLabel(const Part & part, std::size_t at)
{
  const double label = part.labels.At(at);
  Require(label >= 0 && label <= 255 && label == std::floor(label), Fault::Input, "a label is ", label,
          "; whole numbers 0 to 255 are expected");
  return static_cast<int>(label);
}

LabelVolume SegmentationOf(const Part & part, std::size_t image)
{
  LabelVolume labels{ { part.extent, {}, {} }, {} };
  for (std::size_t v = 0; v < part.Voxels(); ++v)
    labels.labels.push_back(static_cast<std::uint16_t>(WholeLabel(part, image * part.Voxels() + v)));
  return labels;
}

// train, val and test, or the one part without a name.
std::vector<std::string> PartsOf(const std::vector<std::string> & names, const std::vector<std::string> & wanted)
{
  const auto has = [&](const std::string & name) { return std::find(names.begin(), names.end(), name) != names.end(); };
  std::vector<std::string> parts = wanted;
  if (parts.empty() && has("images"))
    parts.emplace_back();
  else if (parts.empty())
    for (const auto & name : names)
      if (name.ends_with("_images"))
        parts.push_back(name.substr(0, name.size() - 7));
  Require(!parts.empty(), Fault::Input,
          "the file holds no array 'images' or 'train_images'; it holds: ", Join(names, ", "));
  return parts;
}

void AddImages(const Part & part, const ImageSetRule & rule, ImageSet & set)
{
  const std::string before = part.name.empty() ? "" : part.name + "/";
  const auto        block = static_cast<std::size_t>(std::max(rule.imagesPerPatient, 1));
  Require(part.Count() % block == 0, Fault::Input, "there are ", part.Count(), " images; --imagesPerPatient ", block,
          " does not divide them");
  for (std::size_t n = 0; n < part.Count(); ++n)
  {
    const std::string id = before + std::to_string(n);
    set.images.push_back({ id, rule.imagesPerPatient > 0 ? before + std::to_string(n / block) : id,
                           part.isSegmentation ? -1 : WholeLabel(part, n) });
  }
}

} // namespace

ImageSet OpenArrays(const std::vector<std::string> &                        names,
                    const std::function<NumberArray(const std::string &)> & load, const ImageSetRule & rule,
                    std::vector<std::string> classNames)
{
  auto     parts = std::make_shared<std::vector<Part>>();
  ImageSet set;
  for (const auto & name : PartsOf(names, rule.parts))
  {
    const std::string before = name.empty() ? "" : name + "_";
    Part              part;
    part.name = name;
    part.images = load(before + "images");
    part.labels = load(before + "labels");
    ReadAxes(part);
    ReadLabels(part);
    AddImages(part, rule, set);
    set.hasSegmentation = set.hasSegmentation || part.isSegmentation;
    parts->push_back(std::move(part));
  }
  int classes = 0;
  for (const auto & image : set.images)
    classes = std::max(classes, image.classIndex + 1);
  Require(classNames.empty() || classes <= static_cast<int>(classNames.size()), Fault::Input, "an image has the label ",
          classes - 1, "; labels 0 to ", static_cast<int>(classNames.size()) - 1, " are named (--classNames)");
  for (int c = static_cast<int>(classNames.size()); c < classes; ++c)
    classNames.push_back(std::to_string(c));
  set.classNames = std::move(classNames);
  set.hasPatients = rule.imagesPerPatient > 0;
  set.read = [parts, colour = rule.colour](std::size_t n) {
    auto part = parts->begin();
    for (; n >= part->Count(); ++part)
      n -= part->Count();
    CaseImages images{ ChannelsOf(*part, n, colour), {}, {}, {}, -1 };
    if (part->isSegmentation)
      images.labels = images.dense = SegmentationOf(*part, n);
    return images;
  };
  return set;
}

} // namespace serval
