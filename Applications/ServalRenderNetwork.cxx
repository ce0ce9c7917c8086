#include "GalleryOptions.h"
#include "NetworkPictures.h"

namespace serval
{
namespace
{

struct RenderNetworkApplication final : app::Application
{
  std::filesystem::path model, output, cache;
  std::string           layer;
  PatchLook             look;
  Computing             computing;
  GalleryOptions        page{ .across = 8 };
  int                   patch = 0, count = 32;

  app::Description Describe() const override
  {
    return { "ServalRenderNetwork", "render-network", "Render network", "Serval.Visualization",
             "Draws what a layer of a model looks for, as a PNG picture: the kernels of its first convolution, or, with a cache, its feature maps of "
             "one patch beside the patch." };
  }

  void Declare(app::Parameters & p) override
  {
    p.Add("model", &model, "Model").In("file", ".safetensors").Positional(0);
    p.Add("output", &output, "Picture").Out("file", ".png").Positional(1);
    p.Add("layer", &layer, "Layer, or operation, as inspect names it; of kernels the first convolution when left out");
    p.Add("cache", &cache, "Patch cache: feature maps of one of its patches are drawn instead of kernels").In("directory").Optional();
    p.Add("patch", &patch, "Number of the patch in the cache").Range(0, 1e9);
    p.Add("count", &count, "Kernels or maps at most").Range(1, 4096);
    look.Declare(p);
    page.Declare(p, "Pictures");
    p.Group("Computing");
    p.AddDevice(&computing.device);
    p.Add("threads", &computing.threads, "Threads; 0 takes all cores").Range(0, 4096);
  }

  void Run(app::Context & context) override
  {
    auto            gallery = page.Gallery(output, look.Plane());
    const auto      read = ModelFile::Read(model);
    NetworkPictures pictures;
    if (cache.empty())
    {
      pictures.AddKernels(gallery, read, ConvolutionOf(BuildNetwork(read.network), layer), look.channel, static_cast<std::size_t>(count));
      return Finish(context, gallery);
    }
    const PatchCache opened(cache);
    Require(!layer.empty(), Fault::Usage, "--cache needs --layer, whose maps are drawn: ", Join(BuildNetwork(read.network).Layers(), ", "));
    Require(static_cast<std::size_t>(patch) < opened.Patches().size(), Fault::Usage, "the cache has ", opened.Patches().size(), " patches, the first is 0; ", patch, " is none of them");
    read.RequireInput(opened.Description().patch, opened.Description().channels, cache.string());
    context.provenance.inputs["cache"] = opened.Fingerprint();
    PatchPictures seen(opened, look);
    pictures.AddMaps(gallery, opened, seen, read, layer, static_cast<std::size_t>(patch), computing, static_cast<std::size_t>(count), context.progress);
    gallery.note += seen.HowSeen();
    Finish(context, gallery);
  }

private:
  void Finish(app::Context & context, const PatchGallery & gallery) const
  {
    WritePicture(RenderPatches(gallery), output);
    context.Say(gallery.note);
    context.WriteNumbers(Concat(R"({"schema":"serval-render-network","version":1,"pictures":)", gallery.rows[0].cells.size(), "}"));
  }
};

} // namespace
} // namespace serval

int main(int argc, char ** argv) { return serval::app::Main<serval::RenderNetworkApplication>(argc, argv); }
