#ifndef itkIntensityWindowImageFilter_hxx
#define itkIntensityWindowImageFilter_hxx

#include "itkIntensityWindowImageFilter.h"

#include "itkImageScanlineIterator.h"
#include "itkNumericTraits.h"
#include "itkTotalProgressReporter.h"

#include <cmath>
#include <type_traits>

namespace itk
{

template <typename TInputImage, typename TOutputImage>
IntensityWindowImageFilter<TInputImage, TOutputImage>::IntensityWindowImageFilter()
{
  this->DynamicMultiThreadingOn();
  this->ThreaderUpdateProgressOff();
}

template <typename TInputImage, typename TOutputImage>
void
IntensityWindowImageFilter<TInputImage, TOutputImage>::SetWindow(double centre, double width)
{
  this->SetWindowMinimum(centre - width / 2);
  this->SetWindowMaximum(centre + width / 2);
}

template <typename TInputImage, typename TOutputImage>
void
IntensityWindowImageFilter<TInputImage, TOutputImage>::BeforeThreadedGenerateData()
{
  if (!(m_WindowMinimum < m_WindowMaximum) || !std::isfinite(m_WindowMaximum - m_WindowMinimum))
  {
    itkExceptionMacro("the window from " << m_WindowMinimum << " to " << m_WindowMaximum << " is empty");
  }
  if (!(m_OutputMinimum < m_OutputMaximum))
  {
    itkExceptionMacro("the output range from " << +m_OutputMinimum << " to " << +m_OutputMaximum << " is empty");
  }
}

template <typename TInputImage, typename TOutputImage>
void
IntensityWindowImageFilter<TInputImage, TOutputImage>::DynamicThreadedGenerateData(const OutputImageRegionType & region)
{
  // Weight below 1: rounded parts that add up to more than 1 would wrap ITK's counter round to 0.
  const auto pixels = this->GetOutput()->GetRequestedRegion().GetNumberOfPixels();
  TotalProgressReporter                   progress(this, pixels, 100, 0.999F);
  ImageScanlineConstIterator<TInputImage> in(this->GetInput(), region);
  ImageScanlineIterator<TOutputImage>     out(this->GetOutput(), region);
  const double                            low = static_cast<double>(m_OutputMinimum);
  const double scale = (static_cast<double>(m_OutputMaximum) - low) / (m_WindowMaximum - m_WindowMinimum);
  for (; !in.IsAtEnd(); in.NextLine(), out.NextLine())
  {
    for (; !in.IsAtEndOfLine(); ++in, ++out)
    {
      const auto value = static_cast<double>(in.Get());
      if (value >= m_WindowMaximum)
      {
        out.Set(m_OutputMaximum);
      }
      else if (value > m_WindowMinimum)
      {
        const double mapped = low + (value - m_WindowMinimum) * scale;
        out.Set(static_cast<OutputPixelType>(std::is_integral<OutputPixelType>::value ? std::round(mapped) : mapped));
      }
      else
      {
        out.Set(m_OutputMinimum);
      }
    }
    progress.Completed(region.GetSize(0));
  }
}

template <typename TInputImage, typename TOutputImage>
void
IntensityWindowImageFilter<TInputImage, TOutputImage>::PrintSelf(std::ostream & os, Indent indent) const
{
  Superclass::PrintSelf(os, indent);
  os << indent << "WindowMinimum: " << m_WindowMinimum << std::endl;
  os << indent << "WindowMaximum: " << m_WindowMaximum << std::endl;
  os << indent << "OutputMinimum: " << +m_OutputMinimum << std::endl;
  os << indent << "OutputMaximum: " << +m_OutputMaximum << std::endl;
}

} // namespace itk

#endif
