#ifndef itkThresholdPseudoSegmentationImageFilter_h
#define itkThresholdPseudoSegmentationImageFilter_h

#include "itkImageToImageFilter.h"

#include <vector>

namespace itk
{

/** \class ThresholdPseudoSegmentationImageFilter
 * \brief Labels each voxel with the number of thresholds that do not exceed it.
 *
 * n increasing thresholds give the labels 0 to n; a voxel at a threshold belongs to the class above it. A voxel that is
 * not a number gets label 0. Update() throws when there is no threshold, when they do not increase, or when n does not
 * fit into the output's pixel type. Streams, runs in threads, reports progress and can be aborted.
 */
template <typename TInputImage, typename TOutputImage>
class ITK_TEMPLATE_EXPORT ThresholdPseudoSegmentationImageFilter : public ImageToImageFilter<TInputImage, TOutputImage>
{
public:
  ITK_DISALLOW_COPY_AND_MOVE(ThresholdPseudoSegmentationImageFilter);

  using Self = ThresholdPseudoSegmentationImageFilter;
  using Superclass = ImageToImageFilter<TInputImage, TOutputImage>;
  using Pointer = SmartPointer<Self>;
  using ConstPointer = SmartPointer<const Self>;
  using OutputImageRegionType = typename Superclass::OutputImageRegionType;
  using OutputPixelType = typename TOutputImage::PixelType;
  using ThresholdsType = std::vector<double>;

  itkNewMacro(Self);
  itkTypeMacro(ThresholdPseudoSegmentationImageFilter, ImageToImageFilter);

  /** Increasing thresholds, in the input's intensities. */
  void
  SetThresholds(const ThresholdsType & thresholds);
  itkGetConstReferenceMacro(Thresholds, ThresholdsType);

protected:
  ThresholdPseudoSegmentationImageFilter();
  ~ThresholdPseudoSegmentationImageFilter() override = default;

  void
  BeforeThreadedGenerateData() override;

  void
  DynamicThreadedGenerateData(const OutputImageRegionType & region) override;

  void
  PrintSelf(std::ostream & os, Indent indent) const override;

private:
  ThresholdsType m_Thresholds;
};

} // namespace itk

#ifndef ITK_MANUAL_INSTANTIATION
#  include "itkThresholdPseudoSegmentationImageFilter.hxx"
#endif

#endif
