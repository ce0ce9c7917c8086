#include "CleanedMask.h"

#include <gtest/gtest.h>

#include <itkBinaryFillholeImageFilter.h>

namespace
{

const Mask::SizeType sizes[]{ { { 5, 6, 7 } }, { { 70, 11, 6 } }, { { 1, 9, 8 } }, { { 9, 1, 3 } }, { { 33, 20, 1 } } };

TEST(MaskCleaning, OpensAsBinaryMorphologicalOpeningDoes)
{
  using Element = itk::FlatStructuringElement<3>;
  for (const auto & size : sizes)
    for (unsigned seed = 0; seed < 12; ++seed)
    {
      const auto          mask = RandomMask<Mask>(seed, 0.6 + 0.03 * seed, size);
      const unsigned      radius = 1 + seed % 3;
      Element::RadiusType radii;
      radii.Fill(radius);
      auto opening = itk::BinaryMorphologicalOpeningImageFilter<Mask, Mask, Element>::New();
      opening->SetInput(mask);
      opening->SetKernel(Element::Cross(radii));
      opening->SetForegroundValue(1);
      opening->Update();
      EXPECT_EQ(Cleaned(mask, radius, 0, false, 1 + seed % 4), Voxels(opening->GetOutput())) << size << " seed " << seed;
    }
}

// Of components of equal size either filter may keep another one: compared is what must be equal whatever is chosen.
TEST(MaskCleaning, KeepsTheSizesThatRelabelComponentFinds)
{
  using Labels = itk::Image<unsigned, 3>;
  for (const auto & size : sizes)
    for (unsigned seed = 0; seed < 12; ++seed)
    {
      const auto mask = RandomMask<Mask>(seed, 0.04 + 0.02 * seed, size);
      auto       components = itk::ConnectedComponentImageFilter<Mask, Labels>::New();
      auto       ordered = itk::RelabelComponentImageFilter<Labels, Labels>::New();
      components->SetInput(mask);
      components->FullyConnectedOn();
      ordered->SetInput(components->GetOutput());
      ordered->Update();
      const auto labels = Voxels(ordered->GetOutput());
      const auto kept = Cleaned(mask, 0, 3, false, 1 + seed % 4);
      const auto count = ordered->GetNumberOfObjects();
      std::vector<std::size_t> partOf(count + 1, 0), keptOf(count + 1, 0);
      for (std::size_t i = 0; i < labels.size(); ++i)
      {
        ++partOf[static_cast<std::size_t>(labels[i])];
        keptOf[static_cast<std::size_t>(labels[i])] += static_cast<std::size_t>(kept[i]);
      }
      EXPECT_EQ(keptOf[0], 0U);
      std::vector<std::size_t> whole;
      for (std::size_t label = 1; label <= count; ++label)
      {
        EXPECT_TRUE(keptOf[label] == 0 || keptOf[label] == partOf[label]) << "a component is kept whole or not at all";
        if (keptOf[label] > 0)
          whole.push_back(keptOf[label]);
      }
      std::sort(whole.rbegin(), whole.rend());
      ASSERT_EQ(whole.size(), std::min<std::size_t>(3, count));
      for (std::size_t i = 0; i < whole.size(); ++i)
        EXPECT_EQ(whole[i], ordered->GetSizeOfObjectInPixels(i + 1)) << size << " seed " << seed;
    }
}

TEST(MaskCleaning, FillsAsBinaryFillholeDoes)
{
  for (const auto & size : sizes)
    for (unsigned seed = 0; seed < 12; ++seed)
    {
      const auto mask = RandomMask<Mask>(seed, 0.5 + 0.04 * seed, size);
      auto       filled = itk::BinaryFillholeImageFilter<Mask>::New();
      filled->SetInput(mask);
      filled->SetForegroundValue(1);
      filled->Update();
      EXPECT_EQ(Cleaned(mask, 0, 0, true, 1 + seed % 4), Voxels(filled->GetOutput())) << size << " seed " << seed;
    }
}

} // namespace
