#include "ViewWindow.h"

#include "Canvas.h"
#include "VtkVolume.h"
#include "serval/Core/Error.h"

#include <vtkBillboardTextActor3D.h>
#include <vtkCamera.h>
#include <vtkTextProperty.h>

#include <algorithm>
#include <array>
#include <chrono>
#include <cmath>
#include <string>

namespace serval
{
namespace
{

// VTK's rows come from the bottom.
void Copy(const Picture & picture, vtkImageData & image)
{
  const int width = picture.size.width, height = picture.size.height;
  image.SetDimensions(width, height, 1);
  image.AllocateScalars(VTK_UNSIGNED_CHAR, 3);
  for (int y = 0; y < height; ++y)
    std::copy_n(picture.rgb.begin() + 3 * std::ptrdiff_t(width) * y, 3 * width, static_cast<unsigned char *>(image.GetScalarPointer(0, height - 1 - y, 0)));
  image.Modified();
}

// A window smaller than the smallest view ends before its panes do.
Picture Part(const Picture & whole, const PaneBox & box)
{
  Picture   part({ box.width, box.height }, backgroundColor);
  const int width = std::min(box.width, whole.size.width - box.x), height = std::min(box.height, whole.size.height - box.y);
  for (int y = 0; y < height && width > 0; ++y)
    std::copy_n(whole.rgb.begin() + 3 * (std::ptrdiff_t(whole.size.width) * (box.y + y) + box.x), 3 * width, part.rgb.begin() + 3 * std::ptrdiff_t(box.width) * y);
  return part;
}

void Paste(const Picture & part, const PaneBox & box, Picture & whole)
{
  const int width = std::min(part.size.width, box.width), height = std::min(part.size.height, box.height);
  for (int y = 0; y < height; ++y)
    std::copy_n(part.rgb.begin() + 3 * std::ptrdiff_t(part.size.width) * y, 3 * width, whole.rgb.begin() + 3 * (std::ptrdiff_t(whole.size.width) * (box.y + y) + box.x));
}

// One ray for so many pixels along an edge.
constexpr double finest = 1, coarse = 4;

} // namespace

ViewWindow::ViewWindow(const Scene & scene, const ViewOptions & options)
  : m_View(scene)
  , m_Options(options)
  , m_Stage(scene)
{
  m_Mapper->SetInputData(m_Image);
  m_Mapper->SetColorWindow(255);
  m_Mapper->SetColorLevel(127.5);
  m_Flat->SetMapper(m_Mapper);
  m_Slices->AddViewProp(m_Flat);
  m_Slices->InteractiveOff();
  m_Window->SetWindowName("Serval");
  m_Window->SetSize(m_View.Size().width, m_View.Size().height);
  m_Window->AddRenderer(m_Slices);
  if (options.solid != SolidKind::Nothing)
    AddSolid(scene);
}

void ViewWindow::Show()
{
  const PictureSize size{ m_Window->GetSize()[0], m_Window->GetSize()[1] };
  if (size.width != m_View.Size().width || size.height != m_View.Size().height)
    m_IsSolidFine = false;
  m_View.Resize(size);
  Picture picture = m_View.Draw();
  PasteSolid(picture);
  Copy(picture, *m_Image);
  m_Stage.Renderer().DrawOff();
  m_Window->Render();
}

void ViewWindow::ShowMoving()
{
  DrawSolid(coarse);
  m_IsSolidFine = !m_Rays;
}

void ViewWindow::ShowFine(double seconds)
{
  DrawSolid(std::clamp(m_SolidDistance * std::sqrt(m_SolidSeconds / seconds), finest, coarse));
  m_IsSolidFine = true;
}

void ViewWindow::Aim()
{
  const auto box = m_View.BoxOf(Pane::Solid);
  auto &     camera = *m_Stage.Renderer().GetActiveCamera();
  m_Stage.Aim({ box.width, box.height });
  camera.SetParallelScale(1.3 * camera.GetParallelScale()); // room for the letters
  m_Stage.Renderer().ResetCameraClippingRange();
}

void ViewWindow::Turn(int right, int down)
{
  const auto box = m_View.BoxOf(Pane::Solid);
  auto &     camera = *m_Stage.Renderer().GetActiveCamera();
  camera.Azimuth(-180.0 * right / std::max(1, box.width));
  camera.Elevation(180.0 * down / std::max(1, box.height));
  camera.OrthogonalizeViewUp();
  m_Stage.Renderer().ResetCameraClippingRange();
}

void ViewWindow::Approach(int notches)
{
  m_Stage.Renderer().GetActiveCamera()->Zoom(notches > 0 ? 1.1 : 1 / 1.1);
  m_Stage.Renderer().ResetCameraClippingRange();
}

void ViewWindow::WritePictureOfIt()
{
  auto file = m_Options.picture;
  if (file.empty())
    return m_View.Tell("no picture is written: start with --picture FILE.png");
  if (!m_IsSolidFine || m_SolidDistance > finest)
    DrawSolid(finest);
  m_IsSolidFine = true;
  Show(); // without what was told last
  if (++m_Pictures > 1)
    file.replace_filename(file.stem().string() + "-" + std::to_string(m_Pictures) + file.extension().string());
  try
  {
    Picture picture = m_View.Draw();
    PasteSolid(picture);
    WritePicture(picture, file);
    m_View.Tell(file.filename().string() + " is written");
  }
  catch (const Error & e)
  {
    m_View.Tell(e.what());
  }
}

void ViewWindow::AddSolid(const Scene & scene)
{
  if (m_Options.solid == SolidKind::RayCasting)
    m_Rays = AddRayCasting(m_Stage, scene, 256);
  else if (scene.labels.empty())
    AddIntensitySurface(m_Stage, scene, scene.surfaceValue.value_or(scene.window.level));
  AddLabelSurfaces(m_Stage, scene);
  AddLetters();
  m_Window->AddRenderer(&m_Stage.Renderer());
}

// At the middles of the faces of what is seen, so that they hold from every side.
void ViewWindow::AddLetters()
{
  static constexpr std::array<std::array<const char *, 2>, 3> letters{ { { "R", "L" }, { "A", "P" }, { "I", "S" } } };
  std::array<double, 6>                                       bounds{};
  m_Stage.Renderer().ComputeVisiblePropBounds(bounds.data());
  for (std::size_t axis = 0; axis < 3; ++axis)
    for (std::size_t side = 0; side < 2; ++side)
    {
      Point place{ (bounds[0] + bounds[1]) / 2, (bounds[2] + bounds[3]) / 2, (bounds[4] + bounds[5]) / 2 };
      place[axis] += (side == 0 ? -0.6 : 0.6) * (bounds[2 * axis + 1] - bounds[2 * axis]);
      vtkNew<vtkBillboardTextActor3D> text;
      text->SetInput(letters[axis][side]);
      text->SetPosition(place.data());
      text->UseBoundsOff(); // theirs follow the camera
      text->GetTextProperty()->SetFontSize(18);
      text->GetTextProperty()->SetBold(true);
      text->GetTextProperty()->SetColor(0.47, 0.78, 1);
      text->GetTextProperty()->SetJustificationToCentered();
      text->GetTextProperty()->SetVerticalJustificationToCentered();
      m_Stage.Renderer().AddActor(text);
    }
}

void ViewWindow::DrawSolid(double distance)
{
  if (m_Options.solid == SolidKind::Nothing)
    return Show();
  const auto begin = std::chrono::steady_clock::now();
  if (m_Rays)
    m_Rays->SetImageSampleDistance(static_cast<float>(distance));
  PlaceSolid();
  m_Stage.Renderer().DrawOn();
  m_Solid = Part(Grab(*m_Window), m_View.BoxOf(Pane::Solid));
  m_SolidSeconds = std::chrono::duration<double>(std::chrono::steady_clock::now() - begin).count();
  m_SolidDistance = m_Rays ? distance : finest;
  Show();
}

void ViewWindow::PasteSolid(Picture & picture) const
{
  if (m_Solid)
    Paste(*m_Solid, m_View.BoxOf(Pane::Solid), picture);
}

void ViewWindow::PlaceSolid()
{
  const auto   box = m_View.BoxOf(Pane::Solid);
  const double width = m_View.Size().width, height = m_View.Size().height;
  m_Stage.Renderer().SetViewport(box.x / width, 1 - (box.y + box.height) / height, (box.x + box.width) / width, 1 - box.y / height);
}

} // namespace serval
