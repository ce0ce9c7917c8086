#include "ViewWindow.h"
#include "serval/Visualization/Display.h"

#include <vtkAutoInit.h>
#include <vtkInteractorStyle.h>
#include <vtkObjectFactory.h>
#include <vtkRenderWindowInteractor.h>
#include <vtkSmartPointer.h>

#include <array>
#include <cmath>
#include <string>

VTK_MODULE_INIT(vtkRenderingUI); // only here are events asked for

namespace serval
{
namespace
{

/// Mouse and keys. VTK's own trackball comes with libraries of MPI, which a host of ours may have in another version.
class ViewStyle final : public vtkInteractorStyle
{
public:
  static ViewStyle * New();
  vtkTypeMacro(ViewStyle, vtkInteractorStyle);
  void Look(ViewWindow * window) { m_Window = window; }

  void OnLeftButtonDown() override { Begin(Interactor->GetShiftKey() && PaneBelow() != Pane::Solid ? Drag::Pan : Drag::Left); }
  void OnMiddleButtonDown() override { Begin(Drag::Pan); }
  void OnRightButtonDown() override { Begin(Drag::Zoom); }
  void OnLeftButtonUp() override { End(); }
  void OnMiddleButtonUp() override { End(); }
  void OnRightButtonUp() override
  {
    if (m_Drag == Drag::Zoom && !m_HasMoved)
    {
      m_Window->Seen().Cross(m_Dragged, m_Begin[0], m_Begin[1]);
      m_Window->Show();
    }
    End();
  }
  void OnMouseMove() override
  {
    const auto at = Pointer();
    if (m_Drag == Drag::None || (!m_HasMoved && std::hypot(at[0] - m_Begin[0], at[1] - m_Begin[1]) < 4)) // a click may tremble
      return;
    m_HasMoved = true;
    Follow(at[0] - m_From[0], at[1] - m_From[1]);
    m_From = at;
  }
  void OnMouseWheelForward() override { Wheel(1); }
  void OnMouseWheelBackward() override { Wheel(-1); }
  void OnConfigure() override
  {
    m_Window->Show();
    RefineLater();
  }
  void OnTimer() override
  {
    if (!m_Window->IsSolidFine() && m_Drag == Drag::None)
      m_Window->ShowFine(patience);
  }
  /// Soon, unless something moves until then.
  void RefineLater()
  {
    if (m_Window->IsSolidFine())
      return;
    if (m_Timer != 0)
      Interactor->DestroyTimer(m_Timer);
    m_Timer = Interactor->CreateOneShotTimer(300);
  }

  void OnChar() override {} // VTK's own keys would turn surfaces into wires, or end without a word
  void OnKeyPress() override
  {
    const std::string key = Interactor->GetKeySym() ? Interactor->GetKeySym() : "";
    if (key == "q" || key == "Escape")
      return Interactor->TerminateApp();
    if (key == "Up" || key == "Down")
      return Scroll(key == "Up" ? 1 : -1);
    if (key == "plus" || key == "KP_Add" || key == "equal")
      return Approach(1);
    if (key == "minus" || key == "KP_Subtract")
      return Approach(-1);
    Act(key);
    m_Window->Show();
  }

private:
  static constexpr double patience = 1.5; // seconds that a picture of the solid pane may take
  enum class Drag
  {
    None,
    Left, ///< window, or turning
    Pan,
    Zoom
  };

  void Begin(Drag drag)
  {
    m_Dragged = PaneBelow();
    m_Drag = m_Dragged == Pane::None || (m_Dragged == Pane::Solid && drag != Drag::Left) ? Drag::None : drag;
    m_Begin = m_From = Pointer();
    m_HasMoved = false;
  }

  void End()
  {
    m_Drag = Drag::None;
    RefineLater();
  }

  void Follow(int right, int down)
  {
    View & view = m_Window->Seen();
    if (m_Dragged == Pane::Solid)
    {
      m_Window->Turn(right, down);
      return m_Window->ShowMoving();
    }
    if (m_Drag == Drag::Zoom)
      view.Zoom(m_Dragged, std::pow(1.01, -down), m_Begin[0], m_Begin[1]);
    else if (m_Drag == Drag::Pan)
      view.Pan(m_Dragged, right, down);
    else
      view.ChangeWindow(right, -down);
    m_Window->Show();
  }

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
    else if (key == "0" || key == "KP_0")
      view.Zoom(Pane::Axial, 0.001, 0, 0);
    else if (key == "r")
    {
      view.Reset();
      m_Window->Aim();
      m_Window->ShowMoving();
      RefineLater();
    }
  }

  std::array<int, 2> Pointer() const { return { Interactor->GetEventPosition()[0], m_Window->FromTop(Interactor->GetEventPosition()[1]) }; }
  Pane               PaneBelow() const { return m_Window->Seen().PaneAt(Pointer()[0], Pointer()[1]); }

  void Wheel(int notches)
  {
    if (PaneBelow() == Pane::Solid || Interactor->GetControlKey())
      return Approach(notches);
    Scroll(notches);
  }

  void Approach(int notches)
  {
    const auto at = Pointer();
    if (PaneBelow() != Pane::Solid)
    {
      m_Window->Seen().Zoom(PaneBelow(), notches > 0 ? 1.2 : 1 / 1.2, at[0], at[1]);
      return m_Window->Show();
    }
    m_Window->Approach(notches);
    m_Window->ShowMoving();
    RefineLater();
  }

  void Scroll(int slices)
  {
    m_Window->Seen().Scroll(PaneBelow(), slices);
    m_Window->Show();
  }

  ViewWindow *       m_Window = nullptr;
  Pane               m_Dragged = Pane::None;
  Drag               m_Drag = Drag::None;
  bool               m_HasMoved = false;
  std::array<int, 2> m_Begin{}, m_From{};
  int                m_Timer = 0;
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
  style->RefineLater();
  interactor->Start();
  messages.RequireNone();
}

} // namespace serval
