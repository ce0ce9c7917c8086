#pragma once

#include "Canvas.h"
#include "VtkVolume.h"

#include <vector>

namespace serval
{

/// Colour swatches with the names of all labels that have the colour ("a or b"), in one row or in columns below each other.
/// What has no room in a third of the picture's height, or in `mostRows`, is counted: "and 5 more labels".
class Legend
{
public:
  Legend(const std::vector<LegendEntry> & entries, const TextStyle & style, PictureSize picture, int mostRows = 1000);

  int  Height() const { return m_Rows * m_RowHeight; }
  int  Rows() const { return m_Rows; }
  int  RowHeight() const { return m_RowHeight; }
  void Draw(Canvas & canvas, int x, int y) const;
  /// What stands in it, in order.
  std::vector<std::string> Texts() const;

private:
  struct Item
  {
    std::string text;
    Color       color;
    bool        hasSwatch = true;
    int         labels = 1; ///< that it stands for
    int         width = 0, x = 0, row = 0;
  };
  void AddItem(std::vector<std::string> names, Color color);
  int  WidthOf(const Item & item) const;
  /// Gives the items places; returns the rows they take.
  int Place(std::vector<Item> & items) const;
  /// The first `count` items and the number of labels of the others.
  std::vector<Item> Shortened(std::size_t count) const;

  std::vector<Item> m_Items;
  TextStyle         m_Style;
  int               m_Width, m_RowHeight, m_Rows = 0;
};

/// Font size (pixels) for a picture of this size.
int FontSizeFor(PictureSize size);

/// A bar of a round number of millimetres, at most `width` pixels, with its length beside it; returns where it ends.
int DrawScaleBar(Canvas & canvas, int x, int y, int width, double millimetresPerPixel, const TextStyle & style);

/// "40 / 400", the level and the width, with no more digits than help.
std::string WindowText(const DisplayWindow & window);

} // namespace serval
