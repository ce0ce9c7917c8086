#pragma once

#include "serval/Visualization/Drawing.h"

#include <string>
#include <vector>

namespace serval
{

/// A corner-based pixel rectangle; x to the right, y downwards.
struct Box
{
  int x{}, y{}, width{}, height{};
};

inline constexpr Color white{ 255, 255, 255 };
inline constexpr Color textColor{ 225, 225, 225 };
inline constexpr Color backgroundColor{ 18, 18, 20 };

/// Anti-aliased lines, areas and text (VTK's FreeType, with the fonts inside VTK) on a picture; needs no display.
class Canvas
{
public:
  explicit Canvas(Picture & picture)
    : m_Picture(picture)
    , m_Clip{ 0, 0, picture.size.width, picture.size.height }
  {}

  const PictureSize & Size() const { return m_Picture.size; }
  /// From now on nothing is drawn outside of this box.
  void ClipTo(const Box & box);
  void ClipToPicture() { m_Clip = { 0, 0, m_Picture.size.width, m_Picture.size.height }; }
  /// Mixes `color` into a pixel; outside the picture or the clip nothing happens.
  void Blend(int x, int y, Color color, double opacity);
  void Fill(const Box & box, Color color, double opacity = 1);
  void Line(double x0, double y0, double x1, double y1, double width, Color color, double opacity = 1);
  void Disc(double x, double y, double radius, Color color);
  void Polygon(const std::vector<Place> & points, Color color, double opacity = 1);
  /// `x` is the text's left end, centre or right end; `y` its vertical centre (of the letters' height, with all
  /// descenders). Rotated text turns around that point.
  void Text(const std::string & text, double x, double y, const TextStyle & style, Align align = Align::Left);

  static int TextWidth(const std::string & text, const TextStyle & style);
  /// The text, its end cut off with "..." so that it is at most `width` pixels wide.
  static std::string Fitted(const std::string & text, const TextStyle & style, int width);

private:
  Picture & m_Picture;
  Box       m_Clip; ///< within the picture
};

} // namespace serval
