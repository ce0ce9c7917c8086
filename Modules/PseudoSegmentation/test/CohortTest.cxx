#include "serval/PseudoSegmentation/Cohort.h"

#include "CasePicture.h"
#include "ContactSheet.h"
#include "Support.h"
#include "serval/Core/Error.h"

#include <gtest/gtest.h>
#include <png.h>

#include <fstream>
#include <map>

namespace serval
{
namespace
{

namespace fs = std::filesystem;
using support::TemporaryFolder;

// 15x16x17 voxels of 1x1x2 mm: a block of `side` voxels, bright, on a dark ground with a little texture.
Volume Block(std::int64_t side, float bright)
{
  const Extent       e{ 15, 16, 17 };
  std::vector<float> voxels;
  for (std::int64_t z = 0; z < e.z; ++z)
    for (std::int64_t y = 0; y < e.y; ++y)
      for (std::int64_t x = 0; x < e.x; ++x)
        voxels.push_back(std::max({ x, y, z }) < side ? bright : 10.0F + static_cast<float>((x + y + z) % 3));
  return { { e, { 1, 1, 2 }, { 3, 4, 5 }, { 1, 0, 0, 0, 1, 0, 0, 0, 1 } }, voxels, "MR" };
}

class Cohort : public testing::Test
{
protected:
  TemporaryFolder folder;
  fs::path        out = folder / "out";
  CohortPlan      plan;

  void SetUp() override { plan.threads = 2; }

  // Cases a, b, c, ... in a folder whose name must not be told.
  Manifest MakeManifest(const std::vector<std::int64_t> & sides, const std::string & more = {}) const
  {
    fs::create_directories(folder / "Doe^John");
    std::string text = "case,patient,image\n";
    for (std::size_t i = 0; i < sides.size(); ++i)
    {
      const std::string id(1, static_cast<char>('a' + i));
      WriteVolume(Block(sides[i], 200 + static_cast<float>(i)), folder / "Doe^John" / (id + ".nrrd"));
      text += id + ",p" + id + ",Doe^John/" + id + ".nrrd\n";
    }
    support::WriteFile(folder / "manifest.csv", text + more);
    return Manifest::Read(folder / "manifest.csv");
  }
  std::vector<CohortCase> Run(const Manifest & manifest) const
  {
    NoProgress progress;
    return SegmentCohort(manifest, plan, out, progress);
  }
  void ExpectUsage(const Manifest & manifest, const std::string & words) const
  {
    try
    {
      Run(manifest);
      ADD_FAILURE() << "nothing was refused; expected: " << words;
    }
    catch (const Error & e)
    {
      EXPECT_EQ(e.Kind(), Fault::Usage);
      EXPECT_NE(std::string(e.what()).find(words), std::string::npos) << e.what();
    }
  }
};

TEST_F(Cohort, TheManifestNamesGoodLabelMapsAndABadCaseStopsNoOther)
{
  const auto cases = Run(MakeManifest({ 7, 8, 8 }, "d,pd,Doe^John/missing.nrrd\n"));
  const auto written = Manifest::Read(out / "manifest.csv");
  ASSERT_EQ(written.Cases().size(), 4U);
  for (std::size_t i = 0; i < 3; ++i)
  {
    EXPECT_EQ(cases[i].summary.verdict, Verdict::Ok) << cases[i].summary.reason;
    EXPECT_TRUE(fs::exists(written.Cases()[i].image));
    const auto alone = Segment(ReadVolume(written.Cases()[i].image), plan.recipe);
    EXPECT_EQ(ReadLabels(written.Cases()[i].pseudoSegmentation).labels, alone.labels.labels);
  }
  EXPECT_EQ(cases[3].summary.verdict, Verdict::Failed);
  EXPECT_TRUE(written.Cases()[3].pseudoSegmentation.empty());
  EXPECT_NE(support::ReadFile(out / "excluded.csv").find("d,segment-by-threshold,"), std::string::npos);
}

TEST_F(Cohort, FilesHoldNoPathsOfTheImages)
{
  Run(MakeManifest({ 7, 8 }, "d,pd,Doe^John/missing.nrrd\ne,pe,Doe^John\n"));
  for (const char * name : { "excluded.csv", "contact-sheet.html", "pseudo-segmentation.csv", "records/a.json" })
    EXPECT_EQ(support::ReadFile(out / name).find("Doe"), std::string::npos) << name << support::ReadFile(out / name);
}

TEST_F(Cohort, ASecondRunKeepsWhatIsWholeAndMakesTheRestAgain)
{
  const auto manifest = MakeManifest({ 6, 7, 8, 9 });
  Run(manifest);
  std::map<std::string, std::string> first;
  for (const auto & name : support::Names(out / "labels"))
    first[name] = support::ReadFile(out / "labels" / name);
  const auto page = support::ReadFile(out / "contact-sheet.html");
  WriteVolume(Block(10, 150), folder / "Doe^John" / "b.nrrd");       // other voxels
  support::WriteFile(out / "labels/c.nii.gz", "damaged");
  fs::remove(out / "labels/d.nii.gz");
  const auto cases = Run(manifest);
  EXPECT_TRUE(cases[0].isKept);
  for (std::size_t i = 1; i < 4; ++i)
    EXPECT_FALSE(cases[i].isKept) << i;
  for (const char * name : { "a.nii.gz", "c.nii.gz", "d.nii.gz" })
    EXPECT_EQ(support::ReadFile(out / "labels" / name), first[name]) << name;
  EXPECT_NE(support::ReadFile(out / "labels/b.nii.gz"), first["b.nii.gz"]);
  EXPECT_NE(support::ReadFile(out / "contact-sheet.html"), page);
  for (const auto & one : Run(manifest))
    EXPECT_TRUE(one.isKept) << one.id;
  plan.recipe.largest = 1;
  for (const auto & one : Run(manifest))
    EXPECT_FALSE(one.isKept) << "another recipe, case " << one.id;
  plan.recipe.limits.emptyShare = 0.9;
  for (const auto & one : Run(manifest))
  {
    EXPECT_TRUE(one.isKept) << "another limit makes no label map again, case " << one.id;
    EXPECT_EQ(one.summary.verdict, Verdict::Empty) << "but it judges again";
  }
}

TEST_F(Cohort, ThreadsChangeNothing)
{
  const auto manifest = MakeManifest({ 5, 6, 7, 8, 9, 14 });
  Run(manifest);
  const auto page = support::ReadFile(out / "contact-sheet.html"), table = support::ReadFile(out / "pseudo-segmentation.csv");
  fs::remove_all(out);
  plan.threads = 1;
  Run(manifest);
  EXPECT_EQ(support::ReadFile(out / "contact-sheet.html"), page);
  EXPECT_EQ(support::ReadFile(out / "pseudo-segmentation.csv"), table);
}

TEST_F(Cohort, LabelsOfOthersAreNeverReplaced)
{
  const auto manifest = MakeManifest({ 7, 8 });
  fs::create_directories(out / "labels");
  support::WriteFile(out / "labels/b.nii.gz", "an expert's work");
  ExpectUsage(manifest, "label map of case b that is not of an earlier run");
  EXPECT_EQ(support::ReadFile(out / "labels/b.nii.gz"), "an expert's work");
  EXPECT_FALSE(fs::exists(out / "labels/a.nii.gz"));
  fs::remove_all(out / "labels");
  support::WriteFile(out / "manifest.csv", "mine");
  ExpectUsage(manifest, "manifest.csv that is not of an earlier run");
  support::WriteFile(folder / "experts.csv", "case,image,segmentation\na,Doe^John/a.nrrd,Doe^John/b.nrrd\n");
  plan.column = "segmentation";
  fs::remove_all(out);
  ExpectUsage(Manifest::Read(folder / "experts.csv"), "case a has a segmentation");
}

TEST_F(Cohort, RefusedCasesAreUsedWhenAccepted)
{
  plan.recipe.method = ThresholdMethod::Fixed;
  plan.recipe.thresholds = { 205.5 };
  const auto manifest = MakeManifest({ 7, 8, 8, 8, 8, 8, 8 }); // a to f have no voxel above
  const auto cases = Run(manifest);
  EXPECT_EQ(cases[0].summary.verdict, Verdict::Empty);
  EXPECT_FALSE(IsUsed(cases[0], plan));
  plan.acceptGate = true;
  Run(manifest);
  EXPECT_FALSE(Manifest::Read(out / "manifest.csv").Cases()[0].pseudoSegmentation.empty());
  EXPECT_FALSE(fs::exists(out / "excluded.csv"));
}

CohortCase WithShare(const std::string & id, double share)
{
  CohortCase one;
  one.id = id;
  one.summary.low = 0;
  one.summary.high = 100;
  one.summary.thresholds = { 40 };
  const auto bright = static_cast<std::uint64_t>(share * 10000);
  one.summary.classes = { { 0, "dark", 10000 - bright, 0 }, { 1, "bright", bright, 0 } };
  return one;
}

TEST(Outliers, AreFarFromTheMedianByTheCohortsOwnSpread)
{
  CohortPlan              plan;
  std::vector<CohortCase> cases;
  for (const double share : { 0.20, 0.22, 0.24, 0.26, 0.28, 0.24, 0.60 })
    cases.push_back(WithShare(std::to_string(share), share));
  MarkOutliers(cases, plan); // median 0.24, MAD 0.02
  EXPECT_NEAR(cases[6].deviation, 0.36 / (1.4826 * 0.02), 1e-9);
  EXPECT_EQ(cases[6].summary.verdict, Verdict::Outlier);
  EXPECT_NE(cases[6].summary.reason.find("the share of dark is 40.00 %"), std::string::npos) << cases[6].summary.reason;
  for (std::size_t i = 0; i < 6; ++i)
    EXPECT_EQ(cases[i].summary.verdict, Verdict::Ok);
  EXPECT_EQ(WorstFirst(cases, plan).front(), 6U);
  cases.back() = WithShare("threshold", 0.24);
  cases.back().summary.thresholds = { 95 };
  MarkOutliers(cases, plan);
  EXPECT_EQ(cases[6].summary.verdict, Verdict::Outlier);
  EXPECT_NE(cases[6].summary.reason.find("threshold 1"), std::string::npos) << cases[6].summary.reason;
}

TEST(Outliers, AreNotMadeOfFewOrEqualCases)
{
  CohortPlan              plan;
  std::vector<CohortCase> few{ WithShare("a", 0.2), WithShare("b", 0.2), WithShare("c", 0.2), WithShare("d", 0.9) };
  MarkOutliers(few, plan);
  EXPECT_EQ(few[3].summary.verdict, Verdict::Ok);
  std::vector<CohortCase> equal(9, WithShare("e", 0.2));
  equal.push_back(WithShare("f", 0.21)); // no spread at all, and yet next to nothing away
  MarkOutliers(equal, plan);
  EXPECT_EQ(equal[9].summary.verdict, Verdict::Ok);
}

struct Decoded
{
  int                       width = 0, height = 0;
  std::vector<std::uint8_t> rgb;

  int Grey(double x, double y) const // of a place given as share of the picture
  {
    const auto column = static_cast<std::size_t>(x * width), row = static_cast<std::size_t>(y * height);
    return rgb[3 * (row * static_cast<std::size_t>(width) + column)];
  }
};

Decoded Decode(const std::string & bytes)
{
  png_image image{};
  image.version = PNG_IMAGE_VERSION;
  EXPECT_NE(png_image_begin_read_from_memory(&image, bytes.data(), bytes.size()), 0);
  image.format = PNG_FORMAT_RGB;
  Decoded decoded{ static_cast<int>(image.width), static_cast<int>(image.height), std::vector<std::uint8_t>(PNG_IMAGE_SIZE(image)) };
  EXPECT_NE(png_image_finish_read(&image, nullptr, decoded.rgb.data(), 0, nullptr), 0);
  return decoded;
}

// Left is bright in x, posterior in y, superior in z: 100 for each; whatever axes the voxels are stored along.
Volume Corners(const std::array<double, 9> & direction, Extent extent, Spacing spacing)
{
  Volume     volume{ { extent, spacing, {}, direction }, std::vector<float>(), {} };
  auto &     g = volume.geometry;
  const auto middle = g.PointAt(double(extent.x - 1) / 2, double(extent.y - 1) / 2, double(extent.z - 1) / 2);
  auto &     voxels = std::get<std::vector<float>>(volume.voxels = std::vector<float>());
  for (std::int64_t z = 0; z < extent.z; ++z)
    for (std::int64_t y = 0; y < extent.y; ++y)
      for (std::int64_t x = 0; x < extent.x; ++x)
      {
        const Point p = g.PointAt(double(x), double(y), double(z));
        voxels.push_back(float(p[0] > middle[0] ? 50 : 0) + float(p[1] > middle[1] ? 70 : 0) + float(p[2] > middle[2] ? 90 : 0));
      }
  return volume;
}

TEST(CasePicture, ShowsTheAnatomyUprightWhateverTheAxesAre)
{
  const std::array<double, 9> axial{ 1, 0, 0, 0, 1, 0, 0, 0, 1 }, sagittal{ 0, 0, -1, -1, 0, 0, 0, 1, 0 };
  for (const auto & [direction, extent, spacing] :
       { std::tuple{ axial, Extent{ 21, 21, 7 }, Spacing{ 2, 2, 6 } }, std::tuple{ sagittal, Extent{ 21, 7, 21 }, Spacing{ 2, 6, 2 } } })
  {
    const Volume      volume = Corners(direction, extent, spacing);
    const LabelVolume none{ volume.geometry, std::vector<std::uint16_t>(static_cast<std::size_t>(extent.Voxels()), 0) };
    const auto        picture = Decode(CasePicture(volume, none, 0, 255));
    EXPECT_NEAR(picture.width, 3.0 * picture.height, 20) << "42 mm along each axis";
    const double third = 1.0 / 3, near = third * 0.25, far = third * 0.75;
    EXPECT_LT(picture.Grey(near, 0.25), picture.Grey(far, 0.25)) << "axial: left is right";
    EXPECT_LT(picture.Grey(near, 0.25), picture.Grey(near, 0.75)) << "axial: posterior is below";
    EXPECT_NEAR(picture.Grey(far, 0.25) - picture.Grey(near, 0.25), 50, 5);
    EXPECT_NEAR(picture.Grey(near, 0.75) - picture.Grey(near, 0.25), 70, 5);
    EXPECT_NEAR(picture.Grey(third + far, 0.25) - picture.Grey(third + near, 0.25), 50, 5) << "coronal: left is right";
    EXPECT_NEAR(picture.Grey(third + near, 0.2) - picture.Grey(third + near, 0.8), 90, 5) << "coronal: superior is above";
    EXPECT_NEAR(picture.Grey(2 * third + far, 0.2) - picture.Grey(2 * third + near, 0.2), 70, 5) << "sagittal: anterior is left";
    EXPECT_NEAR(picture.Grey(2 * third + near, 0.2) - picture.Grey(2 * third + near, 0.8), 90, 5) << "sagittal: superior is above";
  }
}

} // namespace
} // namespace serval
