#include "serval/Volume/Intensity.h"

#include "ImageFile.h"
#include "ItkImage.h"
#include "serval/Core/Error.h"

#include <itkBSplineControlPointImageFilter.h>
#include <itkN4BiasFieldCorrectionImageFilter.h>
#include <itkShrinkImageFilter.h>

#include <algorithm>
#include <cmath>

namespace serval
{
namespace
{

using Image = ItkImage<float>;
using Mask = ItkImage<unsigned char>;
using N4 = itk::N4BiasFieldCorrectionImageFilter<Image, Mask, Image>;

template <typename TImage>
typename TImage::Pointer Shrunk(const TImage & image, int factor)
{
  constexpr unsigned fewest = 16;
  auto               filter = itk::ShrinkImageFilter<TImage, TImage>::New();
  filter->SetInput(&image);
  for (unsigned axis = 0; axis < 3; ++axis)
  {
    const auto size = static_cast<unsigned>(image.GetLargestPossibleRegion().GetSize(axis));
    filter->SetShrinkFactor(axis, std::clamp(size / fewest, 1U, static_cast<unsigned>(factor)));
  }
  filter->Update();
  return filter->GetOutput();
}

// The spline's control points of the field's logarithm.
N4::BiasFieldControlPointLatticeType::ConstPointer FindField(const Image & image, const Mask & mask, const BiasOptions & options)
{
  auto n4 = N4::New();
  n4->SetInput(Shrunk(image, options.shrink));
  n4->SetMaskImage(Shrunk(mask, options.shrink));
  n4->SetMaskLabel(1);
  n4->SetUseMaskLabel(true);
  n4->SetNumberOfFittingLevels(static_cast<unsigned>(options.levels));
  N4::VariableSizeArrayType iterations(static_cast<unsigned>(options.levels));
  iterations.Fill(static_cast<unsigned>(options.iterations));
  n4->SetMaximumNumberOfIterations(iterations);
  n4->SetConvergenceThreshold(options.convergence);
  n4->Update();
  return n4->GetLogBiasFieldControlPointLattice();
}

} // namespace

Volume BiasCorrected(Volume volume, const LabelVolume & mask, const BiasOptions & options)
{
  SilenceLibraries();
  auto                       voxels = TakeFloat(volume);
  std::vector<unsigned char> used(voxels.size());
  Require(mask.labels.size() == voxels.size(), Fault::Internal, "the mask has ", mask.labels.size(), " voxels, the volume ", voxels.size());
  std::transform(voxels.begin(), voxels.end(), mask.labels.begin(), used.begin(),
                 [](float v, std::uint16_t label) { return v > 0 && label > 0; }); // the logarithm is taken
  const auto count = std::count(used.begin(), used.end(), 1);
  Require(count >= 1000, Fault::Input, "a bias field needs at least 1000 positive voxels in the foreground; ", count, " are there");
  const auto image = ViewOf(voxels, volume.geometry);
  const auto maskImage = ViewOf(used, volume.geometry);
  using Field = N4::ScalarImageType;
  auto spline = itk::BSplineControlPointImageFilter<N4::BiasFieldControlPointLatticeType, Field>::New();
  const auto lattice = FindField(*image, *maskImage, options);
  spline->SetInput(lattice);
  spline->SetSplineOrder(3);
  spline->SetSize(image->GetLargestPossibleRegion().GetSize());
  spline->SetOrigin(image->GetOrigin());
  spline->SetSpacing(image->GetSpacing());
  spline->SetDirection(image->GetDirection());
  spline->Update();
  const auto * field = spline->GetOutput()->GetBufferPointer();
  for (std::size_t i = 0; i < voxels.size(); ++i)
    voxels[i] /= std::exp(field[i][0]);
  volume.voxels = std::move(voxels);
  return volume;
}

} // namespace serval
