#include "serval/Network/WeightSources.h"

#include "serval/Core/Hash.h"

namespace serval
{
namespace
{

constexpr const char * pytorch = "https://download.pytorch.org/models/";
constexpr const char * places = "http://places2.csail.mit.edu/models_places365/";

constexpr const char * imagenetInput = "--window 0:255 --repeat 3 --standard imagenet"; // RGB in [0, 1], with torchvision's means and deviations
constexpr const char * symmetricInput = "--window 0:255 --repeat 3";                    // RGB in [-1, 1]: torchvision's GoogLeNet (transform_input)

// torchvision's file names end with the first digits of their SHA-256.
WeightSource Torchvision(const std::string & network, const std::string & stem, const std::string & digits, const std::string & unit)
{
  const auto name = network.substr(0, network.find("-one")) + "-imagenet";
  return { name,   network, stem + "-" + digits + ".pth", "PyTorch (torchvision)", pytorch + stem + "-" + digits + ".pth",
           "BSD-3-Clause; learned from ImageNet, whose terms (research, not commercial) may bind it", digits,
           std::string("--dimension 2 --channels 3 --classes 1000 ") + (stem == "googlenet" ? symmetricInput : imagenetInput),
           "file, address, digits, input: torchvision 0.29.1, models/" + unit + "; licence: its README, which leaves the terms to the data's", "" };
}

WeightSource Places(const std::string & network)
{
  const auto file = network.substr(0, network.find("-one")) + "_places365.pth.tar";
  return { network.substr(0, network.find("-one")) + "-places", network, file, "MIT CSAIL (Places365)", places + file, "CC BY", "",
           std::string("--dimension 2 --channels 3 --classes 365 ") + imagenetInput,
           "file, address, licence, input: CSAILVision/places365, README.md and run_placesCNN_basic.py", "checksum, version of CC BY" };
}

WeightSource MeshNetBrain()
{
  return { "meshnet-brain", "meshnet-20", "meshnet-brain-t1.pth", "brainchop / neuroneural",
           "in Data/weights; as published: github.com/neuroneural/brainchop, py2tfjs/conversion_example/model.pth", "MIT",
           "3521ca0c0db89060aa86aa7e043dc863f92fab59aff2779795dc8d8b3d3e75d2", "--dimension 3 --channels 1 --segmentationClasses 3 --filters 15",
           "address, licence, SHA-256: neuroneural/brainchop, commit 4c87885", "input: there volumes are scaled between their percentiles 1 and 99, here they are z-scores" };
}

WeightSource ResNetCifar()
{
  return { "resnet20-cifar10", "resnet20-cifar", "resnet20-cifar10.th", "Y. Idelbayev",
           "in Data/weights; as published: github.com/akamaster/pytorch_resnet_cifar10, pretrained_models/resnet20-12fca82f.th", "BSD-2-Clause",
           "12fca82f0bebc4135bf1f32f6e3710e61d5108578464b84fd6d7f5c1b04036c8", std::string("--dimension 2 --channels 3 --classes 10 ") + imagenetInput,
           "address, licence, input, SHA-256: akamaster/pytorch_resnet_cifar10, commit d5489e8", "" };
}

} // namespace

const std::vector<WeightSource> & KnownWeightSources()
{
  static const std::vector<WeightSource> sources{
    Torchvision("alexnet-one-tower", "alexnet-owt", "7be5be79", "alexnet.py"),
    Torchvision("densenet121", "densenet121", "a639ec97", "densenet.py"),
    Torchvision("googlenet-bn", "googlenet", "1378be20", "googlenet.py"),
    MeshNetBrain(),
    Places("alexnet-one-tower"),
    Places("resnet18"),
    Places("resnet50"),
    Torchvision("resnet18", "resnet18", "f37072fd", "resnet.py"),
    ResNetCifar(),
    Torchvision("resnet34", "resnet34", "b627a593", "resnet.py"),
    Torchvision("resnet50", "resnet50", "0676ba61", "resnet.py"),
    Torchvision("resnet101", "resnet101", "63fe2227", "resnet.py"),
    Torchvision("vgg16", "vgg16", "397923af", "vgg.py"),
    Torchvision("vgg19", "vgg19", "dcbb9e9d", "vgg.py"),
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
