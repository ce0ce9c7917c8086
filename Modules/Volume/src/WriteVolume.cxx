#include "ImageFile.h"
#include "serval/Core/AtomicFile.h"
#include "WriteFields.h"
#include "WriteNifti.h"
#include "serval/Volume/SlicerSegmentation.h"
#include "serval/Core/Error.h"
#include "serval/Core/PathDisplay.h"

#include <itkMetaDataObject.h>
#include <itkMetaImageIO.h>
#include <itkNrrdImageIO.h>

#include <algorithm>
#include <span>

namespace serval
{
namespace
{

namespace fs = std::filesystem;

std::string ExtensionOf(const fs::path & path)
{
  for (const char * extension : { ".nii.gz", ".nii", ".nrrd", ".mha" })
    if (path.filename().string().ends_with(extension))
      return extension;
  Fail(Fault::Usage, "the output ", Shown(path), " has no known extension; .nii, .nii.gz, .nrrd or .mha is expected");
}

template <typename T>
constexpr int niftiType = std::is_same_v<T, std::uint8_t>   ? 2
                          : std::is_same_v<T, std::int16_t> ? 4
                          : std::is_same_v<T, float>        ? 16
                                                            : 512; // uint16, of nifti1.h

void Describe(itk::ImageIOBase & io, const Geometry & geometry)
{
  const std::int64_t size[]{ geometry.extent.x, geometry.extent.y, geometry.extent.z };
  const double       spacing[]{ geometry.spacing.x, geometry.spacing.y, geometry.spacing.z };
  itk::ImageIORegion region(3);
  io.SetNumberOfDimensions(3);
  for (unsigned axis = 0; axis < 3; ++axis)
  {
    io.SetDimensions(axis, static_cast<itk::SizeValueType>(size[axis]));
    io.SetSpacing(axis, spacing[axis]);
    io.SetOrigin(axis, geometry.origin[axis]);
    io.SetDirection(axis, std::vector<double>{ geometry.direction[axis], geometry.direction[3 + axis],
                                               geometry.direction[6 + axis] });
    region.SetSize(axis, static_cast<itk::SizeValueType>(size[axis]));
  }
  io.SetIORegion(region);
  io.SetNumberOfComponents(1);
  io.SetPixelType(itk::IOPixelEnum::SCALAR);
}

template <typename T>
void WriteByItk(const std::vector<T> & voxels, const Geometry & geometry, const HeaderFields & fields, const fs::path & path)
{
  SilenceLibraries();
  const HeldErrorStream         held;
  const itk::ImageIOBase::Pointer io = path.extension() == ".nrrd"
                                         ? itk::ImageIOBase::Pointer(itk::NrrdImageIO::New().GetPointer())
                                         : itk::ImageIOBase::Pointer(itk::MetaImageIO::New().GetPointer());
  try
  {
    io->SetFileName(path.string());
    Describe(*io, geometry);
    for (const auto & [key, value] : fields)
      itk::EncapsulateMetaData(io->GetMetaDataDictionary(), key, value);
    io->SetComponentType(itk::ImageIOBase::MapPixelType<T>::CType);
    io->SetUseCompression(true);
    io->WriteImageInformation();
    io->Write(voxels.data());
  }
  catch (const itk::ExceptionObject & e)
  {
    Fail(Fault::Environment, "cannot write ", Shown(path), ": ", OneLine(held.Text() + " " + e.GetDescription(), path));
  }
  Require(fs::exists(path), Fault::Environment, "cannot write ", Shown(path), ": ", OneLine(held.Text(), path));
}

template <typename T>
void WriteAs(const std::vector<T> & voxels, const Geometry & geometry, const HeaderFields & fields, const fs::path & path)
{
  const std::string extension = ExtensionOf(path);
  Require(voxels.size() == static_cast<std::size_t>(geometry.extent.Voxels()) && !voxels.empty(), Fault::Internal,
           Shown(path), ": ", voxels.size(), " voxels for a grid of ", ToText(geometry.extent));
  AtomicOutput output(path, AtomicOutput::Kind::File, voxels.size() * sizeof(T) / 20); // labels pack well
  if (extension.starts_with(".nii"))
    WriteNifti(output.Path(), geometry, fields.contains("modality") ? fields.at("modality") : std::string(), niftiType<T>, 8 * sizeof(T), std::as_bytes(std::span(voxels)));
  else
    WriteByItk(voxels, geometry, fields, output.Path());
  output.Commit();
}

} // namespace

void RequireVolumeExtension(const fs::path & path) { ExtensionOf(path); }

void WriteVolume(const Volume & volume, const fs::path & path)
{
  const auto fields = volume.modality.empty() ? HeaderFields() : HeaderFields{ { "modality", volume.modality } };
  std::visit([&](const auto & voxels) { WriteAs(voxels, volume.geometry, fields, path); }, volume.voxels);
}

void WriteLabels(const LabelVolume & labels, const fs::path & path)
{
  if (IsSlicerSegmentation(path))
    WriteSlicerSegmentation(labels, {}, path);
  else
    WriteLabelsWith({}, labels, path);
}

void WriteLabelsWith(const HeaderFields & fields, const LabelVolume & labels, const fs::path & path)
{
  const auto largest = std::max_element(labels.labels.begin(), labels.labels.end());
  if (largest != labels.labels.end() && *largest > 255)
    WriteAs(labels.labels, labels.geometry, fields, path);
  else
    WriteAs(std::vector<std::uint8_t>(labels.labels.begin(), labels.labels.end()), labels.geometry, fields, path);
}

} // namespace serval
