#pragma once

#include "serval/Visualization/Picture.h"

#include <filesystem>
#include <string>
#include <variant>
#include <vector>

namespace serval
{

/// Paper: dark on light for print, light on dark for the screen of a reading room.
enum class Theme
{
  Light,
  Dark
};

/// Pixels; x to the right, y downwards.
struct Place
{
  double x{}, y{};
};

/// Which end of a text lies at its place.
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

/// A picture of lines, areas and words, which becomes pixels or SVG.
class Drawing
{
public:
  struct Line ///< through all points
  {
    std::vector<Place> points;
    Color              color;
    double             width = 1;
    double             dash = 0; ///< pixels; 0: not broken
  };
  struct Area ///< closed by itself
  {
    std::vector<Place> points;
    Color              color;
    double             opacity = 1;
  };
  struct Disc
  {
    Place  centre;
    double radius;
    Color  color;
  };
  struct Words
  {
    std::string text;
    Place       place; ///< of the end that `align` names; vertically the letters' centre
    TextStyle   style;
    Align       align = Align::Left;
  };
  using Shape = std::variant<Line, Area, Disc, Words>;

  PictureSize        size;
  Color              background;
  std::string        title; ///< what the picture shows, for readers who hear it
  std::vector<Shape> shapes{};

  void Rectangle(double x, double y, double width, double height, Color color, double opacity = 1);
  void Segment(Place from, Place to, Color color, double width = 1, double dash = 0);
  void Text(const std::string & text, double x, double y, const TextStyle & style, Align align = Align::Left);
};

/// Anti-aliased pixels, with the fonts inside VTK; needs no display. Fault::Usage for an impossible size.
Picture Rasterised(const Drawing & drawing);

/// An SVG page whose words are text, set in Arial or what stands in for it, as wide as in the pixels.
std::string EncodeSvg(const Drawing & drawing);

/// As the name ends: .png or .svg, whole or not at all; Fault::Usage for another ending.
void WriteDrawing(const Drawing & drawing, const std::filesystem::path & file);

} // namespace serval
