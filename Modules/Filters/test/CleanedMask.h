#ifndef CleanedMask_h
#define CleanedMask_h

#include "itkMaskCleaningImageFilter.h"

#include <random>
#include <vector>

/** What the tests of MaskCleaningImageFilter share: a mask of chance, its voxels, and what the filter makes of it. */
using Mask = itk::Image<unsigned char, 3>;

template <typename TImage>
typename TImage::Pointer
RandomMask(unsigned seed, double share, const typename TImage::SizeType & size)
{
  auto mask = TImage::New();
  mask->SetRegions(size);
  mask->Allocate();
  std::mt19937                random(seed);
  std::bernoulli_distribution draw(share);
  for (std::size_t i = 0; i < mask->GetLargestPossibleRegion().GetNumberOfPixels(); ++i)
    mask->GetBufferPointer()[i] = draw(random);
  return mask;
}

template <typename TImage>
std::vector<int>
Voxels(const TImage * image)
{
  const auto * voxel = image->GetBufferPointer();
  return { voxel, voxel + image->GetLargestPossibleRegion().GetNumberOfPixels() };
}

inline std::vector<int>
Cleaned(Mask * mask, unsigned opening, unsigned largest, bool holes, unsigned threads)
{
  auto filter = itk::MaskCleaningImageFilter<Mask>::New();
  filter->SetInput(mask);
  filter->SetOpeningRadius(opening);
  filter->SetLargestComponents(largest);
  filter->SetFillHoles(holes);
  filter->SetNumberOfWorkUnits(threads);
  filter->Update();
  return Voxels(filter->GetOutput());
}

#endif
