#include "SceneOptions.h"
#include "serval/Visualization/Display.h"
#include "serval/Visualization/View.h"

namespace serval
{
namespace
{

struct ViewVolume final : app::Application
{
  SceneOptions          what;
  std::filesystem::path picture;
  std::string           solid = "auto", preset = "window";

  app::Description Describe() const override
  {
    return { "ServalViewVolume", "view", "View Volume", "Serval.Visualization",
             "Opens a window on a CT or MR volume, with labels, heat map and patches over it: axial, coronal and sagittal slice in radiological "
             "convention, and surfaces or ray casting to turn. The wheel goes through the slices, dragging changes the window (right button: zoom, middle: pan), o switches the overlays, "
             "h shows all keys. Needs a display (exit code 4 without one); render-volume writes pictures anywhere." };
  }

  void Declare(app::Parameters & p) override
  {
    p.Add("input", &what.input, "Volume: NIfTI, NRRD or MetaImage file, or a folder with a DICOM series").In("image").Positional(0);
    p.Add("picture", &picture, "Picture of the window, written when s is pressed; numbered from the second on").Out("file", ".png").Optional();
    what.Declare(p);
    p.Group("View");
    p.Add("solid", &solid, "Fourth pane: surfaces of the labels, ray casting, or nothing; auto: surfaces where there are labels, else ray casting")
      .Choices({ "auto", "surface", "volume", "nothing" });
    p.Add("preset", &preset, "Colours and opacities of ray casting; window: by the intensity window").Choices(VolumePresetNames());
  }

  void Run(app::Context & context) override
  {
    what.CheckValues();
    Require(picture.empty() || picture.extension() == ".png", Fault::Usage, "the picture '", picture.string(), "' must end with .png");
    RequireScreen();
    context.progress.Report(0.05, "Reading");
    LoadedScene loaded(what);
    loaded.scene.preset = VolumePresetFrom(preset);
    context.progress.Report(0.9, "Showing; h in the window shows the keys");
    ShowView(loaded.scene, { KindOf(loaded.scene), picture });
  }

private:
  SolidKind KindOf(const Scene & scene) const
  {
    if (solid == "auto")
      return scene.labels.empty() ? SolidKind::RayCasting : SolidKind::Surface;
    return solid == "surface" ? SolidKind::Surface : solid == "volume" ? SolidKind::RayCasting : SolidKind::Nothing;
  }
};

} // namespace
} // namespace serval

int main(int argc, char ** argv) { return serval::app::Main<serval::ViewVolume>(argc, argv); }
