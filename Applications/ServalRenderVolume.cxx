#include "SceneOptions.h"

namespace serval
{
namespace
{

struct RenderVolumeApplication final : app::Application
{
  std::filesystem::path output;
  SceneOptions          what;
  std::string           mode = "slices", plane = "axial", preset = "window", title;
  std::vector<double>   position, surfaceValue;
  std::vector<int>      size{ 1500, 620 };
  int                   count = 20;

  app::Description Describe() const override
  {
    return { "ServalRenderVolume", "render-volume", "Render Volume", "Serval.Visualization",
             "Draws a CT or MR volume, with labels, heat map and patches over it, as a PNG picture in radiological convention: three "
             "orthogonal slices, a mosaic of slices, maximum-intensity projections, a volume rendering, or surfaces." };
  }

  void Declare(app::Parameters & p) override
  {
    p.Add("input", &what.input, "Volume: NIfTI, NRRD or MetaImage file, or a folder with a DICOM series").In("image").Positional(0);
    p.Add("output", &output, "Picture").Out("file", ".png").Positional(1);
    what.Declare(p);
    p.Group("View");
    p.Add("mode", &mode, "Three slices, many slices of one plane, maximum-intensity projections, ray casting, surfaces of the labels, or these beside the labels' own faces")
      .Choices({ "slices", "mosaic", "projection", "volume", "surface", "surfaces-compared" });
    p.Add("plane", &plane, "Plane of a mosaic").Choices({ "axial", "coronal", "sagittal" });
    p.Add("count", &count, "Slices of a mosaic").Range(1, 400);
    p.Add("preset", &preset, "Colours and opacities of ray casting; window: by the intensity window")
      .Choices(VolumePresetNames());
    p.Add("position", &position, "Where the slices cross (x,y,z in mm, LPS); default: in the labels, or the volume's centre");
    p.Add("surfaceValue", &surfaceValue,
          "Intensity of the surface when there are no labels; default: 200 HU (bone) for CT, else the window's level");
    p.Add("title", &title, "Title above the picture");
    p.Add("size", &size, "Width and height in pixels").Range(320, 8192);
  }

  void Run(app::Context & context) override
  {
    CheckValues();
    context.progress.Report(0.05, "Reading");
    LoadedScene loaded(what);
    context.progress.Report(0.4, "Drawing");
    Scene & scene = loaded.scene;
    scene.title = title;
    scene.size = { size[0], size[1] };
    scene.preset = VolumePresetFrom(preset);
    if (!position.empty())
      scene.position = Point{ position[0], position[1], position[2] };
    scene.surfaceValue = SurfaceValueOf(scene.window);
    WritePicture(Draw(scene), output);
    context.WriteNumbers(Numbers(scene));
  }

private:
  void CheckValues() const
  {
    what.CheckValues();
    Require(size.size() == 2, Fault::Usage, "--size has ", size.size(), " numbers; two, width,height, are expected");
    Require(position.empty() || position.size() == 3, Fault::Usage, "--position has ", position.size(),
            " numbers; three, x,y,z, are expected");
    Require(surfaceValue.size() < 2, Fault::Usage, "--surfaceValue has ", surfaceValue.size(), " numbers; one is expected");
    Require(output.extension() == ".png", Fault::Usage, "the output '", output.string(), "' must end with .png");
    Require(mode != "surfaces-compared" || size[0] >= 960, Fault::Usage, "two pictures side by side have no room in ", size[0], " pixels; at least 960 are expected");
    Require(mode != "surfaces-compared" || !what.labels.empty(), Fault::Usage, "surfaces of labels are compared; give --labels");
  }

  double SurfaceValueOf(const DisplayWindow & chosen) const
  {
    if (!surfaceValue.empty())
      return surfaceValue[0];
    return chosen.name == "soft tissue" || chosen.name == "lung" || chosen.name == "bone" ? 200 : chosen.level;
  }

  Picture Draw(const Scene & scene) const
  {
    if (mode == "mosaic")
      return RenderMosaic(scene, plane == "axial" ? 0 : plane == "coronal" ? 1 : 2, count);
    if (mode == "projection")
      return RenderProjections(scene);
    if (mode == "volume")
      return RenderVolume(scene);
    if (mode == "surface")
      return RenderSurface(scene);
    return mode == "slices" ? RenderSlices(scene) : SurfacesCompared(scene);
  }

  static Picture SurfacesCompared(Scene scene)
  {
    scene.size.width /= 2;
    const Picture smooth = RenderSurface(scene);
    scene.smooth = false;
    return Tiled({ RenderSurface(scene), smooth }, 2);
  }

  std::string Numbers(const Scene & scene) const
  {
    const Point focus = FocusOf(scene);
    return Concat(R"({"schema":"serval-render-volume","version":1,"mode":")", mode, R"(","window":{"level":)",
                  FormatNumber(scene.window.level), R"(,"width":)", FormatNumber(scene.window.width),
                  R"(},"positionLps":[)", FormatNumber(focus[0]), ',', FormatNumber(focus[1]), ',', FormatNumber(focus[2]), "]}");
  }
};

} // namespace
} // namespace serval

int main(int argc, char ** argv) { return serval::app::Main<serval::RenderVolumeApplication>(argc, argv); }
