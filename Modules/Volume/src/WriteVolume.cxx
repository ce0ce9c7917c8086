#include "ImageFile.h"
#include "serval/Core/AtomicFile.h"
#include "serval/Core/Error.h"

#include <itkMetaImageIO.h>
#include <itkNiftiImageIO.h>
#include <itkNrrdImageIO.h>

#include <algorithm>

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
  Fail(Fault::Usage, "the output '", path.string(), "' has no known extension; .nii, .nii.gz, .nrrd or .mha is expected");
}

itk::ImageIOBase::Pointer ImageIOFor(const fs::path & path)
{
  const std::string extension = ExtensionOf(path);
  if (extension == ".nrrd")
    return itk::NrrdImageIO::New().GetPointer();
  if (extension == ".mha")
    return itk::MetaImageIO::New().GetPointer();
  return itk::NiftiImageIO::New().GetPointer();
}

template <typename T>
itk::ImageIOBase::IOComponentEnum ComponentOf()
{
  return itk::ImageIOBase::MapPixelType<T>::CType;
}

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
void WriteAs(const std::vector<T> & voxels, const Geometry & geometry, const fs::path & path)
{
  SilenceLibraries();
  const auto io = ImageIOFor(path);
  Require(voxels.size() == static_cast<std::size_t>(geometry.extent.Voxels()) && !voxels.empty(), Fault::Internal,
          "'", path.string(), "': ", voxels.size(), " voxels for a grid of ", ToText(geometry.extent));
  AtomicOutput output(path, AtomicOutput::Kind::File, voxels.size() * sizeof(T) / 20); // labels pack well
  // ITK guesses from what stands anywhere in a name (a.img.nii): it writes under a plain one.
  const AtomicOutput    room(path.string() + ".room", AtomicOutput::Kind::Folder);
  const fs::path        plain = room.Path() / ("volume" + ExtensionOf(path));
  const HeldErrorStream held;
  try
  {
    io->SetFileName(plain.string());
    Describe(*io, geometry);
    io->SetComponentType(ComponentOf<T>());
    io->SetUseCompression(true);
    io->WriteImageInformation();
    io->Write(voxels.data());
  }
  catch (const itk::ExceptionObject & e)
  {
    Fail(Fault::Environment, "cannot write '", path.string(), "': ", OneLine(held.Text() + " " + e.GetDescription()));
  }
  Require(fs::exists(plain), Fault::Environment, "cannot write '", path.string(), "': ", OneLine(held.Text()));
  fs::rename(plain, output.Path());
  output.Commit();
}

} // namespace

void RequireVolumeExtension(const fs::path & path) { ExtensionOf(path); }

void WriteVolume(const Volume & volume, const fs::path & path)
{
  std::visit([&](const auto & voxels) { WriteAs(voxels, volume.geometry, path); }, volume.voxels);
}

void WriteLabels(const LabelVolume & labels, const fs::path & path)
{
  const auto largest = std::max_element(labels.labels.begin(), labels.labels.end());
  if (largest != labels.labels.end() && *largest > 255)
    WriteAs(labels.labels, labels.geometry, path);
  else
    WriteAs(std::vector<std::uint8_t>(labels.labels.begin(), labels.labels.end()), labels.geometry, path);
}

} // namespace serval
