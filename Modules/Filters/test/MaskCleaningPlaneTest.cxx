#include "CleanedMask.h"

#include <gtest/gtest.h>

#include <algorithm>

namespace
{

TEST(MaskCleaning, PlaneMasksGoThroughItksFilters)
{
  using Plane = itk::Image<short, 2>;
  const auto plane = RandomMask<Plane>(4, 0.7, { { 13, 11 } });
  const auto volume = RandomMask<Mask>(4, 0.7, { { 13, 11, 1 } });
  auto       filter = itk::MaskCleaningImageFilter<Plane>::New();
  filter->SetInput(plane);
  filter->SetOpeningRadius(1);
  filter->SetLargestComponents(1);
  filter->Update();
  const auto found = Voxels(filter->GetOutput());
  EXPECT_EQ(found, Cleaned(volume, 1, 1, false, 1)); // a volume of one slice: beyond it nothing erodes
  EXPECT_GT(std::count(found.begin(), found.end(), 1), 0);
}

} // namespace
