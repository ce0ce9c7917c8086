#ifndef itkThresholdPseudoSegmentationImageFilter_hxx
#define itkThresholdPseudoSegmentationImageFilter_hxx

#include "itkThresholdPseudoSegmentationImageFilter.h"

#include "itkImageScanlineIterator.h"
#include "itkNumericTraits.h"
#include "itkTotalProgressReporter.h"

#include <algorithm>
#include <cmath>
#include <functional>

namespace itk
{

template <typename TInputImage, typename TOutputImage>
ThresholdPseudoSegmentationImageFilter<TInputImage, TOutputImage>::ThresholdPseudoSegmentationImageFilter()
{
  this->DynamicMultiThreadingOn();
  this->ThreaderUpdateProgressOff();
}

template <typename TInputImage, typename TOutputImage>
void
ThresholdPseudoSegmentationImageFilter<TInputImage, TOutputImage>::SetThresholds(const ThresholdsType & thresholds)
{
  if (m_Thresholds != thresholds)
  {
    m_Thresholds = thresholds;
    this->Modified();
  }
}

template <typename TInputImage, typename TOutputImage>
void
ThresholdPseudoSegmentationImageFilter<TInputImage, TOutputImage>::BeforeThreadedGenerateData()
{
  if (m_Thresholds.empty())
  {
    itkExceptionMacro("no threshold is set; at least one is needed");
  }
  const auto isFinite = [](double threshold) { return std::isfinite(threshold); };
  if (!std::all_of(m_Thresholds.begin(), m_Thresholds.end(), isFinite) ||
      std::adjacent_find(m_Thresholds.begin(), m_Thresholds.end(), std::greater_equal<double>()) != m_Thresholds.end())
  {
    itkExceptionMacro("the thresholds do not increase");
  }
  if (static_cast<double>(m_Thresholds.size()) > static_cast<double>(NumericTraits<OutputPixelType>::max()))
  {
    itkExceptionMacro(<< m_Thresholds.size() << " thresholds give more labels than the output's pixel type holds");
  }
}

template <typename TInputImage, typename TOutputImage>
void
ThresholdPseudoSegmentationImageFilter<TInputImage, TOutputImage>::DynamicThreadedGenerateData(
  const OutputImageRegionType & region)
{
  // Weight below 1: rounded parts that add up to more than 1 would wrap ITK's counter round to 0.
  const auto pixels = this->GetOutput()->GetRequestedRegion().GetNumberOfPixels();
  TotalProgressReporter                   progress(this, pixels, 100, 0.999F);
  ImageScanlineConstIterator<TInputImage> in(this->GetInput(), region);
  ImageScanlineIterator<TOutputImage>     out(this->GetOutput(), region);
  for (; !in.IsAtEnd(); in.NextLine(), out.NextLine())
  {
    for (; !in.IsAtEndOfLine(); ++in, ++out)
    {
      const auto      value = static_cast<double>(in.Get());
      OutputPixelType label{};
      for (const double threshold : m_Thresholds)
      {
        label = static_cast<OutputPixelType>(label + (value >= threshold));
      }
      out.Set(label);
    }
    progress.Completed(region.GetSize(0));
  }
}

template <typename TInputImage, typename TOutputImage>
void
ThresholdPseudoSegmentationImageFilter<TInputImage, TOutputImage>::PrintSelf(std::ostream & os, Indent indent) const
{
  Superclass::PrintSelf(os, indent);
  os << indent << "Thresholds:";
  for (const double threshold : m_Thresholds)
  {
    os << ' ' << threshold;
  }
  os << std::endl;
}

} // namespace itk

#endif
