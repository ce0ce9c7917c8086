#include "serval/Dataset/DataSetSources.h"

#include <algorithm>
#include <cctype>

namespace serval
{
namespace
{

constexpr const char * ask = "see publisher";
constexpr const char * folders = "FOLDER/CLASS/*.jpg or *.png";

std::vector<DataSetSource> Surveyed()
{
  return {
    { "imagenet", "natural", 2, "1.2 M", 1000, ask, "ImageNet (Stanford and Princeton), image-net.org", "register with the publisher; training images of ILSVRC 2012",
      "FOLDER/n01440764/*.JPEG, a folder for each WordNet id", "--imageSet FOLDER --colour rgb --size 224,224" },
    { "stl-10", "natural", 2, "100 K", 10, ask, "Stanford (Coates, Ng, Lee)", "from the authors' page, cs.stanford.edu/~acoates/stl10; write the binary file as PNG",
      folders, "--imageSet FOLDER --colour rgb --size 96,96" },
    { "places", "scenes", 2, "2.5 M", 205, ask, "MIT CSAIL, places.csail.mit.edu", "register with the publisher; Places205", folders, "--imageSet FOLDER --colour rgb --size 224,224" },
    { "dtd", "texture", 2, "5.6 K", 47, ask, "Oxford, Visual Geometry Group", "Describable Textures Dataset, from the group's page at robots.ox.ac.uk/~vgg/data/dtd",
      "FOLDER/images/banded/*.jpg, a folder for each word", "--imageSet FOLDER --colour rgb --size 224,224" },
    { "alot", "texture", 2, "28 K", 250, ask, "University of Amsterdam (Burghouts, Geusebroek)", "Amsterdam Library of Textures, from the authors' page",
      "FOLDER/1/*.png, a folder for each texture", "--imageSet FOLDER --size 224,224" },
    { "kth-tips", "texture", 2, "810", 10, ask, "KTH Stockholm", "Textures under varying Illumination, Pose and Scale, from the institute's page", "FOLDER/sandpaper/*.png, a folder for each material",
      "--imageSet FOLDER --size 192,192" },
    { "cifar-10", "natural", 2, "60 K", 10, ask, "University of Toronto (Krizhevsky)", "from the author's page, cs.toronto.edu/~kriz/cifar.html; write the binary file as PNG",
      folders, "--imageSet FOLDER --colour rgb --size 32,32" },
    { "fmd", "material", 2, "1 K", 10, ask, "MIT (Sharan, Rosenholtz, Adelson)", "Flickr Material Database, from the authors' page", "FOLDER/image/fabric/*.jpg, a folder for each material",
      "--imageSet FOLDER --colour rgb --size 224,224" },
    { "ktb", "texture", 2, "4.5 K", 27, ask, "Uppsala University, Centre for Image Analysis", "Kylberg Texture Dataset, from the centre's page", "FOLDER/blanket1/*.png, a folder for each texture",
      "--imageSet FOLDER --size 192,192" },
    { "uiuc", "texture", 2, "1 K", 25, ask, "University of Illinois (Lazebnik, Schmid, Ponce)", "UIUC texture database, from the group's page", "FOLDER/T01/*.jpg, a folder for each texture",
      "--imageSet FOLDER --size 224,224" },
    { "caltech-101", "natural", 2, "9 K", 101, ask, "Caltech, data.caltech.edu", "from the publisher's page; leave the class BACKGROUND_Google out for 101 classes",
      "FOLDER/accordion/*.jpg, a folder for each object", "--imageSet FOLDER --colour rgb --size 224,224" },
    { "corel-1000", "natural", 2, "1 K", 10, ask, "Penn State (J. Z. Wang), wang.ist.psu.edu", "from the group's page; sort the files by their number, a hundred a class", folders,
      "--imageSet FOLDER --colour rgb --size 224,224" },
    { "kaggledr", "medical", 2, "35 K", 2, ask, "Kaggle, Diabetic Retinopathy Detection (EyePACS)", "accept the competition's rules; sort the files by its table of grades (0, and 1 to 4 for two classes)",
      "FOLDER/CLASS/10_left.jpeg, patient before the underscore", "--imageSet FOLDER --colour rgb --size 224,224 --patientPattern '([0-9]+)_'" },
    { "inbreast", "medical", 2, "410", 2, ask, "INESC TEC and Centro Hospitalar de S. Joao, Porto", "on request from the publisher; write the DICOM images as PNG, sorted by finding",
      "FOLDER/CLASS/20586908_6c613a14b80a8591_*.png, patient between the first underscores", "--imageSet FOLDER --size 224,224 --patientPattern '[0-9]+_([0-9a-f]+)_'" },
    { "icpr-2012", "medical", 2, "1.5 K", 6, ask, "University of Salerno, MIVIA Lab", "HEp-2 cells of the contest at ICPR 2012, on request from the publisher; sort the cells by their table",
      "FOLDER/homogeneous/*.png, a folder for each pattern", "--imageSet FOLDER --size 64,64" },
  };
}

std::vector<DataSetSource> Others()
{
  return {
    { "mednist", "medical", 2, "59 K", 6, "CC BY-SA 4.0", "Mayo Clinic (B. J. Erickson)", "by way of MONAI's tutorials, or of copies on GitHub; no patients are given, and classes differ in their windows: a source, no evidence",
      "FOLDER/AbdomenCT/*.jpeg, a folder for each region", "--imageSet FOLDER", false },
    { "pneumoniamnist", "medical", 2, "5.9 K", 2, "CC BY 4.0", "MedMNIST, medmnist.com", "pneumoniamnist.npz, from the publisher's page", "the file itself",
      "--imageSet pneumoniamnist.npz --classNames normal,pneumonia", false },
    { "scikit-image", "natural", 2, "6", 6, "CC0 or public domain", "scikit-image", "pip install scikit-image; photographs in its folder skimage/data: astronaut, brick, chelsea, coffee, grass, gravel; cut into tiles for more than one a class",
      "FOLDER/astronaut/*.png, a folder for each photograph", "--imageSet FOLDER --colour rgb --size 64,64", false },
  };
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
    auto all = Surveyed();
    const auto more = Others();
    all.insert(all.end(), more.begin(), more.end());
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
