#include "Figures.h"
#include "Support.h"
#include "serval/Core/AtomicFile.h"
#include "serval/Core/Error.h"

#include <gtest/gtest.h>

#include <algorithm>
#include <filesystem>
#include <limits>

namespace serval
{
namespace
{

std::filesystem::path Shown(const std::string & name)
{
  const auto folder = std::filesystem::path(SERVAL_BINARY_DIRECTORY) / "Testing" / "pictures";
  std::filesystem::create_directories(folder);
  return folder / name;
}

std::size_t Count(const std::string & text, const std::string & part)
{
  std::size_t count = 0;
  for (auto at = text.find(part); at != std::string::npos; at = text.find(part, at + 1))
    ++count;
  return count;
}

template <typename TDraw>
Fault RefusalOf(TDraw draw)
{
  try
  {
    draw();
  }
  catch (const Error & e)
  {
    return e.Kind();
  }
  ADD_FAILURE() << "not refused";
  return Fault::Internal;
}

TEST(Figures, AreWrittenAsPngAndSvgInBothThemes)
{
  for (const auto & figure : figures::All())
    for (const auto & [theme, word] : { std::pair{ Theme::Light, "light" }, std::pair{ Theme::Dark, "dark" } })
    {
      const Drawing drawing = figure.draw(theme);
      for (const auto * ending : { ".png", ".svg" })
      {
        const auto file = Shown(figure.name + "-" + word + ending);
        WriteDrawing(drawing, file);
        EXPECT_GT(std::filesystem::file_size(file), 2000u) << file;
      }
    }
}

// A word that leaves the picture would be cut off in silence.
TEST(Figures, KeepTheirShapesInside)
{
  struct Reach
  {
    std::vector<Place> operator()(const Drawing::Line & l) const { return l.points; }
    std::vector<Place> operator()(const Drawing::Area & a) const { return a.points; }
    std::vector<Place> operator()(const Drawing::Disc & d) const { return { d.centre }; }
    std::vector<Place> operator()(const Drawing::Words & w) const { return { w.place }; }
  };
  for (const auto & figure : figures::All())
  {
    const Drawing drawing = figure.draw(Theme::Light);
    for (const auto & shape : drawing.shapes)
      for (const Place & p : std::visit(Reach{}, shape))
        EXPECT_TRUE(p.x >= 0 && p.y >= 0 && p.x <= drawing.size.width && p.y <= drawing.size.height) << figure.name << ' ' << p.x << ' ' << p.y;
  }
}

TEST(Svg, HoldsTheWordsAsEscapedText)
{
  CurvePlot plot{ "a < b & \"c\"", "x", "y", { { "é", { 1, 2 }, { 1, 2 } } } };
  const auto svg = EncodeSvg(DrawCurves(plot));
  EXPECT_EQ(Count(svg, "a &lt; b &amp; &quot;c&quot;</text>"), 1u);
  EXPECT_EQ(Count(svg, "\xc3\xa9</text>"), 1u);
  EXPECT_EQ(Count(svg, "<text "), Count(svg, "</text>"));
  EXPECT_EQ(svg, EncodeSvg(DrawCurves(plot)));
}

TEST(Drawing, IsWrittenByItsEndingOrRefused)
{
  const Drawing drawing{ { 40, 30 }, { 255, 255, 255 }, "none" };
  EXPECT_EQ(RefusalOf([&] { WriteDrawing(drawing, Shown("drawing.jpg")); }), Fault::Usage);
}

// An area of known size covers what it should, and half a pixel is grey.
TEST(Drawing, AreasCoverTheirPixels)
{
  Drawing drawing{ { 40, 30 }, { 255, 255, 255 }, "" };
  drawing.Rectangle(5, 6, 10.5, 4, { 0, 0, 0 });
  const Picture picture = Rasterised(drawing);
  EXPECT_EQ(picture.At(5, 6), (Color{ 0, 0, 0 }));
  EXPECT_EQ(picture.At(14, 9), (Color{ 0, 0, 0 }));
  EXPECT_NEAR(picture.At(15, 8).r, 128, 1);
  EXPECT_EQ(picture.At(16, 8), (Color{ 255, 255, 255 }));
  EXPECT_EQ(picture.At(10, 10), (Color{ 255, 255, 255 }));
}

TEST(CriticalDifferences, BarsAreTheLongestOnly)
{
  using Bars = std::vector<std::pair<std::size_t, std::size_t>>;
  EXPECT_EQ(RanksJoined({ 1, 2, 3, 4 }, 0.5), Bars{});
  EXPECT_EQ(RanksJoined({ 1, 1.5, 3, 3.5 }, 1), (Bars{ { 0, 1 }, { 2, 3 } }));
  EXPECT_EQ(RanksJoined({ 1, 2, 3 }, 5), (Bars{ { 0, 2 } }));
  EXPECT_EQ(RanksJoined({ 1, 2, 3 }, 1), (Bars{ { 0, 1 }, { 1, 2 } }));
}

std::vector<std::string> WordsOf(const Drawing & drawing)
{
  std::vector<std::string> words;
  for (const auto & shape : drawing.shapes)
    if (const auto * text = std::get_if<Drawing::Words>(&shape))
      words.push_back(text->text);
  return words;
}

TEST(Forest, NamesTooLongForOneLineAreBrokenAndNotCut)
{
  const ForestPlot short_{ "", "difference", { { "tuned", 0.1, 0, 0.2, "" }, { "svm", 0.02, -0.1, 0.1, "" } } };
  auto             plot = short_;
  plot.rows[0].name = "expert-tuned-reference – scratch-400-steps-of-training";
  const auto words = WordsOf(DrawForest(plot));
  for (const char * part : { "expert-tuned-reference –", "scratch-400-steps-of-training", "svm" })
    EXPECT_EQ(std::count(words.begin(), words.end(), part), 1) << part;
  EXPECT_GT(DrawForest(plot).size.height, DrawForest(short_).size.height);
}

TEST(Forest, TicksDoNotRunIntoEachOther)
{
  const std::string long_(40, 'n');
  for (const double reach : { 0.165, 0.31, 1.2, 40.0 })
  {
    const auto          drawing = DrawForest({ "", "difference", { { long_, 0.1 * reach, -0.5 * reach, 0.5 * reach, "p 1.000" } } });
    std::vector<Place> places;
    for (const auto & shape : drawing.shapes)
      if (const auto * text = std::get_if<Drawing::Words>(&shape); text != nullptr && text->align == Align::Centre && text->text != "difference")
        places.push_back(text->place);
    ASSERT_GE(places.size(), 2U) << reach;
    for (std::size_t i = 1; i < places.size(); ++i)
      EXPECT_GT(places[i].x - places[i - 1].x, 40) << reach;
  }
}

TEST(PrecisionRecall, ClassesOfDifferentPrevalenceHaveALineEach)
{
  const auto dashed = [](const std::vector<double> & prevalences) {
    const auto drawing = DrawPrecisionRecall(figures::PrecisionRecall(Theme::Light), prevalences);
    return std::count_if(drawing.shapes.begin(), drawing.shapes.end(), [](const auto & shape) {
      const auto * line = std::get_if<Drawing::Line>(&shape);
      return line != nullptr && line->dash == 5;
    });
  };
  EXPECT_EQ(dashed({ 0.3 }), 1);
  EXPECT_EQ(dashed({ 0.3, 0.3 }), 1);
  EXPECT_EQ(dashed({ 0.3, 0.1 }), 2);
}

TEST(Figures, WhatCannotBeDrawnIsRefused)
{
  constexpr double nan = std::numeric_limits<double>::quiet_NaN();
  EXPECT_EQ(RefusalOf([] { DrawRoc({}); }), Fault::Input);
  EXPECT_EQ(RefusalOf([] { DrawRoc({ "", { { "a", { 0, 2 }, { 0, 1 } } } }); }), Fault::Input);
  EXPECT_EQ(RefusalOf([] { DrawPrecisionRecall(figures::PrecisionRecall(Theme::Light), { nan }); }), Fault::Input);
  EXPECT_EQ(RefusalOf([] { DrawPrecisionRecall(figures::PrecisionRecall(Theme::Light), { 0.1, 0.2, 0.3 }); }), Fault::Input);
  EXPECT_EQ(RefusalOf([] { DrawReliability({}); }), Fault::Input);
  EXPECT_EQ(RefusalOf([] { DrawCriticalDifference({ "", { "a", "b" }, { 1 } }); }), Fault::Input);
  EXPECT_EQ(RefusalOf([] { DrawCriticalDifference({ "", { "a", "b" }, { 1, 2 }, nan }); }), Fault::Input);
  EXPECT_EQ(RefusalOf([] { DrawMatrix({ "", "", "", { "a" }, { "b" }, { nan } }); }), Fault::Input);
  EXPECT_EQ(RefusalOf([] { DrawMatrix({ "", "", "", { "a" }, { "b" }, { 1, 2 } }); }), Fault::Input);
  EXPECT_EQ(RefusalOf([] { DrawForest({ "", "", { { "a", nan, nan, nan } } }); }), Fault::Input);
  EXPECT_EQ(RefusalOf([] { DrawScatter({ "", "", "", "", { { "a", nan, 1 } } }); }), Fault::Input);
  EXPECT_EQ(RefusalOf([] { DrawScatter({ "", "", "", "", { { "a", 1, 1, 0, 0, 3 } } }); }), Fault::Input);
  auto plot = figures::TrainingSizes(14, Theme::Light);
  for (int i = 0; i < 14; ++i)
    plot.curves.push_back(Curve(plot.curves[static_cast<std::size_t>(i)]));
  plot.size = { 600, 300 };
  EXPECT_EQ(RefusalOf([&] { DrawCurves(plot); }), Fault::Usage);
  auto named = figures::FreezingDepth(Theme::Light);
  named.xNames.pop_back();
  EXPECT_EQ(RefusalOf([&] { DrawCurves(named); }), Fault::Input);
}

} // namespace
} // namespace serval
