#ifndef itkIntensityWindowImageFilter_h
#define itkIntensityWindowImageFilter_h

#include "itkImageToImageFilter.h"

namespace itk
{

/** \class IntensityWindowImageFilter
 * \brief Maps an intensity window linearly onto an output range; what lies outside the window gets the range's ends.
 *
 * The window is given by its ends or, as radiologists do, by centre and width (HU for CT). Whole output types are
 * rounded to the nearest number. A voxel that is not a number gets the output's minimum. Update() throws when the window
 * or the output range is empty. Streams, runs in threads, reports progress and can be aborted.
 */
template <typename TInputImage, typename TOutputImage>
class ITK_TEMPLATE_EXPORT IntensityWindowImageFilter : public ImageToImageFilter<TInputImage, TOutputImage>
{
public:
  ITK_DISALLOW_COPY_AND_MOVE(IntensityWindowImageFilter);

  using Self = IntensityWindowImageFilter;
  using Superclass = ImageToImageFilter<TInputImage, TOutputImage>;
  using Pointer = SmartPointer<Self>;
  using ConstPointer = SmartPointer<const Self>;
  using OutputImageRegionType = typename Superclass::OutputImageRegionType;
  using OutputPixelType = typename TOutputImage::PixelType;

  itkNewMacro(Self);
  itkTypeMacro(IntensityWindowImageFilter, ImageToImageFilter);

  itkSetMacro(WindowMinimum, double);
  itkGetConstMacro(WindowMinimum, double);
  itkSetMacro(WindowMaximum, double);
  itkGetConstMacro(WindowMaximum, double);

  /** The window from centre - width / 2 to centre + width / 2. */
  void
  SetWindow(double centre, double width);

  itkSetMacro(OutputMinimum, OutputPixelType);
  itkGetConstMacro(OutputMinimum, OutputPixelType);
  itkSetMacro(OutputMaximum, OutputPixelType);
  itkGetConstMacro(OutputMaximum, OutputPixelType);

protected:
  IntensityWindowImageFilter();
  ~IntensityWindowImageFilter() override = default;

  void
  BeforeThreadedGenerateData() override;

  void
  DynamicThreadedGenerateData(const OutputImageRegionType & region) override;

  void
  PrintSelf(std::ostream & os, Indent indent) const override;

private:
  double          m_WindowMinimum{ 0 };
  double          m_WindowMaximum{ 1 };
  OutputPixelType m_OutputMinimum{ 0 };
  OutputPixelType m_OutputMaximum{ 1 };
};

} // namespace itk

#ifndef ITK_MANUAL_INSTANTIATION
#  include "itkIntensityWindowImageFilter.hxx"
#endif

#endif
