#pragma once
// The window of `serval view`: what is seen in it. ShowView.cxx holds mouse and keys.

#include "Stage.h"
#include "Surfaces.h"
#include "serval/Visualization/View.h"

#include <vtkActor2D.h>
#include <vtkGPUVolumeRayCastMapper.h>
#include <vtkImageData.h>
#include <vtkImageMapper.h>
#include <vtkNew.h>
#include <vtkRenderWindow.h>

#include <optional>

namespace serval
{

/// The window with its four panes. Slices are drawn at once. What is solid takes seconds where no graphics card helps: it is
/// drawn when it changes, coarsely while it moves, and kept as a picture.
class ViewWindow
{
public:
  ViewWindow(const Scene & scene, const ViewOptions & options);

  vtkRenderWindow & Window() { return *m_Window; }
  vtkRenderer &     Solid() { return m_Stage.Renderer(); }
  View &            Seen() { return m_View; }
  /// Where VTK counts from the bottom, View counts from the top.
  int FromTop(int y) const { return m_Window->GetSize()[1] - 1 - y; }

  /// Slices, words, and the solid pane as it was last.
  void Show();
  /// What is solid changed: a coarse picture now.
  void ShowMoving();
  bool IsSolidFine() const { return m_Options.solid == SolidKind::Nothing || m_IsSolidFine; }
  /// As finely as `seconds` allow, judged by how long the last picture took.
  void ShowFine(double seconds);
  /// The camera as at the beginning.
  void Aim();
  /// By a drag in pixels, to the right and downwards: half a turn over the pane's edge.
  void Turn(int right, int down);
  void Approach(int notches);
  void WritePictureOfIt();

private:
  void AddSolid(const Scene & scene);
  void AddLetters();
  void DrawSolid(double distance);
  void PasteSolid(Picture & picture) const;
  void PlaceSolid();

  View                    m_View;
  ViewOptions             m_Options;
  Stage                   m_Stage;
  vtkNew<vtkRenderWindow> m_Window;
  vtkNew<vtkRenderer>     m_Slices;
  vtkNew<vtkActor2D>      m_Flat;
  vtkNew<vtkImageMapper>  m_Mapper;
  vtkNew<vtkImageData>    m_Image;
  vtkSmartPointer<vtkGPUVolumeRayCastMapper> m_Rays; ///< none where surfaces are seen
  std::optional<Picture>  m_Solid; ///< as it was drawn last
  double                  m_SolidSeconds = 0, m_SolidDistance = 1; ///< of that drawing
  bool                    m_IsSolidFine = false;
  int                     m_Pictures = 0;
};

} // namespace serval
