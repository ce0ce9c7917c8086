#include "Canvas.h"
#include "serval/Core/Text.h"
#include "serval/Visualization/Drawing.h"

#include <array>
#include <cmath>
#include <cstdio>
#include <sstream>

namespace serval
{
namespace
{

// Hundredths of a pixel are enough, and whatever the locale.
std::string Number(double value) { return FormatNumber(std::round(value * 100) / 100 + 0.0); }

std::string Hex(Color color)
{
  std::array<char, 8> text{};
  std::snprintf(text.data(), text.size(), "#%02x%02x%02x", static_cast<unsigned>(color.r), static_cast<unsigned>(color.g), static_cast<unsigned>(color.b));
  return text.data();
}

void WritePoints(std::ostream & svg, const std::vector<Place> & points)
{
  svg << " points=\"";
  for (std::size_t i = 0; i < points.size(); ++i)
    svg << (i ? " " : "") << Number(points[i].x) << ',' << Number(points[i].y);
  svg << '"';
}

void WriteShape(std::ostream & svg, const Drawing::Line & line)
{
  svg << "<polyline fill=\"none\" stroke=\"" << Hex(line.color) << "\" stroke-width=\"" << Number(line.width) << '"';
  if (line.dash > 0)
    svg << " stroke-dasharray=\"" << Number(line.dash) << ' ' << Number(0.7 * line.dash) << '"';
  else
    svg << " stroke-linecap=\"round\" stroke-linejoin=\"round\"";
  WritePoints(svg, line.points);
  svg << "/>\n";
}

void WriteShape(std::ostream & svg, const Drawing::Area & area)
{
  svg << "<polygon fill=\"" << Hex(area.color) << '"';
  if (area.opacity < 1)
    svg << " fill-opacity=\"" << Number(area.opacity) << '"';
  WritePoints(svg, area.points);
  svg << "/>\n";
}

void WriteShape(std::ostream & svg, const Drawing::Disc & disc)
{
  svg << "<circle cx=\"" << Number(disc.centre.x) << "\" cy=\"" << Number(disc.centre.y) << "\" r=\"" << Number(disc.radius) << "\" fill=\""
      << Hex(disc.color) << "\"/>\n";
}

// `textLength` keeps another font within the room that was measured. The base line lies a quarter of an em below the centre.
void WriteShape(std::ostream & svg, const Drawing::Words & words)
{
  constexpr std::array<const char *, 3> anchors{ "start", "middle", "end" };
  TextStyle                             upright = words.style;
  upright.degrees = 0;
  svg << "<text font-size=\"" << words.style.size << "\" fill=\"" << Hex(words.style.color) << "\" text-anchor=\""
      << anchors[static_cast<std::size_t>(words.align)] << "\" textLength=\"" << Canvas::TextWidth(words.text, upright) << "\" lengthAdjust=\"spacingAndGlyphs\"";
  if (words.style.bold)
    svg << " font-weight=\"bold\"";
  if (words.style.degrees != 0)
    svg << " transform=\"translate(" << Number(words.place.x) << ' ' << Number(words.place.y) << ") rotate(" << Number(-words.style.degrees)
        << ")\" y=\"" << Number(0.25 * words.style.size) << '"';
  else
    svg << " x=\"" << Number(words.place.x) << "\" y=\"" << Number(words.place.y + 0.25 * words.style.size) << '"';
  svg << '>' << EscapeXml(words.text) << "</text>\n";
}

} // namespace

std::string EncodeSvg(const Drawing & drawing)
{
  std::ostringstream svg;
  svg << "<svg xmlns=\"http://www.w3.org/2000/svg\" role=\"img\" width=\"" << drawing.size.width << "\" height=\"" << drawing.size.height
      << "\" viewBox=\"0 0 " << drawing.size.width << ' ' << drawing.size.height
      << "\" font-family=\"Arial, Helvetica, 'Liberation Sans', sans-serif\">\n<title>" << EscapeXml(drawing.title) << "</title>\n<rect width=\"100%\" "
      << "height=\"100%\" fill=\"" << Hex(drawing.background) << "\"/>\n";
  for (const auto & shape : drawing.shapes)
    std::visit([&svg](const auto & one) { WriteShape(svg, one); }, shape);
  svg << "</svg>\n";
  return svg.str();
}

} // namespace serval
