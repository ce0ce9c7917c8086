#include "ErrorGallery.h"
#include "GalleryOptions.h"
#include "serval/Core/Random.h"

#include <iterator>
#include <random>

namespace serval
{
namespace
{

struct RenderPatchesApplication final : app::Application
{
  std::filesystem::path              cache, output;
  std::vector<std::filesystem::path> predictions, saliency;
  std::vector<std::string>           armNames, classes;
  PatchLook                          look;
  GalleryOptions                     page;
  int                                count = 6;
  bool                               onePerPatient = false;
  std::uint64_t                      seed = 1;

  app::Description Describe() const override
  {
    return { "ServalRenderPatches", "render-patches", "Render patches", "Serval.Visualization",
             "Draws patches of a cache in a grid as a PNG picture: some of each class, drawn by the seed, or, with predictions, the most confident "
             "errors with truth, answer and probability; of several arms side by side, each with the map of its saliency." };
  }

  void Declare(app::Parameters & p) override
  {
    p.Add("cache", &cache, "Patch cache").In("directory").Positional(0);
    p.Add("output", &output, "Picture").Out("file", ".png").Positional(1);
    p.Add("predictions", &predictions, "Predictions of the cache's patches, one file an arm: errors are shown instead of classes").In("file", ".csv").Optional();
    p.Add("saliency", &saliency, "Folders of map-saliency, one for each file of predictions, in their order").In("directory").Optional();
    p.Add("arms", &armNames, "Names of the arms; those of the files when left out");
    p.Add("count", &count, "Patches of each class, or errors").Range(1, 1000);
    p.Add("classes", &classes, "Classes that are shown; all when left out");
    p.Add("onePerPatient", &onePerPatient, "Of each patient the most confident error alone");
    p.AddSeed(&seed);
    look.Declare(p);
    page.Declare(p, "Patches");
  }

  void Run(app::Context & context) override
  {
    auto gallery = page.Gallery(output, look.Plane());
    Require(saliency.empty() || saliency.size() == predictions.size(), Fault::Usage, "--saliency names ", saliency.size(), " folders; one for each of the ", predictions.size(),
            " files of --predictions is expected");
    Require(armNames.empty() || armNames.size() == predictions.size(), Fault::Usage, "--arms has ", armNames.size(), " names; one for each of the ", predictions.size(),
            " files of --predictions is expected");
    const PatchCache opened(cache);
    context.provenance.inputs["cache"] = opened.Fingerprint();
    RequireClasses(opened.Description().classNames);
    PatchPictures pictures(opened, look);
    ErrorGallery  errors{ opened, pictures, {}, {}, classes, onePerPatient };
    for (std::size_t i = 0; i < predictions.size(); ++i)
      errors.arms.emplace_back(opened, predictions[i], armNames.empty() ? predictions[i].stem().string() : armNames[i]);
    for (const auto & one : saliency)
      errors.saliency.push_back(SaliencyMaps(one));
    predictions.empty() ? AddClasses(opened, pictures, gallery) : errors.AddTo(gallery, static_cast<std::size_t>(count));
    gallery.note += pictures.HowSeen();
    WritePicture(RenderPatches(gallery), output);
    const auto & drawn = pictures.Drawn();
    context.Say(Concat(drawn.size(), " patches are shown: ", Join(drawn, " ")));
    context.WriteNumbers(Concat(R"({"schema":"serval-render-patches","version":1,"patches":[)", Join(drawn, ","), "]}"));
  }

private:
  void RequireClasses(const std::vector<std::string> & known) const
  {
    for (const auto & name : classes)
      Require(std::find(known.begin(), known.end(), name) != known.end(), Fault::Usage, "the cache has no class '", name, "'; it has ", Join(known, ", "));
  }

  void AddClasses(const PatchCache & opened, PatchPictures & pictures, PatchGallery & gallery) const
  {
    const auto & names = opened.Description().classNames;
    for (int c = classes.empty() ? -1 : 0; c < static_cast<int>(names.size()); ++c)
    {
      std::vector<std::size_t> all, drawn;
      const auto               name = c < 0 ? std::string("without class") : names[static_cast<std::size_t>(c)];
      for (std::size_t i = 0; i < opened.Patches().size(); ++i)
        if (opened.Patches()[i].classIndex == c && (c < 0 || classes.empty() || std::find(classes.begin(), classes.end(), name) != classes.end()))
          all.push_back(i);
      std::mt19937_64 random(DeriveSeed(seed, { name })); // of its own, so that a class left out changes nothing
      std::sample(all.begin(), all.end(), std::back_inserter(drawn), count, random);
      if (!drawn.empty())
        gallery.rows.push_back({ Concat(name, " (", drawn.size(), " of ", all.size(), ")"), {} });
      for (const auto patch : drawn)
        gallery.rows.back().cells.push_back(pictures.Cell(patch, { pictures.NameOf(patch) }));
    }
    Require(!gallery.rows.empty(), Fault::Input, "the cache has no patch of ", classes.empty() ? "any class" : Join(classes, ", "));
  }
};

} // namespace
} // namespace serval

int main(int argc, char ** argv) { return serval::app::Main<serval::RenderPatchesApplication>(argc, argv); }
