#ifndef itkOrientedPatchImageFilter_hxx
#define itkOrientedPatchImageFilter_hxx

#include "itkOrientedPatchImageFilter.h"

#include <cmath>

namespace itk
{

template <typename TInputImage, typename TOutputImage>
typename OrientedPatchImageFilter<TInputImage, TOutputImage>::DirectionType
OrientedPatchImageFilter<TInputImage, TOutputImage>::DirectionAlong(const VectorType & normal)
{
  static_assert(TOutputImage::ImageDimension == 3, "a patch along a vector is three-dimensional");
  const double length = normal.GetNorm();
  if (!(length > 0) || !std::isfinite(length))
  {
    itkGenericExceptionMacro("the vector " << normal << " has no length");
  }
  const VectorType z = normal / length;
  VectorType       aside;
  aside.Fill(0);
  // A vector along the last axis of space leaves the perpendicular open; the second axis then stands in.
  const bool isUpright = std::abs(z[2]) >= 0.99;
  aside[isUpright ? 1 : 2] = isUpright ? 1 : -1;
  VectorType x = CrossProduct(aside, z);
  x.Normalize();
  if (x[0] < 0 || (x[0] == 0 && x[1] < 0))
  {
    x = -x;
  }
  const VectorType y = CrossProduct(z, x);
  DirectionType    direction;
  for (unsigned int row = 0; row < 3; ++row)
  {
    direction[row][0] = x[row];
    direction[row][1] = y[row];
    direction[row][2] = z[row];
  }
  return direction;
}

template <typename TInputImage, typename TOutputImage>
void
OrientedPatchImageFilter<TInputImage, TOutputImage>::SetNormal(const VectorType & normal)
{
  this->SetOutputDirection(DirectionAlong(normal));
}

template <typename TInputImage, typename TOutputImage>
void
OrientedPatchImageFilter<TInputImage, TOutputImage>::GenerateOutputInformation()
{
  VectorType half;
  for (unsigned int axis = 0; axis < TOutputImage::ImageDimension; ++axis)
  {
    half[axis] = (static_cast<double>(this->GetSize()[axis]) - 1) / 2 * this->GetOutputSpacing()[axis];
  }
  // Only when it moves, so that the time stamps of the pipeline come to rest.
  PointType origin = m_Center - this->GetOutputDirection() * half;
  if (origin != this->GetOutputOrigin())
  {
    this->SetOutputOrigin(origin);
  }
  Superclass::GenerateOutputInformation();
}

template <typename TInputImage, typename TOutputImage>
void
OrientedPatchImageFilter<TInputImage, TOutputImage>::PrintSelf(std::ostream & os, Indent indent) const
{
  Superclass::PrintSelf(os, indent);
  os << indent << "Center: " << m_Center << std::endl;
}

} // namespace itk

#endif
