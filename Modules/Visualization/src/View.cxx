#include "serval/Visualization/View.h"

#include "Legend.h"
#include "SliceCell.h"
#include "VtkVolume.h"
#include "serval/Core/Error.h"

#include <algorithm>
#include <array>
#include <cmath>
#include <iterator>

namespace serval
{
namespace
{

constexpr std::array panes{ Pane::Axial, Pane::Coronal, Pane::Sagittal, Pane::Solid };
constexpr PictureSize smallest{ 640, 560 };
constexpr double      nearest = 40; // as a multiple of the whole volume's size
constexpr int         legendRows = 4;

const std::array<std::pair<const char *, const char *>, 13> keys{ {
  { "wheel, up, down", "slice by slice, in the pane below the pointer" },
  { "left drag", "window; to the right: less contrast, up: brighter" },
  { "right click", "the slices cross here" },
  { "right drag", "zoom; up: nearer. Also Ctrl + wheel, + and -" },
  { "middle drag", "move what is seen. Also Shift + left drag" },
  { "0", "the whole volume again" },
  { "solid pane", "left drag: turn; wheel, + and -: nearer, farther" },
  { "o", "overlays on and off" },
  { "r", "all as at the beginning" },
  { "s", "picture of the window into the file of --picture" },
  { "h", "this help on and off" },
  { "q, Esc", "close" },
  { "legend", "all labels; of many, those in the three slices" },
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

Point MiddleOf(const Geometry & geometry)
{
  const auto box = PatientBox(geometry);
  return { (box[0][0] + box[1][0]) / 2, (box[0][1] + box[1][1]) / 2, (box[0][2] + box[1][2]) / 2 };
}

void DrawHelp(Canvas & canvas, const PaneBox & box, int font)
{
  canvas.Fill({ box.x, box.y, box.width, box.height }, backgroundColor, 0.9);
  const int row = std::min(2 * font, box.height / static_cast<int>(keys.size() + 1));
  int       y = box.y + row;
  for (const auto & [key, text] : keys)
  {
    canvas.Text(key, box.x + font, y, { .size = font, .color = white, .bold = true });
    canvas.Text(Canvas::Fitted(text, { .size = font }, box.width - 12 * font), box.x + 11 * font, y, { .size = font, .color = textColor });
    y += row;
  }
}

} // namespace

/// Counted once: a large label map takes a while to be looked through.
struct View::Names
{
  std::vector<LegendEntry> all;
  LabelColors              colors;

  explicit Names(const Scene & scene)
    : all(LegendOf(scene))
    , colors(all)
  {}

  Legend LegendFor(const std::vector<LegendEntry> & entries, PictureSize size) const { return { entries, { FontSizeFor(size), textColor }, size, legendRows }; }
  /// Few labels are all named, always; of many, the ones that are seen.
  bool AreFew(PictureSize size) const { return Legend(all, { FontSizeFor(size), textColor }, size).Rows() <= legendRows / 2; }
  std::vector<LegendEntry> Seen(const std::vector<bool> & isSeen) const
  {
    std::vector<LegendEntry> seen;
    std::copy_if(all.begin(), all.end(), std::back_inserter(seen), [&](const LegendEntry & entry) { return isSeen[entry.label]; });
    return seen;
  }
};

struct View::Sight
{
  PaneBox   area;
  SliceGrid grid;
  double    scale; ///< mm a pixel
};

View::View(const Scene & scene, PictureSize size)
  : m_Scene(scene)
  , m_Size(AtLeastSmallest(size))
  , m_Position(FocusOf(scene))
  , m_Middle(MiddleOf(scene.volume.geometry))
  , m_Window(scene.window)
{
  m_Scene.position = m_Position;
  m_Scene.size = m_Size;
  RequireDrawable(m_Scene);
  m_Names = std::make_shared<const Names>(m_Scene);
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

Point View::PointAt(Pane pane, int x, int y) const
{
  const auto   sight = SightOf(pane);
  const auto & grid = sight.grid;
  const auto & area = sight.area;
  const double right = (x - area.x - area.width / 2.0) * sight.scale + grid.width / 2, up = (area.y + area.height / 2.0 - y) * sight.scale + grid.height / 2;
  Point        point = grid.corner;
  for (std::size_t axis = 0; axis < 3; ++axis)
    point[axis] += right * grid.plane.right[axis] + up * grid.plane.up[axis];
  return point;
}

void View::Cross(Pane pane, int x, int y)
{
  if (!IsSlice(pane))
    return;
  const auto box = PatientBox(m_Scene.volume.geometry);
  const auto point = PointAt(pane, x, y);
  for (std::size_t axis = 0; axis < 3; ++axis)
    if (axis != PlaneOf(pane).across)
    {
      const double step = StepAlong(m_Scene.volume.geometry, axis);
      m_Position[axis] = std::clamp(point[axis], box[0][axis] + step / 2, box[1][axis] - step / 2);
    }
}

void View::Zoom(Pane pane, double factor, int x, int y)
{
  if (!IsSlice(pane) || !(factor > 0))
    return;
  const auto before = PointAt(pane, x, y);
  m_Zoom = std::clamp(m_Zoom * factor, 1.0, nearest);
  const auto after = PointAt(pane, x, y);
  for (std::size_t axis = 0; axis < 3; ++axis)
    if (axis != PlaneOf(pane).across)
      m_Middle[axis] += before[axis] - after[axis];
  Pan(pane, 0, 0);
}

void View::Pan(Pane pane, int right, int down)
{
  if (!IsSlice(pane))
    return;
  const auto   plane = PlaneOf(pane);
  const double scale = Scale();
  for (std::size_t axis = 0; axis < 3; ++axis)
    m_Middle[axis] += scale * (down * plane.up[axis] - right * plane.right[axis]);
  const auto sight = SightOf(pane); // its middle is within the volume
  for (std::size_t axis = 0; axis < 3; ++axis)
    if (axis != plane.across)
      m_Middle[axis] = sight.grid.corner[axis] + sight.grid.width / 2 * plane.right[axis] + sight.grid.height / 2 * plane.up[axis];
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
  m_Middle = MiddleOf(m_Scene.volume.geometry);
  m_Zoom = 1;
  m_Window = m_Scene.window;
  m_HasOverlay = true;
}

PaneBox View::BoxOf(Pane pane) const
{
  const int  font = FontSizeFor(m_Size), gap = font / 2, heading = 2 * font;
  const int  foot = FootHeight();
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

Scene View::Shown() const
{
  Scene scene = m_Scene;
  scene.position = m_Position;
  scene.window = m_Window;
  scene.size = m_Size;
  if (!m_HasOverlay)
  {
    scene.labels = {};
    scene.heat.reset();
    scene.boxes.clear();
  }
  return scene;
}

// Whatever is seen and whether overlays are on, so that the panes stay where they are.
int View::FootHeight() const
{
  const int  font = FontSizeFor(m_Size);
  const auto all = m_Names->LegendFor(m_Names->all, m_Size);
  return 2 * font + all.Height() + font / 2;
}

double View::Scale() const
{
  const int  margin = 2 * FontSizeFor(m_Size);
  const auto area = BoxOf(Pane::Axial);
  const auto box = PatientBox(m_Scene.volume.geometry);
  double     scale = 0;
  for (const auto & plane : SlicePlanes())
  {
    const SliceGrid grid(plane, box, m_Position);
    scale = std::max({ scale, grid.width / (area.width - 2 * margin), grid.height / (area.height - 2 * margin) });
  }
  return scale / m_Zoom;
}

// As much as the pane has room for, about the middle, and never beyond the volume.
View::Sight View::SightOf(Pane pane) const
{
  const auto   area = BoxOf(pane);
  const auto & plane = PlaneOf(pane);
  const double scale = Scale();
  const int    margin = 2 * FontSizeFor(m_Size);
  auto         seen = PatientBox(m_Scene.volume.geometry);
  for (std::size_t axis = 0; axis < 3; ++axis)
    if (axis != plane.across)
    {
      const double room = scale * ((plane.right[axis] != 0 ? area.width : area.height) - 2 * margin);
      const double half = std::min(room, seen[1][axis] - seen[0][axis]) / 2;
      const double middle = std::clamp(m_Middle[axis], seen[0][axis] + half, std::max(seen[0][axis] + half, seen[1][axis] - half));
      seen[0][axis] = middle - half;
      seen[1][axis] = middle + half;
    }
  return { area, SliceGrid(plane, seen, m_Position), scale };
}

Picture View::Draw() const
{
  const int         font = FontSizeFor(m_Size), foot = m_Size.height - FootHeight();
  const Scene       scene = Shown();
  Picture           picture(m_Size, backgroundColor);
  Canvas            canvas(picture);
  std::vector<bool> isSeen(65536, m_Names->AreFew(m_Size));
  for (const auto pane : { Pane::Axial, Pane::Coronal, Pane::Sagittal })
  {
    const auto   sight = SightOf(pane);
    const auto & area = sight.area;
    const auto   slice = DrawSliceCell(canvas, scene, m_Names->colors, sight.grid, { { area.x, area.y, area.width, area.height }, sight.scale, font, SliceKind::Plane, true });
    for (const auto label : slice.labels)
      isSeen[label] = true;
    canvas.Text(sight.grid.plane.name, area.x, area.y - font, { .size = font, .color = white, .bold = true });
    canvas.Text(PlaceText(sight.grid), area.x + area.width, area.y - font, { .size = font, .color = textColor }, Align::Right);
  }
  DrawSliceLine(canvas, scene, font, foot, Scale(), WindowText(m_Window) + (m_HasOverlay ? "" : "   overlays off (o)") + "   " + (m_Line.empty() ? "h: help" : m_Line));
  m_Names->LegendFor(m_Names->Seen(isSeen), m_Size).Draw(canvas, font, foot + 2 * font);
  if (m_HasHelp)
    DrawHelp(canvas, BoxOf(Pane::Axial), font);
  return picture;
}

} // namespace serval
