#include "serval/Visualization/Drawing.h"

#include "Canvas.h"
#include "serval/Core/AtomicFile.h"
#include "serval/Core/Error.h"

#include <algorithm>
#include <cmath>

namespace serval
{
namespace
{

// On the canvas whole numbers are the pixels' centres, in a drawing their corners.
void Stroke(Canvas & canvas, Place from, Place to, const Drawing::Line & line)
{
  canvas.Line(from.x - 0.5, from.y - 0.5, to.x - 0.5, to.y - 0.5, line.width, line.color);
}

// Parts of a line of `dash` pixels, with gaps of 0.7 of that, which go on around corners.
void DrawBroken(Canvas & canvas, const Drawing::Line & line)
{
  double along = 0, period = 1.7 * line.dash;
  for (std::size_t i = 1; i < line.points.size(); ++i)
  {
    const Place  a = line.points[i - 1], b = line.points[i];
    const double length = std::hypot(b.x - a.x, b.y - a.y);
    for (double at = 0; at < length;)
    {
      const double phase = std::fmod(along + at, period);
      const double next = std::min(length, at + std::max((phase < line.dash ? line.dash : period) - phase, 0.01));
      const auto   place = [&](double t) { return Place{ a.x + (b.x - a.x) * t / length, a.y + (b.y - a.y) * t / length }; };
      if (phase < line.dash)
        Stroke(canvas, place(at), place(next), line);
      at = next;
    }
    along += length;
  }
}

void DrawShape(Canvas & canvas, const Drawing::Line & line)
{
  if (line.dash > 0)
    return DrawBroken(canvas, line);
  for (std::size_t i = 1; i < line.points.size(); ++i)
    Stroke(canvas, line.points[i - 1], line.points[i], line);
}

void DrawShape(Canvas & canvas, const Drawing::Area & area) { canvas.Polygon(area.points, area.color, area.opacity); }

void DrawShape(Canvas & canvas, const Drawing::Disc & disc) { canvas.Disc(disc.centre.x - 0.5, disc.centre.y - 0.5, disc.radius, disc.color); }

void DrawShape(Canvas & canvas, const Drawing::Words & words) { canvas.Text(words.text, words.place.x, words.place.y, words.style, words.align); }

} // namespace

void Drawing::Rectangle(double x, double y, double width, double height, Color color, double opacity)
{
  shapes.emplace_back(Area{ { { x, y }, { x + width, y }, { x + width, y + height }, { x, y + height } }, color, opacity });
}

void Drawing::Segment(Place from, Place to, Color color, double width, double dash)
{
  shapes.emplace_back(Line{ { from, to }, color, width, dash });
}

void Drawing::Text(const std::string & text, double x, double y, const TextStyle & style, Align align)
{
  if (!text.empty())
    shapes.emplace_back(Words{ text, { x, y }, style, align });
}

Picture Rasterised(const Drawing & drawing)
{
  Picture picture(drawing.size, drawing.background);
  Canvas  canvas(picture);
  for (const auto & shape : drawing.shapes)
    std::visit([&canvas](const auto & one) { DrawShape(canvas, one); }, shape);
  return picture;
}

void WriteDrawing(const Drawing & drawing, const std::filesystem::path & file)
{
  if (file.extension() == ".svg")
    return WriteTextFile(file, EncodeSvg(drawing));
  Require(file.extension() == ".png", Fault::Usage, "the picture '", file.filename().string(), "' ends with '", file.extension().string(),
          "'; .png or .svg is expected");
  WritePicture(Rasterised(drawing), file);
}

} // namespace serval
