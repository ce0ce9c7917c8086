#include "serval/Network/WeightSources.h"

#include "serval/Core/Hash.h"

namespace serval
{
namespace
{

constexpr const char * pytorch = "https://download.pytorch.org/models/";
constexpr const char * places = "http://places2.csail.mit.edu/models_places365/";

// torchvision's file names end with the first digits of their SHA-256; RGB in [0, 1] with its own means and deviations.
WeightSource Torchvision(const std::string & network, const std::string & stem, const std::string & digits)
{
  const auto name = network.substr(0, network.find("-one")) + "-imagenet";
  return { name,   network, stem + "-" + digits + ".pth", "PyTorch (torchvision)", pytorch + stem + "-" + digits + ".pth",
           "BSD-3-Clause; learned from ImageNet, whose terms allow research", digits,
           "--dimension 2 --channels 3 --classes 1000 --window 0:255 --repeat 3 --standard imagenet" };
}

WeightSource Places(const std::string & network)
{
  const auto file = network.substr(0, network.find("-one")) + "_places365.pth.tar";
  return { network.substr(0, network.find("-one")) + "-places", network, file, "MIT CSAIL (Places365)", places + file, "CC BY", "",
           "--dimension 2 --channels 3 --classes 365 --window 0:255 --repeat 3 --standard imagenet" };
}

} // namespace

const std::vector<WeightSource> & KnownWeightSources()
{
  static const std::vector<WeightSource> sources{
    Torchvision("alexnet-one-tower", "alexnet-owt", "7be5be79"),
    Torchvision("densenet121", "densenet121", "a639ec97"),
    Torchvision("googlenet-bn", "googlenet", "1378be20"),
    { "meshnet-brain", "meshnet-20", "meshnet-brain-t1.pth", "brainchop / neuroneural", "in Data/weights", "MIT",
      "3521ca0c0db89060aa86aa7e043dc863f92fab59aff2779795dc8d8b3d3e75d2", "--dimension 3 --channels 1 --segmentationClasses 3 --filters 15" },
    Places("alexnet-one-tower"),
    Places("resnet18"),
    Places("resnet50"),
    Torchvision("resnet18", "resnet18", "f37072fd"),
    { "resnet20-cifar10", "resnet20-cifar", "resnet20-cifar10.th", "Y. Idelbayev", "in Data/weights", "BSD-2-Clause",
      "12fca82f0bebc4135bf1f32f6e3710e61d5108578464b84fd6d7f5c1b04036c8", "--dimension 2 --channels 3 --classes 10 --window 0:255 --repeat 3 --standard imagenet" },
    Torchvision("resnet34", "resnet34", "b627a593"),
    Torchvision("resnet50", "resnet50", "0676ba61"),
    Torchvision("resnet101", "resnet101", "63fe2227"),
    Torchvision("vgg16", "vgg16", "397923af"),
    Torchvision("vgg19", "vgg19", "dcbb9e9d"),
  };
  return sources;
}

const WeightSource * KnownWeightSource(const std::string & name)
{
  for (const auto & source : KnownWeightSources())
    if (source.name == name)
      return &source;
  return nullptr;
}

FoundWeights FindWeights(const WeightSource & source, const std::filesystem::path & folder)
{
  std::error_code failure;
  FoundWeights    found;
  for (const auto & entry : std::filesystem::recursive_directory_iterator(folder, std::filesystem::directory_options::skip_permission_denied, failure))
    if (entry.is_regular_file(failure) && entry.path().filename() == source.file)
    {
      if (Sha256OfFile(entry.path()).starts_with(source.sha256))
        return { SourceState::Present, entry.path() };
      found = { SourceState::Other, entry.path() };
    }
  return found;
}

std::string ToText(SourceState state)
{
  return state == SourceState::Present ? "present" : state == SourceState::Absent ? "absent" : "another file of this name";
}

} // namespace serval
