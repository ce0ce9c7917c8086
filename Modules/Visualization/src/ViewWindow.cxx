#include "Canvas.h"
#include "Stage.h"
#include "Surfaces.h"
#include "VtkVolume.h"
#include "serval/Core/Error.h"
#include "serval/Visualization/Display.h"
#include "serval/Visualization/View.h"

#include <vtkActor2D.h>
#include <vtkAutoInit.h>
#include <vtkBillboardTextActor3D.h>
#include <vtkCamera.h>
#include <vtkImageData.h>
#include <vtkImageMapper.h>
#include <vtkInteractorStyle.h>
#include <vtkObjectFactory.h>
#include <vtkRenderWindow.h>
#include <vtkRenderWindowInteractor.h>
#include <vtkSmartPointer.h>
#include <vtkTextProperty.h>

#include <algorithm>
#include <array>
#include <string>

VTK_MODULE_INIT(vtkRenderingUI); // only here are events asked for

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

/// The window with its four panes.
class ViewWindow
{
public:
  ViewWindow(const Scene & scene, const ViewOptions & options)
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

  vtkRenderWindow & Window() { return *m_Window; }
  vtkRenderer &     Solid() { return m_Stage.Renderer(); }
  View &            Seen() { return m_View; }

  /// Where VTK counts from the bottom, View counts from the top.
  int FromTop(int y) const { return m_Window->GetSize()[1] - 1 - y; }

  void Show()
  {
    m_View.Resize({ m_Window->GetSize()[0], m_Window->GetSize()[1] });
    Copy(m_View.Draw(), *m_Image);
    PlaceSolid();
    m_Window->Render();
  }

  void Aim()
  {
    const auto box = m_View.BoxOf(Pane::Solid);
    auto &     camera = *m_Stage.Renderer().GetActiveCamera();
    m_Stage.Aim({ box.width, box.height });
    camera.SetParallelScale(1.3 * camera.GetParallelScale()); // room for the letters
    m_Stage.Renderer().ResetCameraClippingRange();
  }

  /// By a drag in pixels, to the right and downwards: half a turn over the pane's edge.
  void Turn(int right, int down)
  {
    const auto box = m_View.BoxOf(Pane::Solid);
    auto &     camera = *m_Stage.Renderer().GetActiveCamera();
    camera.Azimuth(-180.0 * right / std::max(1, box.width));
    camera.Elevation(180.0 * down / std::max(1, box.height));
    camera.OrthogonalizeViewUp();
    m_Stage.Renderer().ResetCameraClippingRange();
  }

  void Approach(int notches)
  {
    m_Stage.Renderer().GetActiveCamera()->Zoom(notches > 0 ? 1.1 : 1 / 1.1);
    m_Stage.Renderer().ResetCameraClippingRange();
  }

  void WritePictureOfIt()
  {
    auto file = m_Options.picture;
    if (file.empty())
      return m_View.Tell("no picture is written: start with --picture FILE.png");
    Show(); // without what was told last
    if (++m_Pictures > 1)
      file.replace_filename(file.stem().string() + "-" + std::to_string(m_Pictures) + file.extension().string());
    try
    {
      WritePicture(Grab(*m_Window), file);
      m_View.Tell(file.filename().string() + " is written");
    }
    catch (const Error & e)
    {
      m_View.Tell(e.what());
    }
  }

private:
  void AddSolid(const Scene & scene)
  {
    if (m_Options.solid == SolidKind::RayCasting)
      AddRayCasting(m_Stage, scene);
    else if (scene.labels.empty())
      AddIntensitySurface(m_Stage, scene, scene.surfaceValue.value_or(scene.window.level));
    AddLabelSurfaces(m_Stage, scene);
    AddLetters();
    m_Window->AddRenderer(&m_Stage.Renderer());
  }

  // At the middles of the faces of what is seen, so that they hold from every side.
  void AddLetters()
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

  void PlaceSolid()
  {
    const auto   box = m_View.BoxOf(Pane::Solid);
    const double width = m_View.Size().width, height = m_View.Size().height;
    m_Stage.Renderer().SetViewport(box.x / width, 1 - (box.y + box.height) / height, (box.x + box.width) / width, 1 - box.y / height);
  }

  View                    m_View;
  ViewOptions             m_Options;
  Stage                   m_Stage;
  vtkNew<vtkRenderWindow> m_Window;
  vtkNew<vtkRenderer>     m_Slices;
  vtkNew<vtkActor2D>      m_Flat;
  vtkNew<vtkImageMapper>  m_Mapper;
  vtkNew<vtkImageData>    m_Image;
  int                     m_Pictures = 0;
};

/// Mouse and keys. VTK's own trackball comes with libraries of MPI, which a host of ours may have in another version.
class ViewStyle final : public vtkInteractorStyle
{
public:
  static ViewStyle * New();
  vtkTypeMacro(ViewStyle, vtkInteractorStyle);
  void Look(ViewWindow * window) { m_Window = window; }

  void OnLeftButtonDown() override
  {
    m_Dragged = PaneBelow();
    m_From = Pointer();
  }
  void OnLeftButtonUp() override { m_Dragged = Pane::None; }
  void OnRightButtonDown() override
  {
    if (PaneBelow() == Pane::Solid)
      return;
    const auto at = Pointer();
    m_Window->Seen().Cross(PaneBelow(), at[0], at[1]);
    m_Window->Show();
  }
  void OnMouseMove() override
  {
    if (m_Dragged == Pane::None)
      return;
    const auto at = Pointer();
    if (m_Dragged == Pane::Solid)
      m_Window->Turn(at[0] - m_From[0], at[1] - m_From[1]);
    else
      m_Window->Seen().ChangeWindow(at[0] - m_From[0], m_From[1] - at[1]);
    m_From = at;
    m_Window->Show();
  }
  void OnMouseWheelForward() override { Wheel(1); }
  void OnMouseWheelBackward() override { Wheel(-1); }
  void OnConfigure() override { m_Window->Show(); }

  void OnChar() override {} // VTK's own keys would turn surfaces into wires, or end without a word
  void OnKeyPress() override
  {
    const std::string key = Interactor->GetKeySym() ? Interactor->GetKeySym() : "";
    if (key == "q" || key == "Escape")
      return Interactor->TerminateApp();
    if (key == "Up" || key == "Down")
      return Scroll(key == "Up" ? 1 : -1);
    Act(key);
    m_Window->Show();
  }

private:
  void Act(const std::string & key)
  {
    View & view = m_Window->Seen();
    view.Tell("");
    if (key == "o")
      view.ToggleOverlay();
    else if (key == "h")
      view.ToggleHelp();
    else if (key == "s")
      m_Window->WritePictureOfIt();
    else if (key == "r")
    {
      view.Reset();
      m_Window->Aim();
    }
  }

  std::array<int, 2> Pointer() const { return { Interactor->GetEventPosition()[0], m_Window->FromTop(Interactor->GetEventPosition()[1]) }; }
  Pane               PaneBelow() const { return m_Window->Seen().PaneAt(Pointer()[0], Pointer()[1]); }

  void Wheel(int notches)
  {
    if (PaneBelow() != Pane::Solid)
      return Scroll(notches);
    m_Window->Approach(notches);
    m_Window->Show();
  }

  void Scroll(int slices)
  {
    m_Window->Seen().Scroll(PaneBelow(), slices);
    m_Window->Show();
  }

  ViewWindow *       m_Window = nullptr;
  Pane               m_Dragged = Pane::None;
  std::array<int, 2> m_From{};
};
vtkStandardNewMacro(ViewStyle);

// VTK warns that its own style is not linked; it gets ours.
vtkSmartPointer<vtkRenderWindowInteractor> WithoutStyle()
{
  const int isShown = vtkObject::GetGlobalWarningDisplay();
  vtkObject::GlobalWarningDisplayOff();
  const auto interactor = vtkSmartPointer<vtkRenderWindowInteractor>::New();
  vtkObject::SetGlobalWarningDisplay(isShown);
  return interactor;
}

} // namespace

void ShowView(const Scene & scene, const ViewOptions & options)
{
  RequireScreen();
  const VtkMessages messages;
  ViewWindow        window(scene, options);
  const auto        interactor = WithoutStyle();
  vtkNew<ViewStyle> style;
  style->Look(&window);
  interactor->SetRenderWindow(&window.Window());
  interactor->SetInteractorStyle(style);
  interactor->Initialize();
  style->SetCurrentRenderer(&window.Solid());
  window.Aim();
  window.Show();
  interactor->Start();
  messages.RequireNone();
}

} // namespace serval
