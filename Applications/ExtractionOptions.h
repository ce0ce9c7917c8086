#pragma once
// The options of ServalExtractPatches that say what a patch is: they become the plan.

#include "serval/CommandLine/Application.h"
#include "serval/Core/Error.h"
#include "serval/Core/Text.h"
#include "serval/Patches/ExtractionPlan.h"

#include <cmath>
#include <map>
#include <optional>
#include <string>
#include <vector>

namespace serval
{

struct ExtractionOptions
{
  std::vector<int>         size, stride, classLabels;
  std::vector<double>      sizeMm, spacing, scales, weights, direction;
  std::vector<std::string> classNames, denseNames, mergeLabels;
  std::string              plane = "none", scalesAs = "channels", interpolation = "linear", border = "inside", padding = "constant";
  std::string              sampler = "uniform", classFrom = "case", labelsFrom = "segmentation", dense = "none", shortfall = "error";
  bool                     candidateDirections = false;
  int                      count = 8;
  double                   padValue = 0, overlap = 0, purity = 0, minimumDeviation = 0;
  std::uint64_t            seed = 1;

  void DeclareShape(app::Parameters & p)
  {
    p.Group("Patches");
    p.Add("size", &size, "Patch size in voxels x,y,z (16,16,16 when left out), or x,y; z = 1 gives 2D patches").Range(1, 65536);
    p.Add("plane", &plane, "2D patches: axial, coronal, sagittal (the nearest index plane, turned alike in every volume), x, y, z (perpendicular to "
                           "the file's axis); orthogonal (2.5D): axial, coronal and sagittal plane as channels")
      .Choices({ "none", "axial", "coronal", "sagittal", "x", "y", "z", "orthogonal" });
    p.Add("spacing", &spacing, "Patches are resampled to voxels of this many mm x,y,z; copied from the volume when left out").Range(1e-3, 1000);
    p.Add("sizeMm", &sizeMm, "Edges of a patch in mm x,y,z; with --size or with --spacing").Range(1e-3, 100000);
    p.Add("scales", &scales, "Several scales about each place: lengths in mm of the patch's first edge, as 16,32,64").Range(1e-3, 100000);
    p.Add("scalesAs", &scalesAs, "Scales are channels of one patch, or patches").Choices({ "channels", "patches" });
    p.Add("direction", &direction, "Oriented patches: the patch's z axis runs along this vector x,y,z (LPS)");
    p.Add("candidateDirections", &candidateDirections, "Oriented patches along each candidate's own direction_x, direction_y, direction_z");
    p.Add("interpolation", &interpolation, "Of resampled patches").Choices({ "linear", "bspline" });
    p.Add("border", &border, "Patches lie wholly inside their volume, or may leave it and are padded").Choices({ "inside", "pad" });
    p.Add("padding", &padding, "What stands outside the volume: a constant, or the nearest voxel").Choices({ "constant", "edge" });
    p.Add("padValue", &padValue, "The constant, in the volume's intensities (-1024 for CT)");
  }
  void DeclareSampling(app::Parameters & p)
  {
    p.Group("Places");
    p.Add("sampler", &sampler, "Where patches are taken: grid, uniform, class (count on each label), weighted (count shared out by --weights), foreground, "
                               "candidates (--candidates)")
      .Choices({ "grid", "uniform", "class", "weighted", "foreground", "candidates" });
    p.Add("count", &count, "Patches a volume, or a label with the class sampler").Range(1, 10000000);
    p.Add("stride", &stride, "Steps of the grid in voxels x,y,z; the patch size when left out").Range(1, 65536);
    p.Add("overlap", &overlap, "Share by which neighbours on the grid overlap").Range(0, 0.99);
    p.Add("weights", &weights, "Weighted sampler: weights of labels 0,1,2,...").Range(0, 1e9);
    p.Add("purity", &purity, "Class and weighted sampler: least share of the patch with its centre's label").Range(0, 1);
    p.Add("minimumDeviation", &minimumDeviation, "Reject homogeneous patches: least standard deviation, in the volume's intensities").Range(0, 1e9);
    p.Add("shortfall", &shortfall, "When a quota cannot be met: error, skip the case, or take fewer").Choices({ "error", "skip", "fewer" });
    p.AddSeed(&seed);
  }
  void DeclareLabels(app::Parameters & p)
  {
    p.Group("Labels");
    p.Add("classFrom", &classFrom, "A patch's class: the manifest's class of its case, the segmentation's label at its centre, its candidate's label, or none")
      .Choices({ "case", "centre", "candidate", "none" });
    p.Add("classNames", &classNames, "Names of labels 0,1,2,... for classFrom centre and the class sampler; of the candidates' labels");
    p.Add("classLabels", &classLabels, "Labels of the segmentation that classNames names, in its order; 0,1,2,... when left out").Range(0, 65535);
    p.Add("labelsFrom", &labelsFrom, "Column whose labels choose places (class, weighted, foreground) and centre classes")
      .Choices({ "segmentation", "pseudo_segmentation" });
    p.Add("dense", &dense, "Column stored as the patches' segmentation").Choices({ "none", "segmentation", "pseudo_segmentation" });
    p.Add("denseNames", &denseNames, "Names of the stored labels 0,1,2,...");
    p.Add("mergeLabels", &mergeLabels, "Labels joined in the stored segmentation, as OLD:NEW,OLD:NEW");
  }

  /// Of a manifest with these classes, or of an image set.
  ExtractionPlan Plan(const std::vector<std::string> & caseClasses, const std::optional<ImageSetRule> & imageSet) const
  {
    ExtractionPlan plan;
    plan.imageSet = imageSet;
    plan.shape = Shape();
    plan.sampling = { SamplerFrom(sampler), ShortfallFrom(shortfall), stride.empty() ? Extent{} : Three(stride, "stride"), overlap, count,
                      static_cast<int>(classNames.size()), weights, purity, minimumDeviation };
    plan.classFrom = ClassSourceFrom(classFrom);
    plan.classNames = imageSet ? classNames : classFrom == "case" ? caseClasses : classFrom == "none" ? std::vector<std::string>{} : classNames;
    Require(imageSet || classFrom != "case" || !caseClasses.empty(), Fault::Input, "the manifest has no column class; choose --classFrom centre or none");
    plan.classLabels = classLabels;
    plan.labelsFrom = LabelColumnFrom(labelsFrom);
    plan.dense = LabelColumnFrom(dense);
    plan.denseNames = denseNames;
    plan.mergeLabels = Merged();
    plan.seed = seed;
    plan.Check();
    return plan;
  }

private:
  static Extent Three(const std::vector<int> & v, const char * option)
  {
    Require(v.size() == 3 || (v.size() == 2 && std::string(option) == "size"), Fault::Usage, "--", option, " needs three numbers x,y,z");
    return { v[0], v[1], v.size() == 3 ? v[2] : 1 };
  }
  static Spacing ThreeMm(const std::vector<double> & v, const char * option)
  {
    Require(v.size() == 3, Fault::Usage, "--", option, " needs three numbers x,y,z in mm");
    return { v[0], v[1], v[2] };
  }

  PatchShape Shape() const
  {
    Require(sizeMm.empty() || size.empty() || spacing.empty(), Fault::Usage, "of --size, --sizeMm and --spacing two say all");
    Require(sizeMm.empty() || !size.empty() || !spacing.empty(), Fault::Usage, "--sizeMm needs --size (voxels) or --spacing (mm)");
    PatchShape s;
    s.plane = PlaneFrom(plane);
    s.size = !size.empty() ? Three(size, "size") : s.size;
    if (!spacing.empty())
      s.spacing = ThreeMm(spacing, "spacing");
    if (const auto mm = sizeMm.empty() ? Spacing{} : ThreeMm(sizeMm, "sizeMm"); !sizeMm.empty() && spacing.empty())
      s.spacing = { mm.x / double(s.size.x), mm.y / double(s.size.y), mm.z / double(s.size.z) };
    else if (!sizeMm.empty())
      s.size = { std::llround(mm.x / s.spacing.x), std::llround(mm.y / s.spacing.y), std::llround(mm.z / s.spacing.z) };
    s.scales = scales;
    s.scalesAs = ScalesFrom(scalesAs);
    if (!direction.empty())
      s.direction = Point{ ThreeMm(direction, "direction").x, direction[1], direction[2] };
    s.hasCandidateDirections = candidateDirections;
    s.interpolation = InterpolationFrom(interpolation);
    s.border = BorderFrom(border);
    s.padding = PaddingFrom(padding);
    s.padValue = padValue;
    return s;
  }

  std::map<int, int> Merged() const
  {
    std::map<int, int> merged;
    for (const auto & pair : mergeLabels)
    {
      const auto parts = Split(pair, ':');
      const auto from = ParseInteger(parts.front()), to = ParseInteger(parts.back());
      Require(parts.size() == 2 && from && to, Fault::Usage, "--mergeLabels: '", pair, "' is not OLD:NEW");
      merged[static_cast<int>(*from)] = static_cast<int>(*to);
    }
    return merged;
  }
};

} // namespace serval
