#ifndef itkMaskCleaningImageFilter_h
#define itkMaskCleaningImageFilter_h

#include "itkImageToImageFilter.h"

namespace itk
{

/** \class MaskCleaningImageFilter
 * \brief Opens a mask with a cross, keeps its largest components and fills its holes; each step may be left out.
 *
 * Voxels of the input that are not 0 are the mask; the output holds 0 and 1. The opening is that of
 * BinaryMorphologicalOpeningImageFilter with FlatStructuringElement::Cross, the components (of pixels that touch at a
 * face, edge or corner) those of ConnectedComponentImageFilter::FullyConnectedOn, of equal ones the first; holes are
 * those of BinaryFillholeImageFilter (background enclosed through faces). Three-dimensional masks are worked on by whole
 * rows and runs; other dimensions go through these filters. Needs and makes the whole image, uses the filter's work units.
 */
template <typename TInputImage, typename TOutputImage = TInputImage>
class ITK_TEMPLATE_EXPORT MaskCleaningImageFilter : public ImageToImageFilter<TInputImage, TOutputImage>
{
public:
  ITK_DISALLOW_COPY_AND_MOVE(MaskCleaningImageFilter);

  using Self = MaskCleaningImageFilter;
  using Superclass = ImageToImageFilter<TInputImage, TOutputImage>;
  using Pointer = SmartPointer<Self>;
  using ConstPointer = SmartPointer<const Self>;
  using OutputPixelType = typename TOutputImage::PixelType;

  itkNewMacro(Self);
  itkTypeMacro(MaskCleaningImageFilter, ImageToImageFilter);

  /** Radius of the cross in voxels; 0 does not open. */
  itkSetMacro(OpeningRadius, unsigned int);
  itkGetConstMacro(OpeningRadius, unsigned int);

  /** So many of the largest components are kept; 0 keeps all. */
  itkSetMacro(LargestComponents, unsigned int);
  itkGetConstMacro(LargestComponents, unsigned int);

  itkSetMacro(FillHoles, bool);
  itkGetConstMacro(FillHoles, bool);
  itkBooleanMacro(FillHoles);

protected:
  MaskCleaningImageFilter() = default;
  ~MaskCleaningImageFilter() override = default;

  void
  GenerateInputRequestedRegion() override;

  void
  EnlargeOutputRequestedRegion(DataObject * output) override;

  void
  GenerateData() override;

  void
  PrintSelf(std::ostream & os, Indent indent) const override;

private:
  using MaskType = Image<unsigned char, TInputImage::ImageDimension>;

  typename MaskType::Pointer
  CopyInput() const;

  void
  CleanByRuns(MaskType & mask);

  typename MaskType::Pointer
  CleanByFilters(typename MaskType::Pointer mask) const;

  unsigned int m_OpeningRadius{ 0 };
  unsigned int m_LargestComponents{ 0 };
  bool         m_FillHoles{ false };
};

} // namespace itk

#ifndef ITK_MANUAL_INSTANTIATION
#  include "itkMaskCleaningImageFilter.hxx"
#endif

#endif
