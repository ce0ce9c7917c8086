#include "serval/Visualization/View.h"

#include "Legend.h"
#include "SliceCell.h"
#include "VtkVolume.h"
#include "serval/Core/Error.h"

#include <algorithm>
#include <array>
#include <cmath>

namespace serval
{
namespace
{

constexpr std::array panes{ Pane::Axial, Pane::Coronal, Pane::Sagittal, Pane::Solid };
constexpr PictureSize smallest{ 640, 560 };

const std::array<std::pair<const char *, const char *>, 9> keys{ {
  { "wheel, up, down", "slice by slice, in the pane below the pointer" },
  { "left drag", "in a slice: window; right: less contrast, up: brighter" },
  { "right click", "the slices cross here" },
  { "left drag", "in the solid pane: turn; wheel: nearer, farther" },
  { "o", "overlays on and off" },
  { "r", "place, window and overlays as at the beginning" },
  { "s", "picture of the window into the file of --picture" },
  { "h", "this help on and off" },
  { "q, Esc", "close" },
} };

PictureSize AtLeastSmallest(PictureSize size) { return { std::max(size.width, smallest.width), std::max(size.height, smallest.height) }; }

const SlicePlane & PlaneOf(Pane pane) { return SlicePlanes()[static_cast<std::size_t>(pane)]; }

bool IsSlice(Pane pane) { return pane == Pane::Axial || pane == Pane::Coronal || pane == Pane::Sagittal; }

// Of the index axis that runs most along the patient's axis.
double StepAlong(const Geometry & geometry, std::size_t axis)
{
  const std::array<double, 3> spacing{ geometry.spacing.x, geometry.spacing.y, geometry.spacing.z };
  std::size_t                 most = 0;
  for (std::size_t index = 1; index < 3; ++index)
    if (std::abs(geometry.direction[3 * axis + index]) > std::abs(geometry.direction[3 * axis + most]))
      most = index;
  return spacing[most];
}

void DrawHelp(Canvas & canvas, const PaneBox & box, int font)
{
  canvas.Fill({ box.x, box.y, box.width, box.height }, backgroundColor, 0.9);
  int y = box.y + 2 * font;
  for (const auto & [key, text] : keys)
  {
    canvas.Text(key, box.x + font, y, { .size = font, .color = white, .bold = true });
    canvas.Text(Canvas::Fitted(text, { .size = font }, box.width - 12 * font), box.x + 11 * font, y, { .size = font, .color = textColor });
    y += 2 * font;
  }
}

} // namespace

View::View(const Scene & scene, PictureSize size)
  : m_Scene(scene)
  , m_Size(AtLeastSmallest(size))
  , m_Position(FocusOf(scene))
  , m_Window(scene.window)
{
  m_Scene.position = m_Position;
  m_Scene.size = m_Size;
  RequireDrawable(m_Scene);
}

void View::Resize(PictureSize size) { m_Size = AtLeastSmallest(size); }

void View::Scroll(Pane pane, int slices)
{
  if (!IsSlice(pane))
    return;
  const auto axis = PlaneOf(pane).across;
  const auto box = PatientBox(m_Scene.volume.geometry);
  const auto step = StepAlong(m_Scene.volume.geometry, axis);
  m_Position[axis] = std::clamp(m_Position[axis] + slices * step, box[0][axis] + step / 2, box[1][axis] - step / 2);
}

void View::Cross(Pane pane, int x, int y)
{
  if (!IsSlice(pane))
    return;
  const auto      box = PatientBox(m_Scene.volume.geometry);
  const SliceGrid grid(PlaneOf(pane), box, m_Position);
  const auto      area = BoxOf(pane);
  const double    scale = ScaleOf(Shown());
  const double    right = (x - area.x - area.width / 2.0) * scale + grid.width / 2, up = (area.y + area.height / 2.0 - y) * scale + grid.height / 2;
  for (std::size_t axis = 0; axis < 3; ++axis)
    if (axis != grid.plane.across)
    {
      const double step = StepAlong(m_Scene.volume.geometry, axis);
      m_Position[axis] = std::clamp(grid.corner[axis] + right * grid.plane.right[axis] + up * grid.plane.up[axis], box[0][axis] + step / 2, box[1][axis] - step / 2);
    }
}

void View::ChangeWindow(int right, int up)
{
  const double unit = m_Scene.window.width / 300; // of the beginning's width in 300 pixels
  m_Window.width = std::clamp(m_Window.width + right * unit, m_Scene.window.width / 100, m_Scene.window.width * 100);
  m_Window.level -= up * unit;
  m_Window.name.clear();
}

void View::Reset()
{
  m_Position = *m_Scene.position;
  m_Window = m_Scene.window;
  m_HasOverlay = true;
}

PaneBox View::BoxOf(Pane pane) const
{
  const int  font = FontSizeFor(m_Size), gap = font / 2, heading = 2 * font;
  const int  foot = SliceFoot(Shown(), font).Height();
  const int  width = (m_Size.width - 3 * gap) / 2, height = (m_Size.height - foot - gap) / 2 - heading;
  const auto place = static_cast<int>(pane);
  if (pane == Pane::None)
    return {};
  return { gap + place % 2 * (width + gap), heading + place / 2 * (height + heading), width, height };
}

Pane View::PaneAt(int x, int y) const
{
  for (const auto pane : panes)
    if (const auto box = BoxOf(pane); x >= box.x && x < box.x + box.width && y >= box.y && y < box.y + box.height)
      return pane;
  return Pane::None;
}

// The foot keeps its height when the overlays go.
Scene View::Shown() const
{
  Scene scene = m_Scene;
  scene.position = m_Position;
  scene.window = m_Window;
  scene.size = m_Size;
  return scene;
}

double View::ScaleOf(const Scene & scene) const
{
  const int    margin = 2 * FontSizeFor(m_Size);
  const auto   area = BoxOf(Pane::Axial);
  const auto   box = PatientBox(scene.volume.geometry);
  double       scale = 0;
  for (const auto & plane : SlicePlanes())
  {
    const SliceGrid grid(plane, box, m_Position);
    scale = std::max({ scale, grid.width / (area.width - 2 * margin), grid.height / (area.height - 2 * margin) });
  }
  return scale;
}

Picture View::Draw() const
{
  const int       font = FontSizeFor(m_Size);
  Scene           scene = Shown();
  const SliceFoot foot(scene, font);
  const double    scale = ScaleOf(scene);
  const auto      box = PatientBox(scene.volume.geometry);
  Picture         picture(m_Size, backgroundColor);
  Canvas          canvas(picture);
  foot.Draw(canvas, m_Size.height - foot.Height(), scale,
            WindowText(m_Window) + (m_HasOverlay ? "" : "   overlays off (o)") + "   " + (m_Line.empty() ? "h: help" : m_Line));
  if (!m_HasOverlay)
  {
    scene.labels = {};
    scene.heat.reset();
    scene.boxes.clear();
  }
  for (const auto pane : { Pane::Axial, Pane::Coronal, Pane::Sagittal })
  {
    const SliceGrid grid(PlaneOf(pane), box, m_Position);
    const auto      area = BoxOf(pane);
    DrawSliceCell(canvas, scene, foot.Colors(), grid, { { area.x, area.y, area.width, area.height }, scale, font, SliceKind::Plane, true });
    canvas.Text(grid.plane.name, area.x, area.y - font, { .size = font, .color = white, .bold = true });
    canvas.Text(PlaceText(grid), area.x + area.width, area.y - font, { .size = font, .color = textColor }, Align::Right);
  }
  if (m_HasHelp)
    DrawHelp(canvas, BoxOf(Pane::Axial), font);
  return picture;
}

} // namespace serval
