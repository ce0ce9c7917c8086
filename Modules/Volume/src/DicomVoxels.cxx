#include "DicomSeries.h"

#include "GridChecks.h"
#include "PixelConversion.h"
#include "serval/Core/Error.h"

#include <gdcmImageReader.h>

#include <cmath>
#include <cstring>

namespace serval
{
namespace
{

namespace fs = std::filesystem;

/// The stored pixels of the DICOM file last asked for, decompressed.
class StoredPixels
{
public:
  const gdcm::PixelFormat & Format() const { return m_Format; }

  /// Bytes of one plane.
  const char * Plane(const DicomSlice & slice)
  {
    if (slice.file != m_File)
      Read(slice.file);
    const std::size_t bytes = static_cast<std::size_t>(slice.rows) * static_cast<std::size_t>(slice.columns) *
                              m_Format.GetPixelSize();
    const std::size_t start = bytes * static_cast<std::size_t>(slice.frame);
    Require(start + bytes <= m_Bytes.size(), Fault::Input, "the DICOM file '", slice.file.string(), "' is truncated: ",
            m_Bytes.size(), " bytes of pixels, ", start + bytes, " are expected");
    return m_Bytes.data() + start;
  }

private:
  void Read(const fs::path & file)
  {
    gdcm::ImageReader reader;
    reader.SetFileName(file.c_str());
    Require(reader.Read(), Fault::Input, "the pixels of the DICOM file '", file.string(), "' cannot be read: ",
            "truncated, or compressed in an unknown way");
    const gdcm::Image & image = reader.GetImage();
    m_Format = image.GetPixelFormat();
    Require(m_Format.GetSamplesPerPixel() == 1 &&
              image.GetPhotometricInterpretation() == gdcm::PhotometricInterpretation::MONOCHROME2,
            Fault::Input, "the DICOM file '", file.string(), "' holds ", image.GetPhotometricInterpretation().GetString(),
            " pixels with ", m_Format.GetSamplesPerPixel(), " samples; MONOCHROME2 with one is expected");
    m_Bytes.resize(image.GetBufferLength());
    Require(image.GetBuffer(m_Bytes.data()), Fault::Input, "the pixels of the DICOM file '", file.string(),
            "' cannot be decompressed: truncated or damaged");
    m_File = file;
  }

  fs::path          m_File;
  gdcm::PixelFormat m_Format;
  std::vector<char> m_Bytes;
};

template <typename TStored, typename TOut>
void Rescale(const char * bytes, const DicomSlice & slice, TOut * out)
{
  const std::size_t count = static_cast<std::size_t>(slice.rows) * static_cast<std::size_t>(slice.columns);
  for (std::size_t i = 0; i < count; ++i)
  {
    TStored stored;
    std::memcpy(&stored, bytes + i * sizeof(TStored), sizeof(TStored));
    out[i] = static_cast<TOut>(static_cast<double>(stored) * slice.slope + slice.intercept);
  }
}

template <typename TOut>
void RescalePlane(StoredPixels & pixels, const DicomSlice & slice, TOut * out)
{
  const char * bytes = pixels.Plane(slice);
  switch (pixels.Format().GetScalarType())
  {
    case gdcm::PixelFormat::UINT8: return Rescale<std::uint8_t>(bytes, slice, out);
    case gdcm::PixelFormat::INT8: return Rescale<std::int8_t>(bytes, slice, out);
    case gdcm::PixelFormat::UINT12:
    case gdcm::PixelFormat::UINT16: return Rescale<std::uint16_t>(bytes, slice, out);
    case gdcm::PixelFormat::INT12:
    case gdcm::PixelFormat::INT16: return Rescale<std::int16_t>(bytes, slice, out);
    case gdcm::PixelFormat::UINT32: return Rescale<std::uint32_t>(bytes, slice, out);
    case gdcm::PixelFormat::INT32: return Rescale<std::int32_t>(bytes, slice, out);
    case gdcm::PixelFormat::FLOAT32: return Rescale<float>(bytes, slice, out);
    case gdcm::PixelFormat::FLOAT64: return Rescale<double>(bytes, slice, out);
    default: break;
  }
  Fail(Fault::Input, "the DICOM file '", slice.file.string(), "' holds pixels of the type ",
       pixels.Format().GetScalarTypeAsString(), "; 8 to 32 bits or floating point are expected");
}

template <typename TOut>
Voxels ReadAll(StoredPixels & pixels, const DicomSeries & slices)
{
  const std::size_t plane = static_cast<std::size_t>(slices.front().rows) * static_cast<std::size_t>(slices.front().columns);
  std::vector<TOut> values(plane * slices.size());
  for (std::size_t i = 0; i < slices.size(); ++i)
    RescalePlane(pixels, slices[i], values.data() + i * plane);
  return Narrowed(std::move(values));
}

// Whole numbers below 2^31 after rescaling, in every slice.
bool IsWhole(StoredPixels & pixels, const DicomSeries & slices)
{
  for (const auto & slice : slices)
    if (slice.slope != std::floor(slice.slope) || slice.intercept != std::floor(slice.intercept) ||
        std::abs(slice.slope) > 16384 || std::abs(slice.intercept) > 1e9)
      return false;
  pixels.Plane(slices.front());
  return pixels.Format().GetBitsAllocated() <= 16;
}

} // namespace

Voxels ReadDicomVoxels(const DicomSeries & slices)
{
  const auto & first = slices.front();
  const Extent extent{ first.columns, first.rows, static_cast<std::int64_t>(slices.size()) };
  RequireMemory(first.file, extent, 6.0 * static_cast<double>(extent.Voxels()));
  StoredPixels pixels;
  return IsWhole(pixels, slices) ? ReadAll<std::int32_t>(pixels, slices) : ReadAll<float>(pixels, slices);
}

} // namespace serval
