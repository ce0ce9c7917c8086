#pragma once

#include "serval/Visualization/Scene.h"

#include <filesystem>
#include <memory>
#include <string>
#include <vector>

namespace serval
{

enum class Pane
{
  Axial,
  Coronal,
  Sagittal,
  Solid, ///< where surfaces or ray casting are seen
  None   ///< between the others, and the foot
};

/// A rectangle of pixels; x to the right, y downwards.
struct PaneBox
{
  int x{}, y{}, width{}, height{};
};

/// What a person sees of a scene in four panes and changes by hand: the place where the slices cross, the part that is
/// seen, the window and the overlays. Knows no window of the screen; ShowView opens one.
class View
{
public:
  /// Errors as RenderSlices'; the size is the smallest that has room where the wanted one has none.
  explicit View(const Scene & scene, PictureSize size = { 1100, 900 });

  void Resize(PictureSize size);
  /// By so many slices of the volume, positive towards left, posterior, superior; stays inside.
  void Scroll(Pane pane, int slices);
  /// The other two slices go through this pixel.
  void Cross(Pane pane, int x, int y);
  /// Nearer by a factor (below 1: farther, down to the whole volume), in all slices; what lies below this pixel stays there.
  void Zoom(Pane pane, double factor, int x, int y);
  /// What is seen follows the pointer by so many pixels; the volume stays in the pane.
  void Pan(Pane pane, int right, int down);
  /// To the right: wider, less contrast. Upwards: a lower level, brighter. Both in pixels.
  void ChangeWindow(int right, int up);
  void ToggleOverlay() { m_HasOverlay = !m_HasOverlay; }
  void ToggleHelp() { m_HasHelp = !m_HasHelp; }
  /// Place, zoom, window and overlay as at the beginning.
  void Reset();
  /// A line at the foot, until the next one.
  void Tell(const std::string & line) { m_Line = line; }

  PaneBox     BoxOf(Pane pane) const;
  Pane        PaneAt(int x, int y) const;
  const Point & Position() const { return m_Position; }
  const DisplayWindow & Window() const { return m_Window; }
  /// 1: the whole volume.
  double      Magnification() const { return m_Zoom; }
  bool        HasOverlay() const { return m_HasOverlay; }
  PictureSize Size() const { return m_Size; }
  /// Slices, letters, legend, help; black where surfaces or ray casting go.
  Picture Draw() const;

private:
  struct Names; // of the labels, with their colours
  struct Sight; // of one pane: the part of a plane that is seen

  Scene  Shown() const;
  double Scale() const;
  int    FootHeight() const;
  Sight  SightOf(Pane pane) const;
  Point  PointAt(Pane pane, int x, int y) const;

  Scene                        m_Scene;
  std::shared_ptr<const Names> m_Names;
  PictureSize                  m_Size;
  Point                        m_Position;
  Point                        m_Middle; ///< of what is seen, mm LPS
  double                       m_Zoom = 1;
  DisplayWindow                m_Window;
  bool                         m_HasOverlay = true, m_HasHelp = false;
  std::string                  m_Line;
};

/// What stands in the fourth pane.
enum class SolidKind
{
  Surface, ///< of the labels, or of one intensity
  RayCasting,
  Nothing
};

struct ViewOptions
{
  SolidKind             solid = SolidKind::Surface;
  std::filesystem::path picture; ///< what the key s writes, numbered from the second on; none: it writes nothing
};

/// Opens a window and comes back when it is closed. Fault::Environment, and what to do, without a display of X that can
/// draw with OpenGL.
void ShowView(const Scene & scene, const ViewOptions & options);

} // namespace serval
