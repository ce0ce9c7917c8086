#include "Figures.h"
#include "Phantom.h"
#include "serval/Visualization/PatchGallery.h"

#include <gtest/gtest.h>

#include <vtkImageData.h>
#include <vtkNew.h>
#include <vtkPNGReader.h>

#include <algorithm>
#include <cmath>
#include <cstdlib>
#include <filesystem>

namespace serval
{
namespace
{

Picture ReadPicture(const std::filesystem::path & file)
{
  vtkNew<vtkPNGReader> reader;
  reader->SetFileName(file.c_str());
  reader->Update();
  int size[3];
  reader->GetOutput()->GetDimensions(size);
  Picture picture({ size[0], size[1] }, {});
  for (int y = 0; y < size[1]; ++y)
    std::copy_n(static_cast<const unsigned char *>(reader->GetOutput()->GetScalarPointer(0, size[1] - 1 - y, 0)), 3 * size[0],
                picture.rgb.begin() + 3 * std::ptrdiff_t(size[0]) * y);
  return picture;
}

/// How far a picture may be from its baseline: shares of pixels that differ clearly, by what is drawn with OpenGL or not.
struct Tolerance
{
  double clear = 0.002;
  int    levels = 48;
};

// With SERVAL_WRITE_BASELINES set the picture becomes the baseline; look at it before it is committed.
void ExpectLikeBaseline(const Picture & picture, const std::string & name, Tolerance tolerance = {})
{
  const auto baseline = std::filesystem::path(SERVAL_SOURCE_DIRECTORY) / "Modules/Visualization/test/baseline" / (name + ".png");
  const auto folder = std::filesystem::path(SERVAL_BINARY_DIRECTORY) / "Testing" / "pictures";
  std::filesystem::create_directories(folder);
  WritePicture(picture, folder / (name + ".png"));
  if (std::getenv("SERVAL_WRITE_BASELINES"))
    WritePicture(picture, baseline);
  ASSERT_TRUE(std::filesystem::exists(baseline)) << name << " has no baseline";
  const Picture expected = ReadPicture(baseline);
  ASSERT_EQ(expected.size.width, picture.size.width) << name;
  ASSERT_EQ(expected.size.height, picture.size.height) << name;
  std::size_t clear = 0;
  for (std::size_t i = 0; i < picture.rgb.size(); i += 3)
    clear += std::abs(picture.rgb[i] - expected.rgb[i]) > tolerance.levels || std::abs(picture.rgb[i + 1] - expected.rgb[i + 1]) > tolerance.levels ||
             std::abs(picture.rgb[i + 2] - expected.rgb[i + 2]) > tolerance.levels;
  EXPECT_LE(double(clear), tolerance.clear * double(picture.rgb.size()) / 3) << name << ": look at Testing/pictures in the build folder";
}

// A body with bone, an organ, a lesion of its label, a heat map and two patches, on an oblique grid.
struct Patient : phantom::Body
{
  std::vector<float> heat;
  Scene              scene;

  Patient()
    : Body(phantom::Oblique(), { 0.8, 0.8, 1.5 })
  {
    std::fill(voxels.begin(), voxels.end(), -900.F);
    Ball(voxels, { 0, 0, 0 }, 17, 20.F);
    Ball(voxels, { 0, 9, 0 }, 4, 700.F);
    Ball(voxels, { -6, -4, 3 }, 5, 160.F);
    Ball(labels, { -6, -4, 3 }, 5, std::uint16_t{ 1 });
    Ball(labels, { 0, 9, 0 }, 4, std::uint16_t{ 2 });
    heat.assign(voxels.size(), 0);
    ForEach([this](std::size_t i, Point p) { heat[i] = float(std::exp(-std::pow(std::hypot(p[0] + 5, p[1] + 3, p[2] - 3) / 6, 2))); });
    scene = AsScene();
    scene.window = { 40, 400, "soft tissue" };
    scene.size = { 900, 400 };
    scene.labels = labels;
    scene.labelNames = { "lesion", "vertebra" };
    scene.position.reset();
    for (const std::int64_t x : { 8, 22 })
      scene.boxes.push_back({ geometry.Block({ x, 12, 6 }, { 16, 16, 8 }), 0 });
  }
};

// A chest: lungs with vessels that branch from the middle, and a windpipe; air around the body.
Scene Chest(phantom::Body & body)
{
  std::fill(body.voxels.begin(), body.voxels.end(), -1000.F);
  body.ForEach([&body](std::size_t i, Point p) {
    const double side = std::abs(p[0]) - 8.5, fromLung = std::hypot(side / 6, p[1] / 9, (p[2] + 2) / 11);
    if (std::hypot(p[0] / 18, p[1] / 13) <= 1)
      body.voxels[i] = 40;
    if (fromLung <= 1)
      body.voxels[i] = -860;
    for (const double slope : { -0.9, -0.3, 0.3, 0.9 }) // vessels
      if (fromLung <= 0.95 && std::hypot(p[2] + 2 - slope * (std::abs(p[0]) - 3), p[1]) <= 1.1)
        body.voxels[i] = 0;
    if (std::hypot(p[0], p[1]) <= 2.2 && p[2] > -2) // windpipe
      body.voxels[i] = -1000;
  });
  Scene scene = body.AsScene();
  scene.preset = VolumePreset::CtLung;
  scene.size = { 600, 480 };
  return scene;
}

// Balls of one label each, more than there are colours.
Scene ManyLabels(phantom::Body & body, unsigned count)
{
  for (unsigned label = 1; label <= count; ++label)
  {
    const double angle = 2.4 * label, radius = 2.9 * std::sqrt(label);
    body.Ball(body.labels, { radius * std::cos(angle), radius * std::sin(angle), 0 }, 2.3, static_cast<std::uint16_t>(label));
  }
  Scene scene = body.AsScene();
  scene.labels = body.labels;
  scene.size = { 900, 560 };
  scene.labelNames = { "spleen", "right kidney", "left kidney", "gallbladder", "liver", "stomach", "pancreas" };
  return scene;
}

TEST(Baseline, Figures)
{
  for (const auto & figure : figures::All())
    ExpectLikeBaseline(Rasterised(figure.draw(Theme::Light)), figure.name);
  ExpectLikeBaseline(Rasterised(DrawCurves(figures::TrainingSizes(14, Theme::Dark))), "sizes-14-arms-dark");
}

TEST(Baseline, Slices)
{
  Patient patient;
  ExpectLikeBaseline(RenderSlices(patient.scene), "slices-labels");
  patient.scene.heat = HeatMap{ { patient.heat, patient.geometry }, 0, 1, "Grad-CAM" };
  ExpectLikeBaseline(RenderSlices(patient.scene), "slices-heat");
  patient.scene.boxes.clear();
  ExpectLikeBaseline(RenderProjections(patient.scene), "projections");
  patient.scene.size = { 900, 600 };
  ExpectLikeBaseline(RenderMosaic(patient.scene, 0, 8), "mosaic");
  phantom::Body body(phantom::identity, { 0.5, 0.5, 1 });
  ExpectLikeBaseline(RenderSlices(ManyLabels(body, 30)), "slices-30-labels");
}

/// Patches with a round or an oblong spot, some of them with a map of it.
struct SpotPatches
{
  Geometry                        geometry{ { 32, 32, 12 }, { 0.7, 0.7, 1.5 }, {}, phantom::identity };
  std::vector<std::vector<float>> voxels, heat;

  SpotPatches()
  {
    for (int i = 0; i < 14; ++i)
    {
      std::vector<float> image, map;
      for (std::int64_t at = 0; at < geometry.extent.Voxels(); ++at)
      {
        const double x = double(at % 32) - 12 - i % 5, y = double(at / 32 % 32) - 19 + i % 4, far = std::hypot(x, y * (i % 2 ? 2.2 : 1)) / (5 + i % 3);
        image.push_back(float(40 + 20 * std::sin(0.9 * double(at % 32) + i) + 160 * std::exp(-far * far * far)));
        map.push_back(float(std::exp(-far * far)));
      }
      voxels.push_back(std::move(image));
      heat.push_back(std::move(map));
    }
  }
  PatchCell Cell(std::size_t i, std::vector<std::string> lines, AnswerMark mark = AnswerMark::None, bool hasHeat = false) const
  {
    return { { voxels[i], geometry }, { 90, 320, "" }, hasHeat ? std::span<const float>(heat[i]) : std::span<const float>{}, std::move(lines), mark };
  }
};

TEST(Baseline, Patches)
{
  const SpotPatches spots;
  PatchGallery      classes{ "Patches by class", "Axial slices through the middle, the patient's right on the left; level 90, width 320" };
  for (const std::string name : { "round", "oblong" })
  {
    classes.rows.push_back({ name + ", 7 of 40 patches", {} });
    for (std::size_t i = name == "oblong"; i < 14; i += 2)
      classes.rows.back().cells.push_back(spots.Cell(i, { "case " + std::to_string(i + 1) }));
  }
  classes.across = 5;
  classes.width = 600;
  ExpectLikeBaseline(RenderPatches(classes), "patches-by-class");
  PatchGallery arms{ "Most confident errors", "Colour: Grad-CAM of the answer", { "patch", "scratch", "lung CT", "liver CT" } };
  for (std::size_t i = 0; i < 3; ++i)
    arms.rows.push_back({ "",
                          { spots.Cell(i, { "truth: " + std::string(i % 2 ? "oblong" : "round"), "case " + std::to_string(i + 1) }),
                            spots.Cell(i, { i % 2 ? "round 0.97" : "oblong 0.98" }, AnswerMark::Wrong, true), spots.Cell(i, { i % 2 ? "oblong 0.81" : "round 0.77" }, AnswerMark::Right, true),
                            PatchCell{ {}, {}, {}, { i % 2 ? "oblong 0.66" : "round 0.59" }, AnswerMark::Right } } });
  arms.width = 600;
  arms.theme = Theme::Dark;
  ExpectLikeBaseline(RenderPatches(arms), "patches-arms-dark");
}

TEST(Baseline, ThreeDimensions)
{
  constexpr Tolerance drawn{ 0.02, 48 };
  Patient             patient;
  patient.scene.size = { 600, 480 };
  ExpectLikeBaseline(RenderVolume(patient.scene), "volume-labels", drawn);
  const Picture smooth = RenderSurface(patient.scene);
  patient.scene.smooth = false;
  ExpectLikeBaseline(Tiled({ RenderSurface(patient.scene), smooth }, 2), "surfaces-compared", drawn);
  patient.scene.labels = {};
  for (const auto & [preset, name] : { std::pair{ VolumePreset::CtBone, "volume-ct-bone" }, std::pair{ VolumePreset::CtSoft, "volume-ct-soft" }, std::pair{ VolumePreset::MrTissue, "volume-mr" } })
  {
    patient.scene.preset = preset;
    ExpectLikeBaseline(RenderVolume(patient.scene), name, drawn);
  }
  phantom::Body chest(phantom::identity, { 0.25, 0.25, 0.25 });
  ExpectLikeBaseline(RenderVolume(Chest(chest)), "volume-ct-lung", drawn);
}

} // namespace
} // namespace serval
