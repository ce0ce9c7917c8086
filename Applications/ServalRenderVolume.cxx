#include "ReadingOptions.h"
#include "serval/Core/PathDisplay.h"
#include "serval/Core/Text.h"
#include "serval/Visualization/Scene.h"

#include <cmath>
#include <map>

namespace serval
{
namespace
{

struct RenderVolumeApplication final : app::Application
{
  std::filesystem::path    input, output, labels;
  std::vector<std::string> labelNames;
  std::string              mode = "slices", window = "auto", title;
  double                   level = 40, width = 0;
  std::vector<double>      position, surfaceValue;
  std::vector<int>         size{ 1500, 620 };
  ReadingOptions           reading;

  app::Description Describe() const override
  {
    return { "ServalRenderVolume", "render-volume", "Render Volume", "Serval.Visualization",
             "Draws a CT or MR volume, with its labels, as a PNG picture: three orthogonal slices in radiological convention, "
             "a volume rendering, or surfaces." };
  }

  void Declare(app::Parameters & p) override
  {
    p.Add("input", &input, "Volume: NIfTI, NRRD or MetaImage file, or a folder with a DICOM series").In("image").Positional(0);
    p.Add("output", &output, "Picture").Out("file", ".png").Positional(1);
    p.Add("labels", &labels, "Label map on the volume's grid, drawn over it").In("label").Optional();
    p.Add("labelNames", &labelNames, "Names of the labels 1, 2, ... for the legend");
    reading.Declare(p);
    p.Group("View");
    p.Add("mode", &mode, "Three slices, ray casting, or surfaces of the labels").Choices({ "slices", "volume", "surface" });
    p.Add("position", &position, "Where the slices cross (x,y,z in mm, LPS); default: in the labels, or the volume's centre");
    p.Add("surfaceValue", &surfaceValue,
          "Intensity of the surface when there are no labels; default: 200 HU (bone) for CT, else the window's level");
    p.Add("title", &title, "Title above the picture");
    p.Add("size", &size, "Width and height in pixels").Range(320, 8192);
    p.Group("Window");
    p.Add("window", &window, "Intensity window; auto: soft for CT, mr (1st to 99.5th percentile) otherwise")
      .Choices({ "auto", "lung", "soft", "bone", "mr" });
    p.Add("level", &level, "Window level, used where the width is above 0");
    p.Add("width", &width, "Window width; 0: level and width of the window named above").Range(0, 1e9);
  }

  void Run(app::Context & context) override
  {
    CheckValues();
    context.progress.Report(0.05, "Reading");
    const Volume             volume = ReadVolume(input, reading.Options());
    const std::vector<float> voxels = volume.AsFloat();
    LabelVolume              overlay;
    if (!labels.empty())
    {
      overlay = ReadLabels(labels);
      RequireSameGrid(volume.geometry, overlay.geometry, Shown(input), Shown(labels));
    }
    context.progress.Report(0.4, "Drawing");
    Scene scene;
    scene.volume = { voxels, volume.geometry };
    scene.labels = overlay.labels;
    scene.labelNames = labelNames;
    scene.title = title;
    scene.size = { size[0], size[1] };
    scene.window = WindowOf(scene.volume, volume.modality);
    if (!position.empty())
      scene.position = Point{ position[0], position[1], position[2] };
    scene.surfaceValue = SurfaceValueOf(scene.window);
    WritePicture(Draw(scene), output);
    context.WriteNumbers(Numbers(scene));
  }

private:
  void CheckValues() const
  {
    Require(size.size() == 2, Fault::Usage, "--size has ", size.size(), " numbers; two, width,height, are expected");
    Require(position.empty() || position.size() == 3, Fault::Usage, "--position has ", position.size(),
            " numbers; three, x,y,z, are expected");
    Require(surfaceValue.size() < 2, Fault::Usage, "--surfaceValue has ", surfaceValue.size(), " numbers; one is expected");
    Require(output.extension() == ".png", Fault::Usage, "the output '", output.string(), "' must end with .png");
  }

  DisplayWindow WindowOf(const VolumeView & view, const std::string & modality) const
  {
    static const std::map<std::string, WindowPreset> presets{ { "auto", WindowPreset::Auto },
                                                              { "lung", WindowPreset::Lung },
                                                              { "soft", WindowPreset::Soft },
                                                              { "bone", WindowPreset::Bone },
                                                              { "mr", WindowPreset::Mr } };
    if (width > 0)
      return { level, width, "" };
    if (window != "auto" || modality.empty())
      return WindowFor(presets.at(window), view);
    return WindowFor(modality == "CT" ? WindowPreset::Soft : WindowPreset::Mr, view);
  }

  double SurfaceValueOf(const DisplayWindow & chosen) const
  {
    if (!surfaceValue.empty())
      return surfaceValue[0];
    return chosen.name == "soft tissue" || chosen.name == "lung" || chosen.name == "bone" ? 200 : chosen.level;
  }

  Picture Draw(const Scene & scene) const
  {
    return mode == "slices" ? RenderSlices(scene) : mode == "volume" ? RenderVolume(scene) : RenderSurface(scene);
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
