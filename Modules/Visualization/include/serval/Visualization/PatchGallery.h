#pragma once

#include "serval/Visualization/Drawing.h"
#include "serval/Visualization/Scene.h"

#include <span>
#include <string>
#include <vector>

namespace serval
{

/// What an answer was, seen beside the truth.
enum class AnswerMark
{
  None,
  Right,
  Wrong
};

/// A patch as one picture with lines of words below it.
struct PatchCell
{
  VolumeView               patch;   ///< without voxels: words only
  DisplayWindow            window;
  std::span<const float>   heat;    ///< on the patch's grid, from 0 to its highest value; empty: none
  std::vector<std::string> lines;
  AnswerMark               mark = AnswerMark::None; ///< stands as a sign before the first line
};

/// Patches in a grid.
struct PatchGallery
{
  struct Row
  {
    std::string            name; ///< such as a class; stands above its cells
    std::vector<PatchCell> cells{};
  };
  std::string              title{}, note{};
  std::vector<std::string> columns{}; ///< headings, one for each cell of a row; none: the cells of a row flow over several lines
  std::vector<Row>         rows{};
  int                      plane = 0;  ///< of patches with depth: the middle axial (0), coronal (1) or sagittal (2) slice
  int                      across = 6; ///< cells side by side where there are no headings
  int                      width = 900; ///< pixels; the height follows
  Theme                    theme = Theme::Light;
  bool                     isSmooth = true;  ///< linear between voxels; false: each voxel is a square, as of kernels
  bool                     hasScale = true;  ///< a scale bar in mm
};

/// Each patch is drawn by its own voxels: the middle slice of its grid that is nearest to the plane, turned as a radiologist
/// sees it; one millimetre is equally long in all. Fault::Input without a cell, for voxels of another number than the grid has
/// or a row with another number of cells than there are headings; Fault::Usage where the cells have no room.
Picture RenderPatches(const PatchGallery & gallery);
/// One cell's patch with its heat, at most `width` pixels wide, without its words: for pages that set them as text. Errors as above.
Picture RenderPatch(const PatchCell & cell, int plane, int width);

} // namespace serval
