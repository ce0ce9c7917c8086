#include "serval/Dataset/DataSetSources.h"

#include "SurveyedDataSets.h"

#include <algorithm>
#include <cctype>

namespace serval
{
namespace
{

DataSetSource MedNist()
{
  return { .name = "mednist", .kind = "medical", .images = "59 K", .classes = 6,
           .published = "58,954 images of 64 x 64: 10,000 of each region, of BreastMRI 8,954",
           .licence = "CC BY-SA 4.0", .publisher = "Mayo Clinic (B. J. Erickson)",
           .obtain = "github.com/Project-MONAI/MONAI-extra-test-data, release 0.8.1; no patients are given, and classes differ in their windows: a source, no evidence",
           .layout = "FOLDER/AbdomenCT/*.jpeg, a folder for each region", .import = "--imageSet FOLDER",
           .files = { { "MedNIST.tar.gz", "0bc7306e7427e00ad1c5526a6677552d" } },
           .checked = "address, counts, licence, MD5: Project-MONAI/tutorials, 2d_classification/mednist_tutorial.ipynb", .isSurveyed = false };
}

DataSetSource PneumoniaMnist()
{
  return { .name = "pneumoniamnist", .kind = "medical", .images = "5.9 K", .classes = 2,
           .published = "5,856 images of 28 x 28: 4,708 for training, 524 for validation, 624 for testing",
           .licence = "CC BY 4.0", .publisher = "MedMNIST, medmnist.com",
           .obtain = "pneumoniamnist.npz, from zenodo.org/records/10519652", .layout = "the file itself",
           .import = "--imageSet pneumoniamnist.npz --classNames normal,pneumonia",
           .files = { { "pneumoniamnist.npz", "28209eda62fecd6e6a2d98b1501bb15f" } },
           .checked = "address, counts, names of the classes, licence, MD5: MedMNIST/MedMNIST 3.0.2, medmnist/info.py", .isSurveyed = false };
}

DataSetSource ScikitImage()
{
  return { .name = "scikit-image", .kind = "natural", .images = "6", .classes = 6,
           .published = "astronaut, chelsea and coffee in colour, brick, grass and gravel in grey",
           .licence = "CC0 or public domain", .publisher = "scikit-image",
           .obtain = "pip install scikit-image; in its folder skimage/data; cut into tiles for more than one a class",
           .layout = "FOLDER/astronaut/*.png, a folder for each photograph", .import = "--imageSet FOLDER --colour rgb --size 64,64",
           .files = { { "astronaut.png", "", "88431cd9653ccd539741b555fb0a46b61558b301d4110412b5bc28b5e3ea6cb5" },
                      { "brick.png", "", "7966caf324f6ba843118d98f7a07746d22f6a343430add0233eca5f6eaaa8fcf" },
                      { "chelsea.png", "", "596aa1e7cb875eb79f437e310381d26b338a81c2da23439704a73c4651e8c4bb" },
                      { "coffee.png", "", "cc02f8ca188b167c775a7101b5d767d1e71792cf762c33d6fa15a4599b5a8de7" },
                      { "grass.png", "", "b6b6022426b38936c43a4ac09635cd78af074e90f42ffa8227ac8b7452d39f89" },
                      { "gravel.png", "", "c48615b451bf1e606fbd72c0aa9f8cc0f068ab7111ef7d93bb9b0f2586440c12" } },
           .checked = "folder, licence, SHA-256: scikit-image 0.26.0, skimage/data/_fetchers.py and _registry.py; the six files themselves", .isSurveyed = false };
}

std::string Lower(std::string text)
{
  std::transform(text.begin(), text.end(), text.begin(), [](unsigned char c) { return static_cast<char>(std::tolower(c)); });
  return text;
}

} // namespace

const std::vector<DataSetSource> & KnownDataSets()
{
  static const auto sets = [] {
    auto all = SurveyedDataSets();
    all.insert(all.end(), { MedNist(), PneumoniaMnist(), ScikitImage() });
    return all;
  }();
  return sets;
}

const DataSetSource * KnownDataSet(const std::string & name)
{
  for (const auto & source : KnownDataSets())
    if (source.name == Lower(name))
      return &source;
  return nullptr;
}

std::string ImportCommand(const DataSetSource & source) { return "serval extract-patches " + source.import + " --cache " + source.name + ".cache"; }

} // namespace serval
