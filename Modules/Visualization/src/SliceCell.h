#pragma once

#include "Canvas.h"
#include "Legend.h"
#include "SlicePlane.h"

namespace serval
{

/// One slice with all that is drawn over it, centred in a black cell.
struct SliceCell
{
  Box       box;
  double    scale; ///< mm a pixel
  int       font;
  SliceKind kind = SliceKind::Plane;
  bool      crossing = true; ///< marks at the edges where the other planes cut
};
/// Returns what was sampled.
SliceImage DrawSliceCell(Canvas & canvas, const Scene & scene, const LabelColors & colors, const SliceGrid & grid, const SliceCell & cell);

/// "S 12.3 mm": on which side of the origin the plane lies, and how far.
std::string PlaceText(const SliceGrid & grid);

/// Colour and opacity of a heat map's value at a share of its range.
Color  HeatColor(double share);
double HeatOpacity(double share);

/// The outline of a patch's box in a plane: corners in mm from the grid's corner, right and up, in order around it; empty
/// where the plane passes it by.
std::vector<Place> CutBox(const Geometry & patch, const SliceGrid & grid);

/// The line below slices: scale bar, window and what is told, heat map's range. `y` is its top.
void DrawSliceLine(Canvas & canvas, const Scene & scene, int font, int y, double millimetresPerPixel, const std::string & told);

/// What stands below slices: scale bar, window, heat map's range, labels.
class SliceFoot
{
public:
  SliceFoot(const Scene & scene, int font);
  int  Height() const;
  void Draw(Canvas & canvas, int y, double millimetresPerPixel, const std::string & window) const;
  const LabelColors & Colors() const { return m_Colors; } ///< those of the legend

private:
  const Scene &                  m_Scene;
  const std::vector<LegendEntry> m_Entries;
  const LabelColors              m_Colors;
  const Legend                   m_Legend;
  int                            m_Font;
};

/// The title above slices; returns where the rest may begin.
int DrawSliceTitle(Canvas & canvas, const Scene & scene, int font);

} // namespace serval
