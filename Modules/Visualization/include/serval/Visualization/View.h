#pragma once

#include "serval/Visualization/Scene.h"

#include <filesystem>
#include <string>

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

/// What a person sees of a scene in four panes and changes by hand: the place where the slices cross, the window and the
/// overlays. Knows no window of the screen; ShowView opens one.
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
  /// To the right: wider, less contrast. Upwards: a lower level, brighter. Both in pixels.
  void ChangeWindow(int right, int up);
  void ToggleOverlay() { m_HasOverlay = !m_HasOverlay; }
  void ToggleHelp() { m_HasHelp = !m_HasHelp; }
  /// Place, window and overlay as at the beginning.
  void Reset();
  /// A line at the foot, until the next one.
  void Tell(const std::string & line) { m_Line = line; }

  PaneBox     BoxOf(Pane pane) const;
  Pane        PaneAt(int x, int y) const;
  const Point & Position() const { return m_Position; }
  const DisplayWindow & Window() const { return m_Window; }
  bool        HasOverlay() const { return m_HasOverlay; }
  PictureSize Size() const { return m_Size; }
  /// Slices, letters, legend, help; black where surfaces or ray casting go.
  Picture Draw() const;

private:
  Scene  Shown() const;
  double ScaleOf(const Scene & scene) const;

  Scene         m_Scene;
  PictureSize   m_Size;
  Point         m_Position;
  DisplayWindow m_Window;
  bool          m_HasOverlay = true, m_HasHelp = false;
  std::string   m_Line;
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
