#pragma once

#include "serval/Visualization/Picture.h"

#include <string>

namespace serval
{

/// A corner-based pixel rectangle; x to the right, y downwards.
struct Box
{
  int x{}, y{}, width{}, height{};
};

enum class Align
{
  Left,
  Centre,
  Right
};

struct TextStyle
{
  int    size = 16; ///< pixels of an em
  Color  color{ 235, 235, 235 };
  bool   bold = false;
  double degrees = 0; ///< counter-clockwise
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
  {}

  const PictureSize & Size() const { return m_Picture.size; }
  /// Mixes `color` into a pixel; outside the picture nothing happens.
  void Blend(int x, int y, Color color, double opacity);
  void Fill(const Box & box, Color color, double opacity = 1);
  void Line(double x0, double y0, double x1, double y1, double width, Color color, double opacity = 1);
  void Disc(double x, double y, double radius, Color color);
  /// `x` is the text's left end, centre or right end; `y` its vertical centre (of the letters' height, with all
  /// descenders). Rotated text is centred.
  void Text(const std::string & text, double x, double y, const TextStyle & style, Align align = Align::Left);

  static int TextWidth(const std::string & text, const TextStyle & style);
  /// The text, its end cut off with "..." so that it is at most `width` pixels wide.
  static std::string Fitted(const std::string & text, const TextStyle & style, int width);

private:
  Picture & m_Picture;
};

} // namespace serval
