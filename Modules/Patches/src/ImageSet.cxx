#include "serval/Patches/ImageSet.h"

#include "ImageSources.h"
#include "NpzFile.h"
#include "serval/Core/Error.h"
#include "serval/Core/PathDisplay.h"
#include "serval/Core/Random.h"

#include <algorithm>
#include <map>
#include <memory>

namespace serval
{
namespace
{

namespace fs = std::filesystem;

// The first images of each class in an order that depends on seed and name alone: a larger number adds to the smaller.
void KeepPerClass(ImageSet & set, std::size_t wanted, std::uint64_t seed)
{
  std::map<int, std::vector<std::pair<std::uint64_t, std::size_t>>> ofClass;
  for (std::size_t n = 0; n < set.images.size(); ++n)
    ofClass[set.images[n].classIndex].emplace_back(DeriveSeed(seed, { "matched", set.images[n].id }), n);
  std::vector<std::size_t> kept;
  for (int c = 0; c < static_cast<int>(set.classNames.size()); ++c)
  {
    auto & order = ofClass[c];
    Require(order.size() >= wanted, Fault::Input, "class '", set.classNames[static_cast<std::size_t>(c)], "' has ",
            order.size(), " images; --perClass ", wanted, " needs more");
    std::sort(order.begin(), order.end());
    for (std::size_t i = 0; i < wanted; ++i)
      kept.push_back(order[i].second);
  }
  std::sort(kept.begin(), kept.end());
  std::vector<SetImage> images;
  for (const std::size_t n : kept)
    images.push_back(set.images[n]);
  set.images = std::move(images);
  set.read = [kept = std::move(kept), all = std::move(set.read)](std::size_t n) { return all(kept[n]); };
}

ImageSet OpenWhole(const fs::path & path, const ImageSetRule & rule, std::vector<std::string> classNames)
{
  if (fs::is_directory(path))
    return OpenPictures(path, rule);
  if (path.extension() == ".npz")
  {
    const NpzFile file(path);
    return OpenArrays(
      file.Names(), [&](const std::string & name) { return file.Read(name); }, rule, std::move(classNames));
  }
  Require(path.extension() == ".h5" || path.extension() == ".hdf5" || path.extension() == ".hdf", Fault::Input, "'",
          Shown(path), "' is no image set: a folder of PNG and JPEG files, .npz or .h5 is expected");
  return OpenArrays(
    NamesOfHdf5Arrays(path), [&](const std::string & name) { return ReadHdf5Array(path, name); }, rule,
    std::move(classNames));
}

} // namespace

ImageSet OpenImageSet(const fs::path & path, const ImageSetRule & rule, std::vector<std::string> classNames,
                      std::uint64_t seed)
{
  auto set = OpenWhole(path, rule, std::move(classNames));
  Require(rule.perClass == 0 || !set.classNames.empty(), Fault::Input, "--perClass: the images of '", Shown(path),
          "' have no classes");
  if (rule.perClass > 0)
    KeepPerClass(set, static_cast<std::size_t>(rule.perClass), seed);
  return set;
}

} // namespace serval
