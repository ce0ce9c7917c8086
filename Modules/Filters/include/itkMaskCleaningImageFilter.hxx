#ifndef itkMaskCleaningImageFilter_hxx
#define itkMaskCleaningImageFilter_hxx

#include "itkMaskCleaningImageFilter.h"

#include "itkBinaryFillholeImageFilter.h"
#include "itkBinaryMorphologicalOpeningImageFilter.h"
#include "itkBinaryThresholdImageFilter.h"
#include "itkConnectedComponentImageFilter.h"
#include "itkFlatStructuringElement.h"
#include "itkImageRegionConstIterator.h"
#include "itkImageRegionIterator.h"
#include "itkMaskOperations.h"
#include "itkRelabelComponentImageFilter.h"

namespace itk
{

template <typename TInputImage, typename TOutputImage>
void
MaskCleaningImageFilter<TInputImage, TOutputImage>::GenerateInputRequestedRegion()
{
  Superclass::GenerateInputRequestedRegion();
  if (auto * input = const_cast<TInputImage *>(this->GetInput()))
  {
    input->SetRequestedRegionToLargestPossibleRegion();
  }
}

template <typename TInputImage, typename TOutputImage>
void
MaskCleaningImageFilter<TInputImage, TOutputImage>::EnlargeOutputRequestedRegion(DataObject * output)
{
  output->SetRequestedRegionToLargestPossibleRegion();
}

template <typename TInputImage, typename TOutputImage>
auto
MaskCleaningImageFilter<TInputImage, TOutputImage>::CopyInput() const -> typename MaskType::Pointer
{
  auto mask = MaskType::New();
  mask->CopyInformation(this->GetInput());
  mask->SetRegions(this->GetOutput()->GetRequestedRegion());
  mask->Allocate();
  ImageRegionConstIterator<TInputImage> in(this->GetInput(), mask->GetBufferedRegion());
  ImageRegionIterator<MaskType>         out(mask, mask->GetBufferedRegion());
  for (; !in.IsAtEnd(); ++in, ++out)
  {
    out.Set(in.Get() != typename TInputImage::PixelType{});
  }
  return mask;
}

template <typename TInputImage, typename TOutputImage>
void
MaskCleaningImageFilter<TInputImage, TOutputImage>::CleanByRuns(MaskType & mask)
{
  MaskSize size{};
  for (unsigned int axis = 0; axis < 3; ++axis)
  {
    size[axis] = static_cast<std::int64_t>(mask.GetBufferedRegion().GetSize(axis));
  }
  const int       threads = static_cast<int>(this->GetNumberOfWorkUnits());
  unsigned char * voxels = mask.GetBufferPointer();
  if (m_OpeningRadius > 0)
  {
    OpenMaskWithCross(voxels, size, m_OpeningRadius, threads);
  }
  this->UpdateProgress(0.4F);
  if (m_LargestComponents > 0)
  {
    KeepLargestOfMask(voxels, size, m_LargestComponents, MaskConnectivity::Full, threads);
  }
  this->UpdateProgress(0.7F);
  if (m_FillHoles)
  {
    FillHolesOfMask(voxels, size, MaskConnectivity::Faces, threads);
  }
}

template <typename TInputImage, typename TOutputImage>
auto
MaskCleaningImageFilter<TInputImage, TOutputImage>::CleanByFilters(typename MaskType::Pointer mask) const ->
  typename MaskType::Pointer
{
  constexpr unsigned int dimension = MaskType::ImageDimension;
  const auto             run = [&mask](auto & filter) {
    filter.SetInput(mask);
    filter.Update();
    mask = filter.GetOutput();
    mask->DisconnectPipeline();
  };
  if (m_OpeningRadius > 0)
  {
    using Element = FlatStructuringElement<dimension>;
    using Opening = BinaryMorphologicalOpeningImageFilter<MaskType, MaskType, Element>;
    auto                     opening = Opening::New();
    typename Element::RadiusType radius;
    radius.Fill(m_OpeningRadius);
    opening->SetKernel(Element::Cross(radius));
    opening->SetForegroundValue(1);
    run(*opening);
  }
  if (m_LargestComponents > 0)
  {
    using Labels = Image<SizeValueType, dimension>;
    auto components = ConnectedComponentImageFilter<MaskType, Labels>::New();
    auto largest = RelabelComponentImageFilter<Labels, Labels>::New();
    auto threshold = BinaryThresholdImageFilter<Labels, MaskType>::New();
    components->SetInput(mask);
    components->FullyConnectedOn();
    largest->SetInput(components->GetOutput());
    threshold->SetInput(largest->GetOutput());
    threshold->SetLowerThreshold(1);
    threshold->SetUpperThreshold(m_LargestComponents);
    threshold->SetInsideValue(1);
    threshold->SetOutsideValue(0);
    threshold->Update();
    mask = threshold->GetOutput();
    mask->DisconnectPipeline();
  }
  if (m_FillHoles)
  {
    auto filled = BinaryFillholeImageFilter<MaskType>::New();
    filled->SetForegroundValue(1);
    run(*filled);
  }
  return mask;
}

template <typename TInputImage, typename TOutputImage>
void
MaskCleaningImageFilter<TInputImage, TOutputImage>::GenerateData()
{
  this->AllocateOutputs();
  auto mask = this->CopyInput();
  if constexpr (TInputImage::ImageDimension == 3)
  {
    this->CleanByRuns(*mask);
  }
  else
  {
    mask = this->CleanByFilters(mask);
  }
  ImageRegionConstIterator<MaskType> in(mask, mask->GetBufferedRegion());
  ImageRegionIterator<TOutputImage>  out(this->GetOutput(), mask->GetBufferedRegion());
  for (; !in.IsAtEnd(); ++in, ++out)
  {
    out.Set(static_cast<OutputPixelType>(in.Get()));
  }
  this->UpdateProgress(1.0F);
}

template <typename TInputImage, typename TOutputImage>
void
MaskCleaningImageFilter<TInputImage, TOutputImage>::PrintSelf(std::ostream & os, Indent indent) const
{
  Superclass::PrintSelf(os, indent);
  os << indent << "OpeningRadius: " << m_OpeningRadius << std::endl;
  os << indent << "LargestComponents: " << m_LargestComponents << std::endl;
  os << indent << "FillHoles: " << m_FillHoles << std::endl;
}

} // namespace itk

#endif
