#pragma once

#include "serval/Visualization/Drawing.h"

#include <string>
#include <vector>

namespace serval
{

/// The colours of a theme beside those of the data.
struct Inks
{
  Color paper, ink, soft, grid;
};
Inks InksOf(Theme theme);

/// Where a value from 0 to 1 stands between the paper's colour and the theme's deepest one.
Color ShadeOf(double share, Theme theme);
/// Ink that can be read on the colour.
Color InkOn(Color color);
Color Mixed(Color from, Color to, double share);

/// How a series of data looks: the hue, the marker and the line all differ for the first 21.
struct SeriesLook
{
  Color       color{};
  std::size_t marker = 0;
  double      dash = 0;
  bool        hollow = false;
};
SeriesLook LookOf(std::size_t number, Theme theme);

/// A drawing under way, with the inks and letters of its theme and size.
struct Sheet
{
  /// Fault::Usage for less than 320 x 240 pixels.
  Sheet(PictureSize size, Theme theme, const std::string & title);

  Theme     theme;
  Inks      inks;
  int       font; ///< pixels of an em
  TextStyle style, bold, small;
  Drawing   drawing;
  double    top; ///< what lies below the title

  /// A marker of about twice the radius.
  void Marker(Place at, double radius, const SeriesLook & look);
};

/// The text in at most `lines` lines of `width` pixels, broken at blanks; the last one is cut with "...".
std::vector<std::string> Wrapped(const std::string & text, const TextStyle & style, int width, std::size_t lines);

/// Places at least `gap` apart and within low..high, in the order of the wanted ones and near to them.
std::vector<double> SpreadOut(const std::vector<double> & wanted, double gap, double low, double high);

} // namespace serval
