#include "Canvas.h"

#include "serval/Core/Error.h"

#include <vtkFreeTypeTools.h>
#include <vtkImageData.h>
#include <vtkNew.h>
#include <vtkStdString.h>
#include <vtkTextProperty.h>

#include <algorithm>
#include <array>
#include <cmath>
#include <numbers>

namespace serval
{
namespace
{

constexpr int dotsPerInch = 72; // a point is a pixel

void Apply(const TextStyle & style, vtkTextProperty & property)
{
  property.SetFontFamilyToArial();
  property.SetFontSize(style.size);
  property.SetBold(style.bold);
  property.SetColor(1, 1, 1);
  property.SetOrientation(style.degrees);
  property.SetJustificationToLeft();
  property.SetVerticalJustificationToBottom();
}

std::array<int, 4> Bounds(const std::string & text, const TextStyle & style)
{
  vtkNew<vtkTextProperty> property;
  Apply(style, *property);
  std::array<int, 4> bounds{};
  const bool         measured = vtkFreeTypeTools::GetInstance()->GetBoundingBox(property, vtkStdString(text), dotsPerInch, bounds.data());
  Require(measured, Fault::Internal, "the text '", text, "' cannot be measured");
  return bounds;
}

// Adds how much of each pixel (from column `first` on) a scan line has inside the polygon, by the even-odd rule.
void AddCover(const std::vector<Place> & points, double y, int first, std::vector<double> & cover)
{
  std::vector<double> crossings;
  for (std::size_t i = 0; i < points.size(); ++i)
  {
    const Place a = points[i], b = points[(i + 1) % points.size()];
    if ((a.y <= y) != (b.y <= y))
      crossings.push_back(a.x + (y - a.y) / (b.y - a.y) * (b.x - a.x));
  }
  std::sort(crossings.begin(), crossings.end());
  for (std::size_t i = 0; i + 1 < crossings.size(); i += 2)
    for (auto x = std::max<std::ptrdiff_t>(0, std::ptrdiff_t(std::floor(crossings[i])) - first); x < std::ssize(cover) && double(x + first) < crossings[i + 1]; ++x)
      cover[static_cast<std::size_t>(x)] += std::min(crossings[i + 1], double(x + first + 1)) - std::max(crossings[i], double(x + first));
}

double Coverage(double distance, double radius) { return std::clamp(radius + 0.5 - distance, 0.0, 1.0); }

} // namespace

void Canvas::ClipTo(const Box & box)
{
  const int x = std::max(box.x, 0), y = std::max(box.y, 0);
  m_Clip = { x, y, std::min(box.x + box.width, m_Picture.size.width) - x, std::min(box.y + box.height, m_Picture.size.height) - y };
}

void Canvas::Blend(int x, int y, Color color, double opacity)
{
  if (x < m_Clip.x || y < m_Clip.y || x >= m_Clip.x + m_Clip.width || y >= m_Clip.y + m_Clip.height || !(opacity > 0))
    return;
  const Color old = m_Picture.At(x, y);
  const auto  mix = [opacity](std::uint8_t from, std::uint8_t to) {
    return static_cast<std::uint8_t>(std::lround(from + (to - from) * std::min(opacity, 1.0)));
  };
  m_Picture.Set(x, y, { mix(old.r, color.r), mix(old.g, color.g), mix(old.b, color.b) });
}

void Canvas::Fill(const Box & box, Color color, double opacity)
{
  for (int y = box.y; y < box.y + box.height; ++y)
    for (int x = box.x; x < box.x + box.width; ++x)
      Blend(x, y, color, opacity);
}

void Canvas::Line(double x0, double y0, double x1, double y1, double width, Color color, double opacity)
{
  const double dx = x1 - x0, dy = y1 - y0, squared = dx * dx + dy * dy, reach = width / 2 + 1;
  const auto   from = [reach](double a, double b, int low) { return std::max(low, static_cast<int>(std::floor(std::max(std::min(a, b) - reach, -1e6)))); };
  const auto   to = [reach](double a, double b, int high) { return std::min<double>(std::max(a, b) + reach, high); };
  for (int y = from(y0, y1, m_Clip.y); y <= to(y0, y1, m_Clip.y + m_Clip.height); ++y)
    for (int x = from(x0, x1, m_Clip.x); x <= to(x0, x1, m_Clip.x + m_Clip.width); ++x)
    {
      const double along = squared > 0 ? std::clamp(((x - x0) * dx + (y - y0) * dy) / squared, 0.0, 1.0) : 0.0;
      const double distance = std::hypot(x - x0 - along * dx, y - y0 - along * dy);
      Blend(x, y, color, opacity * Coverage(distance, width / 2));
    }
}

void Canvas::Disc(double x, double y, double radius, Color color)
{
  for (int row = static_cast<int>(y - radius - 1); row <= y + radius + 1; ++row)
    for (int column = static_cast<int>(x - radius - 1); column <= x + radius + 1; ++column)
      Blend(column, row, color, Coverage(std::hypot(column - x, row - y), radius));
}

// Four scan lines a pixel row, on each of which the covered lengths are exact.
void Canvas::Polygon(const std::vector<Place> & points, Color color, double opacity)
{
  constexpr int       lines = 4;
  const auto          byY = [](const Place & a, const Place & b) { return a.y < b.y; };
  const auto          byX = [](const Place & a, const Place & b) { return a.x < b.x; };
  const auto          rows = std::minmax_element(points.begin(), points.end(), byY);
  const auto          columns = std::minmax_element(points.begin(), points.end(), byX);
  const int           first = std::max(0, static_cast<int>(std::floor(columns.first->x)));
  const int           last = std::min(m_Picture.size.width, static_cast<int>(std::ceil(columns.second->x)));
  std::vector<double> cover(static_cast<std::size_t>(std::max(last - first, 0)));
  for (int y = std::max(0, static_cast<int>(std::floor(rows.first->y))); y < std::min<double>(m_Picture.size.height, rows.second->y); ++y)
  {
    std::fill(cover.begin(), cover.end(), 0.0);
    for (int line = 0; line < lines; ++line)
      AddCover(points, y + (line + 0.5) / lines, first, cover);
    for (int x = first; x < last; ++x)
      Blend(x, y, color, opacity * cover[static_cast<std::size_t>(x - first)] / lines);
  }
}

void Canvas::Text(const std::string & text, double x, double y, const TextStyle & style, Align align)
{
  if (text.empty())
    return;
  vtkNew<vtkTextProperty> property;
  vtkNew<vtkImageData>    image;
  Apply(style, *property);
  int        used[2]{};
  const auto tools = vtkFreeTypeTools::GetInstance();
  tools->SetScaleToPowerTwo(false);
  Require(tools->RenderString(property, vtkStdString(text), dotsPerInch, image, used), Fault::Internal, "the text '", text,
          "' cannot be drawn");
  int extent[6];
  image->GetExtent(extent);
  const int width = extent[1] - extent[0] + 1, height = extent[3] - extent[2] + 1;
  const double share = align == Align::Left ? 0.0 : align == Align::Centre ? 0.5 : 1.0;
  int          left = static_cast<int>(std::lround(x - share * width));
  int          bottom = 0;
  const auto   all = Bounds("Ag", { .size = style.size, .bold = style.bold });
  if (style.degrees == 0) // one base line for all texts of a size
    bottom = static_cast<int>(std::lround(y + (all[2] + all[3]) / 2.0)) - extent[2];
  else
  { // from the place along the base line to the text's beginning, and half the letters' height across it
    const double angle = style.degrees * std::numbers::pi / 180, upright = (all[2] + all[3]) / 2.0;
    const double along = share * TextWidth(text, { .size = style.size, .bold = style.bold });
    left = static_cast<int>(std::lround(x - along * std::cos(angle) + upright * std::sin(angle))) + extent[0];
    bottom = static_cast<int>(std::lround(y + along * std::sin(angle) + upright * std::cos(angle))) - extent[2];
  }
  for (int row = 0; row < height; ++row)
    for (int column = 0; column < width; ++column)
    {
      const auto * pixel = static_cast<const unsigned char *>(image->GetScalarPointer(extent[0] + column, extent[2] + row, 0));
      Blend(left + column, bottom - row, style.color, pixel[3] / 255.0);
    }
}

int Canvas::TextWidth(const std::string & text, const TextStyle & style)
{
  if (text.empty())
    return 0;
  const auto bounds = Bounds(text, style);
  return bounds[1] - bounds[0] + 1;
}

std::string Canvas::Fitted(const std::string & text, const TextStyle & style, int width)
{
  std::string fitted = text;
  for (std::size_t length = text.size(); length > 0 && TextWidth(fitted, style) > width; --length)
  {
    while (length > 1 && (static_cast<unsigned char>(text[length - 1]) & 0xC0) == 0x80) // stay between UTF-8 characters
      --length;
    fitted = text.substr(0, length - 1) + "...";
  }
  return fitted;
}

} // namespace serval
