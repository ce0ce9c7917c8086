#include "Stage.h"

#include "Canvas.h"
#include "Legend.h"
#include "VtkVolume.h"
#include "serval/Core/Error.h"
#include "serval/Core/Text.h"
#include "serval/Visualization/Display.h"

#include <vtkCamera.h>
#include <vtkImageData.h>
#include <vtkObjectFactory.h>
#include <vtkRenderWindow.h>
#include <vtkWindowToImageFilter.h>

#include <algorithm>
#include <array>
#include <cmath>

namespace serval
{
namespace
{

class Collector final : public vtkOutputWindow
{
public:
  static Collector * New();
  vtkTypeMacro(Collector, vtkOutputWindow);
  void DisplayText(const char * text) override
  {
    if (text && m_Text.size() < 2000)
      m_Text += text;
  }
  const std::string & Text() const { return m_Text; }

private:
  std::string m_Text;
};
vtkStandardNewMacro(Collector);

double Dot(const Point & a, const Point & b) { return a[0] * b[0] + a[1] * b[1] + a[2] * b[2]; }

Point Cross(const Point & a, const Point & b)
{
  return { a[1] * b[2] - a[2] * b[1], a[2] * b[0] - a[0] * b[2], a[0] * b[1] - a[1] * b[0] };
}

Point Unit(const Point & a)
{
  const double length = std::sqrt(Dot(a, a));
  return { a[0] / length, a[1] / length, a[2] / length };
}

const Point towardsViewer = Unit({ 0.45, -1, 0.35 });

// Three axes through one point, those towards the viewer drawn last and brighter, with the patient's letters.
void DrawStar(Canvas & canvas, double x, double y, double radius, int font)
{
  struct Arm
  {
    char  letter;
    Point direction;
  };
  std::array<Arm, 6> arms{ { { 'L', { 1, 0, 0 } }, { 'R', { -1, 0, 0 } }, { 'P', { 0, 1, 0 } }, { 'A', { 0, -1, 0 } },
                             { 'S', { 0, 0, 1 } }, { 'I', { 0, 0, -1 } } } };
  std::stable_sort(arms.begin(), arms.end(), [](const Arm & a, const Arm & b) {
    return Dot(a.direction, towardsViewer) < Dot(b.direction, towardsViewer);
  });
  const Point right = Unit(Cross({ 0, 0, 1 }, towardsViewer)), up = Cross(towardsViewer, right);
  for (const auto & arm : arms)
  {
    const bool  near = Dot(arm.direction, towardsViewer) > 0;
    const Color color = near ? Color{ 120, 200, 255 } : Color{ 95, 120, 140 };
    const double dx = Dot(arm.direction, right), dy = -Dot(arm.direction, up);
    canvas.Line(x, y, x + radius * dx, y + radius * dy, near ? 2 : 1, color);
    const double beyond = 0.8 * font / std::hypot(dx, dy);
    canvas.Text({ arm.letter }, x + (radius + beyond) * dx, y + (radius + beyond) * dy,
                { .size = font, .color = color, .bold = true }, Align::Centre);
  }
}

} // namespace

VtkMessages::VtkMessages()
  : m_Before(vtkOutputWindow::GetInstance())
  , m_Collector(vtkSmartPointer<Collector>::New())
{
  vtkOutputWindow::SetInstance(m_Collector);
}

VtkMessages::~VtkMessages() { vtkOutputWindow::SetInstance(m_Before); }

void VtkMessages::RequireNone() const
{
  const std::string & text = static_cast<Collector *>(m_Collector.Get())->Text();
  Require(text.empty(), Fault::Environment, "VTK could not draw: ", Trim(text));
}

Picture Grab(vtkRenderWindow & window)
{
  vtkNew<vtkWindowToImageFilter> grab;
  grab->SetInput(&window);
  grab->SetInputBufferTypeToRGB();
  grab->ReadFrontBufferOff();
  grab->Update();
  auto &    image = *grab->GetOutput();
  const int width = image.GetDimensions()[0], height = image.GetDimensions()[1];
  Picture   picture({ width, height }, backgroundColor);
  for (int y = 0; y < height; ++y)
  {
    const auto * row = static_cast<const unsigned char *>(image.GetScalarPointer(0, height - 1 - y, 0));
    std::copy_n(row, 3 * width, picture.rgb.begin() + 3 * std::ptrdiff_t(width) * y);
  }
  return picture;
}

Stage::Stage(const Scene & scene)
  : m_Scene(scene)
{
  RequireDisplay();
  m_Renderer->SetBackground(backgroundColor.r / 255.0, backgroundColor.g / 255.0, backgroundColor.b / 255.0);
}

// Parallel, so that one scale bar holds everywhere; as large as all eight corners of what is seen allow.
void Stage::Aim(PictureSize size)
{
  double bounds[6];
  m_Renderer->ComputeVisiblePropBounds(bounds);
  const Point centre{ (bounds[0] + bounds[1]) / 2, (bounds[2] + bounds[3]) / 2, (bounds[4] + bounds[5]) / 2 };
  const Point right = Unit(Cross({ 0, 0, 1 }, towardsViewer)), up = Cross(towardsViewer, right);
  double      halfWidth = 0, halfHeight = 0;
  for (int corner = 0; corner < 8; ++corner)
  {
    const Point p{ bounds[corner & 1] - centre[0], bounds[2 + (corner >> 1 & 1)] - centre[1],
                   bounds[4 + (corner >> 2 & 1)] - centre[2] };
    halfWidth = std::max(halfWidth, std::abs(Dot(p, right)));
    halfHeight = std::max(halfHeight, std::abs(Dot(p, up)));
  }
  const double half = 1.04 * std::max(halfHeight, halfWidth * size.height / size.width);
  m_MillimetresPerPixel = 2 * half / size.height;
  auto & camera = *m_Renderer->GetActiveCamera();
  camera.ParallelProjectionOn();
  camera.SetFocalPoint(centre.data());
  camera.SetPosition(centre[0] + towardsViewer[0], centre[1] + towardsViewer[1], centre[2] + towardsViewer[2]);
  camera.SetViewUp(0, 0, 1);
  m_Renderer->ResetCamera(bounds); // sets the distance
  camera.SetParallelScale(half);
  m_Renderer->ResetCameraClippingRange(bounds);
}

Picture Stage::RenderWindow(PictureSize size)
{
  vtkNew<vtkRenderWindow> window;
  window->SetShowWindow(false);
  window->SetOffScreenRendering(1);
  window->SetMultiSamples(4);
  window->SetSize(size.width, size.height);
  window->AddRenderer(m_Renderer);
  Aim(size);
  Picture picture = Grab(*window);
  window->RemoveRenderer(m_Renderer);
  return picture;
}

Picture Stage::Draw(const std::string & caption)
{
  const PictureSize size = m_Scene.size;
  const int         font = FontSizeFor(size), top = m_Scene.title.empty() ? 0 : 5 * font / 2;
  const Legend      legend(LegendOf(m_Scene), { font, textColor }, size);
  const int         foot = size.height - 5 * font / 2 - legend.Height();
  Require(foot - top >= 64, Fault::Usage, "a picture ", size.height,
          " pixels high has no room beside the legend; make it higher");
  const Picture view = RenderWindow({ size.width, foot - top });
  Picture       picture(size, backgroundColor);
  std::copy(view.rgb.begin(), view.rgb.end(), picture.rgb.begin() + 3 * std::ptrdiff_t(size.width) * top);
  Canvas          canvas(picture);
  const TextStyle titleStyle{ .size = font * 5 / 4, .color = white, .bold = true }, style{ .size = font, .color = textColor };
  canvas.Text(Canvas::Fitted(m_Scene.title, titleStyle, size.width - 2 * font), font, 3 * font / 2, titleStyle);
  DrawStar(canvas, 5.0 * font, foot - 4.0 * font, 2.5 * font, font);
  const int start = DrawScaleBar(canvas, font, foot + font, size.width / 8, m_MillimetresPerPixel, style) + 2 * font;
  canvas.Text(Canvas::Fitted(caption, style, size.width - font - start), start, foot + font, style);
  legend.Draw(canvas, font, foot + 2 * font);
  return picture;
}

} // namespace serval
