#pragma once

#include "Canvas.h"
#include "VtkVolume.h"

#include <vector>

namespace serval
{

/// Colour swatches with names, flowing over rows: at most eight, then "and n more".
class Legend
{
public:
  /// Lays the entries out in rows of `width` pixels.
  Legend(const std::vector<LegendEntry> & entries, const TextStyle & style, int width);

  int  Height() const { return m_Rows * m_RowHeight; }
  void Draw(Canvas & canvas, int x, int y) const;

private:
  struct Item
  {
    std::string text;
    unsigned    label; ///< 0: no swatch
    int         x, row;
  };
  void Place(const std::string & text, unsigned label, int width);

  std::vector<Item> m_Items;
  TextStyle         m_Style;
  int               m_RowHeight, m_Rows = 0, m_End = 0;
};

/// Font size (pixels) for a picture of this size.
int FontSizeFor(PictureSize size);

/// A bar of a round number of millimetres, at most `width` pixels, with its length beside it; returns where it ends.
int DrawScaleBar(Canvas & canvas, int x, int y, int width, double millimetresPerPixel, const TextStyle & style);

/// "40 / 400", the level and the width, with no more digits than help.
std::string WindowText(const DisplayWindow & window);

} // namespace serval
