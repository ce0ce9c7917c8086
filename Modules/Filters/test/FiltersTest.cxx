#include "itkIntensityWindowImageFilter.h"
#include "itkThresholdPseudoSegmentationImageFilter.h"

#include <itkCommand.h>
#include <itkImage.h>
#include <itkImageRegionConstIterator.h>
#include <itkImageRegionIterator.h>
#include <itkStreamingImageFilter.h>

#include <gtest/gtest.h>

#include <cstdint>
#include <limits>
#include <vector>

namespace
{

using ByteImage = itk::Image<std::uint8_t, 3>;

// Value x + 10 y + 100 z - 300, on 5x6x7 voxels at an index that is not zero, in an oblique place.
template <typename TImage>
typename TImage::Pointer Ramp()
{
  const auto image = TImage::New();
  image->SetRegions({ { { 2, -3, 4 } }, { { 5, 6, 7 } } });
  image->Allocate();
  const double spacing[]{ 0.7, 1.1, 2.5 };
  image->SetSpacing(spacing);
  typename TImage::DirectionType direction;
  direction.Fill(0);
  direction(0, 1) = direction(1, 2) = direction(2, 0) = 1;
  image->SetDirection(direction);
  for (itk::ImageRegionIterator<TImage> it(image, image->GetBufferedRegion()); !it.IsAtEnd(); ++it)
  {
    const auto index = it.GetIndex();
    it.Set(static_cast<typename TImage::PixelType>((index[0] - 2) + 10 * (index[1] + 3) + 100 * (index[2] - 4) - 300));
  }
  return image;
}

template <typename TImage>
std::vector<double> Values(const TImage * image)
{
  std::vector<double> values;
  for (itk::ImageRegionConstIterator<TImage> it(image, image->GetBufferedRegion()); !it.IsAtEnd(); ++it)
    values.push_back(static_cast<double>(it.Get()));
  return values;
}

template <typename TImage>
auto Thresholds(TImage * image)
{
  const auto filter = itk::ThresholdPseudoSegmentationImageFilter<TImage, ByteImage>::New();
  filter->SetInput(image);
  filter->SetThresholds({ -100, 0, 250 });
  return filter;
}

template <typename TPixel>
class AnyPixelType : public testing::Test
{
};
using PixelTypes = testing::Types<std::int8_t, std::int16_t, std::int32_t, float, double>;
TYPED_TEST_SUITE(AnyPixelType, PixelTypes);

TYPED_TEST(AnyPixelType, ThresholdsCountAndKeepTheGrid)
{
  using Image = itk::Image<TypeParam, 3>;
  const auto image = Ramp<Image>();
  const auto filter = Thresholds(image.GetPointer());
  filter->Update();
  const auto in = Values(image.GetPointer());
  const auto out = Values(filter->GetOutput());
  ASSERT_EQ(in.size(), out.size());
  for (std::size_t i = 0; i < in.size(); ++i)
    ASSERT_EQ(out[i], (in[i] >= -100) + (in[i] >= 0) + (in[i] >= 250)) << in[i];
  EXPECT_EQ(filter->GetOutput()->GetSpacing(), image->GetSpacing());
  EXPECT_EQ(filter->GetOutput()->GetDirection(), image->GetDirection());
  EXPECT_EQ(filter->GetOutput()->GetLargestPossibleRegion(), image->GetLargestPossibleRegion());
}

TYPED_TEST(AnyPixelType, TheWindowMapsItsEndsOntoTheRange)
{
  using Image = itk::Image<TypeParam, 3>;
  const auto image = Ramp<Image>();
  const auto filter = itk::IntensityWindowImageFilter<Image, ByteImage>::New();
  filter->SetInput(image);
  filter->SetWindow(40, 100);
  filter->SetOutputMinimum(5);
  filter->SetOutputMaximum(205);
  filter->Update();
  const auto in = Values(image.GetPointer());
  const auto out = Values(filter->GetOutput());
  for (std::size_t i = 0; i < in.size(); ++i)
    ASSERT_EQ(out[i], in[i] <= -10 ? 5 : in[i] >= 90 ? 205 : 5 + 2 * (in[i] + 10)) << in[i];
}

TEST(Filters, OneThreadManyThreadsAndStreamsAgree)
{
  using Image = itk::Image<float, 3>;
  const auto image = Ramp<Image>();
  const auto one = Thresholds(image.GetPointer()), many = Thresholds(image.GetPointer());
  one->SetNumberOfWorkUnits(1);
  many->SetNumberOfWorkUnits(5);
  one->Update();
  many->Update();
  const auto streamed = itk::StreamingImageFilter<ByteImage, ByteImage>::New();
  const auto source = Thresholds(image.GetPointer());
  streamed->SetInput(source->GetOutput());
  streamed->SetNumberOfStreamDivisions(4);
  streamed->Update();
  EXPECT_LT(source->GetOutput()->GetBufferedRegion().GetNumberOfPixels(), 5U * 6 * 7) << "it was not streamed";
  EXPECT_EQ(Values(one->GetOutput()), Values(many->GetOutput()));
  EXPECT_EQ(Values(one->GetOutput()), Values(streamed->GetOutput()));
}

TEST(Filters, OnlyTheRequestedRegionIsMade)
{
  const auto                  image = Ramp<itk::Image<float, 3>>();
  const auto                  filter = Thresholds(image.GetPointer());
  const ByteImage::RegionType wanted({ { 3, -2, 6 } }, { { 2, 3, 1 } });
  filter->GetOutput()->SetRequestedRegion(wanted);
  filter->Update();
  EXPECT_EQ(filter->GetOutput()->GetBufferedRegion(), wanted);
}

TEST(Filters, NotANumberIsTheLowest)
{
  using Image = itk::Image<float, 3>;
  const auto image = Ramp<Image>();
  image->SetPixel({ { 2, -3, 10 } }, std::numeric_limits<float>::quiet_NaN());
  const auto thresholds = Thresholds(image.GetPointer());
  thresholds->Update();
  EXPECT_EQ(thresholds->GetOutput()->GetPixel({ { 2, -3, 10 } }), 0);
  const auto window = itk::IntensityWindowImageFilter<Image, Image>::New();
  window->SetInput(image);
  window->SetWindow(40, 400);
  window->SetOutputMinimum(-1);
  window->Update();
  EXPECT_EQ(window->GetOutput()->GetPixel({ { 2, -3, 10 } }), -1);
}

TEST(Filters, WrongSettingsThrow)
{
  using Image = itk::Image<float, 3>;
  const auto image = Ramp<Image>();
  const auto thresholds = Thresholds(image.GetPointer());
  for (const std::vector<double> & wrong : std::vector<std::vector<double>>{
         {}, { 2, 1 }, { 1, 1 }, { std::numeric_limits<double>::quiet_NaN() }, std::vector<double>(256, 0.0) })
  {
    thresholds->SetThresholds(wrong);
    EXPECT_THROW(thresholds->Update(), itk::ExceptionObject);
  }
  const auto window = itk::IntensityWindowImageFilter<Image, ByteImage>::New();
  window->SetInput(image);
  window->SetWindow(40, 0);
  EXPECT_THROW(window->Update(), itk::ExceptionObject);
  window->SetWindow(40, 400);
  window->SetOutputMinimum(9);
  EXPECT_THROW(window->Update(), itk::ExceptionObject);
}

TEST(Filters, ProgressRisesAndAnAbortStops)
{
  const auto image = Ramp<itk::Image<float, 3>>();
  const auto filter = Thresholds(image.GetPointer());
  filter->SetNumberOfWorkUnits(1);
  float      last = 0;
  const auto watch = [&](const itk::EventObject &) {
    EXPECT_GE(filter->GetProgress(), last);
    last = filter->GetProgress();
  };
  filter->AddObserver(itk::ProgressEvent(), watch);
  filter->Update();
  EXPECT_GT(last, 0);
  EXPECT_LE(last, 1);
  const auto aborted = Thresholds(image.GetPointer());
  aborted->SetNumberOfWorkUnits(1);
  aborted->AddObserver(itk::ProgressEvent(), [&](const itk::EventObject &) { aborted->AbortGenerateDataOn(); });
  EXPECT_THROW(aborted->Update(), itk::ProcessAborted);
}

TEST(Filters, AChangedThresholdRunsAgainAndTheSameDoesNot)
{
  const auto image = Ramp<itk::Image<float, 3>>();
  const auto filter = Thresholds(image.GetPointer());
  filter->Update();
  const auto time = filter->GetMTime();
  filter->SetThresholds({ -100, 0, 250 });
  EXPECT_EQ(filter->GetMTime(), time);
  filter->SetThresholds({ 0 });
  EXPECT_GT(filter->GetMTime(), time);
}

} // namespace
