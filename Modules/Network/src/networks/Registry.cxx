#include "Networks.h"

#include "serval/Core/Error.h"
#include "serval/Core/Text.h"

#include <algorithm>
#include <array>

namespace serval
{
namespace
{

using namespace networks;

struct Entry
{
  const char * name;
  LayerGraph (*build)(const NetworkSpec &);
  int edge; ///< of the input it was published for, in voxels along each axis
};

// A new network is one file in this folder, its declaration in Networks.h and one line here.
constexpr std::array registry{
  Entry{ "unet", UNet, 64 },
  Entry{ "unet-classifier", UNet, 64 },
  Entry{ "unet-plain", UNet, 64 },
  Entry{ "unet-cicek", CicekUNet, 64 },
  Entry{ "alexnet", AlexNet, 227 },
  Entry{ "alexnet-ungrouped", AlexNet, 227 },
  Entry{ "alexnet-one-tower", AlexNet, 224 },
  Entry{ "caffenet", AlexNet, 227 },
  Entry{ "cnn-f", ChatfieldNet, 224 },
  Entry{ "vgg-m", ChatfieldNet, 224 },
  Entry{ "vgg16", Vgg, 224 },
  Entry{ "vgg19", Vgg, 224 },
  Entry{ "googlenet", GoogLeNet, 224 },
  Entry{ "googlenet-bn", GoogLeNet, 224 },
  Entry{ "resnet18", ResNet, 224 },
  Entry{ "resnet34", ResNet, 224 },
  Entry{ "resnet50", ResNet, 224 },
  Entry{ "resnet101", ResNet, 224 },
  Entry{ "densenet121", DenseNet, 224 },
  Entry{ "resnet20-cifar", CifarResNet, 32 },
  Entry{ "resnet32-cifar", CifarResNet, 32 },
  Entry{ "cifarnet", CifarNet, 32 },
  Entry{ "cifarnet-full", CifarNet, 32 },
  Entry{ "local5", Local5, 32 },
  Entry{ "ild-cnn", IldCnn, 32 },
  Entry{ "small-cnn", SmallCnn, 32 },
  Entry{ "meshnet", MeshNet, 64 },
  Entry{ "meshnet-20", MeshNet, 256 },
  Entry{ "autoencoder", Autoencoder, 32 },
};

const Entry & Find(const std::string & name)
{
  const auto found = std::find_if(registry.begin(), registry.end(), [&](const Entry & e) { return name == e.name; });
  if (found == registry.end())
  {
    const auto near = NearestWord(name, NetworkNames());
    Fail(Fault::Usage, "there is no network '", name, '\'', near.empty() ? "" : "; did you mean " + near + "?", "; known are ",
         Join(NetworkNames(), ", "));
  }
  return *found;
}

} // namespace

std::vector<std::string> NetworkNames()
{
  std::vector<std::string> names;
  for (const auto & entry : registry)
    names.emplace_back(entry.name);
  return names;
}

LayerGraph BuildNetwork(const NetworkSpec & spec)
{
  const Entry & entry = Find(spec.name);
  spec.Check();
  return entry.build(spec);
}

Extent PublishedInput(const NetworkSpec & spec)
{
  const std::int64_t edge = Find(spec.name).edge;
  return { edge, edge, spec.dimension == 3 ? edge : 1 };
}

} // namespace serval
