#include "Sheet.h"

#include "Canvas.h"
#include "serval/Core/Error.h"
#include "serval/Core/Text.h"

#include <algorithm>
#include <array>
#include <cmath>
#include <numbers>
#include <numeric>

namespace serval
{
namespace
{

// Corners on a circle of radius 1, the first at the angle `from` (degrees, counter-clockwise from the right).
std::vector<Place> Corners(int count, double from, double inner = 1)
{
  std::vector<Place> corners;
  for (int i = 0; i < count; ++i)
  {
    const double angle = (from + 360.0 * i / count) * std::numbers::pi / 180, radius = i % 2 ? inner : 1;
    corners.push_back({ radius * std::cos(angle), -radius * std::sin(angle) });
  }
  return corners;
}

std::vector<Place> Plus(double turn)
{
  constexpr double   reach = 1.15, half = 0.36;
  std::vector<Place> corners{ { half, -reach }, { half, -half }, { reach, -half }, { reach, half }, { half, half }, { half, reach },
                              { -half, reach }, { -half, half }, { -reach, half }, { -reach, -half }, { -half, -half }, { -half, -reach } };
  const double c = std::cos(turn), s = std::sin(turn);
  for (auto & p : corners)
    p = { c * p.x - s * p.y, s * p.x + c * p.y };
  return corners;
}

const std::vector<Place> & MarkerShape(std::size_t marker)
{
  static const std::array<std::vector<Place>, 7> shapes{ Corners(24, 0), Corners(4, 45), Corners(3, 90), Corners(4, 0),
                                                         Corners(3, 270), Plus(0), Plus(std::numbers::pi / 4) };
  return shapes[marker % shapes.size()];
}

} // namespace

Inks InksOf(Theme theme)
{
  if (theme == Theme::Dark)
    return { { 18, 18, 20 }, { 228, 228, 228 }, { 150, 150, 155 }, { 58, 58, 62 } };
  return { { 255, 255, 255 }, { 40, 40, 40 }, { 110, 110, 110 }, { 225, 225, 225 } };
}

Color Mixed(Color from, Color to, double share)
{
  const auto mix = [share](int a, int b) { return static_cast<std::uint8_t>(std::lround(a + (b - a) * std::clamp(share, 0.0, 1.0))); };
  return { mix(from.r, to.r), mix(from.g, to.g), mix(from.b, to.b) };
}

Color ShadeOf(double share, Theme theme)
{
  return theme == Theme::Dark ? Mixed({ 30, 34, 40 }, { 120, 205, 255 }, share) : Mixed({ 250, 250, 250 }, { 0, 84, 148 }, share);
}

Color InkOn(Color color)
{
  const double light = 0.299 * color.r + 0.587 * color.g + 0.114 * color.b;
  return light > 140 ? Color{ 20, 20, 20 } : Color{ 245, 245, 245 };
}

SeriesLook LookOf(std::size_t number, Theme theme)
{
  // yellow is lost on white, deep blue on black; the fourth is ink
  static constexpr std::array<unsigned, 7> onWhite{ 1, 2, 3, 0, 5, 6, 7 }, onBlack{ 1, 2, 3, 0, 5, 6, 4 };
  const auto &                             hues = theme == Theme::Dark ? onBlack : onWhite;
  constexpr std::array<double, 3>          dashes{ 0, 7, 2.5 };
  const auto hue = hues[number % hues.size()];
  return { hue == 0 ? InksOf(theme).ink : LabelColor(hue), number % hues.size(), dashes[number / hues.size() % 3], number / hues.size() % 2 == 1 };
}

Sheet::Sheet(PictureSize size, Theme sheetTheme, const std::string & title)
  : theme(sheetTheme)
  , inks(InksOf(theme))
  , font(std::clamp(std::min(size.width / 46, size.height / 26), 12, 44))
  , style{ .size = font, .color = inks.ink }
  , bold{ .size = font * 6 / 5, .color = inks.ink, .bold = true }
  , small{ .size = std::max(font * 5 / 6, 10), .color = inks.ink }
  , drawing{ size, inks.paper, title }
  , top(font)
{
  Require(size.width >= 320 && size.height >= 240, Fault::Usage, "the plot has ", size.width, " x ", size.height,
          " pixels; at least 320 x 240 are expected");
  for (const auto & line : Wrapped(title, bold, size.width - 2 * font, 2))
  {
    drawing.Text(line, font, top + bold.size / 2.0, bold);
    top += 1.3 * bold.size;
  }
  top += title.empty() ? 0 : font / 2.0;
}

void Sheet::Marker(Place at, double radius, const SeriesLook & look)
{
  const auto draw = [&](double scale, Color color) {
    std::vector<Place> points = MarkerShape(look.marker);
    for (auto & p : points)
      p = { at.x + scale * p.x, at.y + scale * p.y };
    drawing.shapes.emplace_back(Drawing::Area{ std::move(points), color });
  };
  draw(radius, look.color);
  if (look.hollow)
    draw(0.55 * radius, inks.paper);
}

std::vector<std::string> Wrapped(const std::string & text, const TextStyle & style, int width, std::size_t most)
{
  std::vector<std::string> lines;
  const auto               words = Split(text, ' ');
  for (std::size_t i = 0; i < words.size() && !text.empty(); ++i)
  {
    const std::string longer = lines.empty() ? words[i] : lines.back() + " " + words[i];
    if (lines.empty() || (lines.size() < most && Canvas::TextWidth(longer, style) > width))
      lines.push_back(words[i]);
    else
      lines.back() = longer;
  }
  for (auto & line : lines)
    line = Canvas::Fitted(line, style, width);
  return lines;
}

std::vector<double> SpreadOut(const std::vector<double> & wanted, double gap, double low, double high)
{
  std::vector<std::size_t> order(wanted.size());
  std::iota(order.begin(), order.end(), std::size_t{ 0 });
  std::stable_sort(order.begin(), order.end(), [&wanted](auto a, auto b) { return wanted[a] < wanted[b]; });
  std::vector<double> places(wanted.size());
  for (double from = low; const auto i : order)
  {
    places[i] = std::max(wanted[i], from);
    from = places[i] + gap;
  }
  for (double to = high; const auto i : std::vector(order.rbegin(), order.rend()))
  {
    places[i] = std::min(places[i], to);
    to = places[i] - gap;
  }
  return places;
}

} // namespace serval
