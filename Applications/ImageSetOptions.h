#pragma once
// The options of ServalExtractPatches for sets of 2D images.

#include "serval/CommandLine/Application.h"
#include "serval/Core/Error.h"
#include "serval/Patches/ImageSet.h"

#include <filesystem>
#include <string>
#include <vector>

namespace serval
{

struct ImageSetOptions
{
  std::filesystem::path    path;
  std::string              colour = "grey", patientPattern, classPattern;
  std::vector<std::string> parts;
  int                      imagesPerPatient = 0, perClass = 0;

  void Declare(app::Parameters & p)
  {
    p.Group("Image sets");
    p.Add("imageSet", &path, "Instead of a manifest: a folder of PNG and JPEG files in folders named by class, a .npz file of MedMNIST's layout, or an HDF5 "
                             "file with images and labels")
      .In("file")
      .Optional();
    p.Add("colour", &colour, "Colours become one grey channel, or all images three channels").Choices({ "grey", "rgb" });
    p.Add("patientPattern", &patientPattern, "Patient of a file: the first bracket of this regular expression in its path; each file its own when left out");
    p.Add("classPattern", &classPattern, "Class of a file: the first bracket of this regular expression in its path; the folder that holds it when left out");
    p.Add("imagesPerPatient", &imagesPerPatient, "Arrays hold so many images of each patient, in order; 0: unknown, each image its own").Range(0, 1000000);
    p.Add("parts", &parts, "Parts of an .npz file, as train,val; all when left out");
    p.Add("perClass", &perClass, "Only so many images of each class; a larger number adds to the smaller one's; 0 takes all").Range(0, 100000000);
  }

  ImageSetRule Rule(bool isResampled) const { return { ColourFrom(colour), patientPattern, imagesPerPatient, parts, isResampled, perClass, classPattern }; }

  /// The set, and the plan as the set completes it: size, classes, segmentation.
  ImageSet Open(ExtractionPlan & plan, const app::Context & context) const
  {
    auto set = OpenImageSet(path, *plan.imageSet, plan.classNames, plan.seed);
    plan.classNames = set.classNames;
    if (!plan.imageSet->isResampled)
      plan.shape.size = set.read(0).channels.front().geometry.extent;
    Require(!set.hasSegmentation || !plan.denseNames.empty(), Fault::Usage, "the labels are segmentations; name them: --denseNames background,...");
    if (set.hasSegmentation)
      plan.dense = ExtractionPlan::LabelColumn::Segmentation;
    if (!set.hasPatients)
      context.Say("Warning: the patients of the images are not known, each image counts as its own; images of one patient may come to both sides of a "
                  "split (--patientPattern, --imagesPerPatient)");
    return set;
  }
};

} // namespace serval
