#ifndef itkOrientedPatchImageFilter_h
#define itkOrientedPatchImageFilter_h

#include "itkResampleImageFilter.h"

namespace itk
{

/** \class OrientedPatchImageFilter
 * \brief Cuts a patch about a physical point, along any axes, with voxels of any size.
 *
 * SetCenter() and SetSize() place the patch; its axes are the columns of SetOutputDirection(), or follow a vector given to
 * SetNormal() (a vessel, a needle, the axis of a lesion): the last axis of the patch runs along it and, in three
 * dimensions, the first one stays perpendicular to the last axis of space as nearly as can be to the first. The output
 * knows its true place. The interpolator (linear by default; B-spline, nearest neighbour for labels) and the value outside
 * the input are those of ResampleImageFilter, as are streaming, threads, progress and abort.
 */
template <typename TInputImage, typename TOutputImage>
class ITK_TEMPLATE_EXPORT OrientedPatchImageFilter : public ResampleImageFilter<TInputImage, TOutputImage>
{
public:
  ITK_DISALLOW_COPY_AND_MOVE(OrientedPatchImageFilter);

  using Self = OrientedPatchImageFilter;
  using Superclass = ResampleImageFilter<TInputImage, TOutputImage>;
  using Pointer = SmartPointer<Self>;
  using ConstPointer = SmartPointer<const Self>;
  using PointType = typename TOutputImage::PointType;
  using DirectionType = typename TOutputImage::DirectionType;
  using VectorType = Vector<double, TOutputImage::ImageDimension>;

  itkNewMacro(Self);
  itkTypeMacro(OrientedPatchImageFilter, ResampleImageFilter);

  /** The physical point in the middle of the patch: between two voxels where a size is even. */
  itkSetMacro(Center, PointType);
  itkGetConstReferenceMacro(Center, PointType);

  /** Turns the patch so that its z axis runs along the vector. Throws when the vector has no length. */
  void
  SetNormal(const VectorType & normal);

  /** The axes (columns; right-handed) of a patch along the vector. */
  static DirectionType
  DirectionAlong(const VectorType & normal);

protected:
  OrientedPatchImageFilter() { m_Center.Fill(0); }
  ~OrientedPatchImageFilter() override = default;

  void
  GenerateOutputInformation() override;

  void
  PrintSelf(std::ostream & os, Indent indent) const override;

private:
  PointType m_Center;
};

} // namespace itk

#ifndef ITK_MANUAL_INSTANTIATION
#  include "itkOrientedPatchImageFilter.hxx"
#endif

#endif
