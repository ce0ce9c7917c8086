#pragma once

#include "serval/Visualization/Scene.h"

#include <vtkNew.h>
#include <vtkOutputWindow.h>
#include <vtkRenderer.h>
#include <vtkSmartPointer.h>

#include <string>

class vtkRenderWindow;

namespace serval
{

/// Collects what VTK would print on stderr, as long as it lives.
class VtkMessages
{
public:
  VtkMessages();
  ~VtkMessages();
  VtkMessages(const VtkMessages &) = delete;
  VtkMessages & operator=(const VtkMessages &) = delete;
  /// Fault::Environment with VTK's words when there were any.
  void RequireNone() const;

private:
  vtkSmartPointer<vtkOutputWindow> m_Before;
  vtkSmartPointer<vtkOutputWindow> m_Collector;
};

/// The pixels of a window, drawn anew.
Picture Grab(vtkRenderWindow & window);

/// Three-dimensional things seen from the patient's front, a little from the left and above, superior up.
class Stage
{
public:
  explicit Stage(const Scene & scene);

  vtkRenderer & Renderer() { return *m_Renderer; }
  /// Draws what was put on the stage, with title, orientation star, legend and a line about what is seen.
  Picture Draw(const std::string & caption);
  /// The camera where Draw has it, for a picture of this size.
  void Aim(PictureSize size);

private:
  Picture RenderWindow(PictureSize size);

  const Scene &       m_Scene;
  vtkNew<vtkRenderer> m_Renderer;
  double              m_MillimetresPerPixel = 1;
};

} // namespace serval
