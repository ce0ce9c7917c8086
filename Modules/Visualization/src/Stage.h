#pragma once

#include "serval/Visualization/Scene.h"

#include <vtkNew.h>
#include <vtkOutputWindow.h>
#include <vtkRenderer.h>
#include <vtkSmartPointer.h>

#include <string>

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

/// Three-dimensional things seen from the patient's front, a little from the left and above, superior up.
class Stage
{
public:
  explicit Stage(const Scene & scene);

  vtkRenderer & Renderer() { return *m_Renderer; }
  /// Draws what was put on the stage, with title, orientation star, legend and a line about what is seen.
  Picture Draw(const std::string & caption);

private:
  void    Aim(PictureSize size);
  Picture RenderWindow(PictureSize size);

  const Scene &       m_Scene;
  vtkNew<vtkRenderer> m_Renderer;
  double              m_MillimetresPerPixel = 1;
};

} // namespace serval
