#include "WriteNifti.h"

#include "NiftiHeader.h"
#include "serval/Core/Error.h"
#include "serval/Core/PathDisplay.h"

#include <isa-l.h>

#include <algorithm>
#include <array>
#include <cmath>
#include <cstring>
#include <fstream>
#include <vector>

namespace serval
{
namespace
{

namespace fs = std::filesystem;

constexpr std::size_t bytesBefore = 352; // header and "no extension"

class Writer
{
public:
  explicit Writer(const fs::path & path)
    : m_Path(path)
    , m_File(path, std::ios::binary)
  {
    m_File.rdbuf()->pubsetbuf(nullptr, 0);
  }
  void Write(std::span<const std::byte> bytes)
  {
    m_File.write(reinterpret_cast<const char *>(bytes.data()), static_cast<std::streamsize>(bytes.size()));
    Require(m_File.good(), Fault::Environment, "cannot write ", Shown(m_Path), ": is the disk full?");
  }

private:
  fs::path      m_Path;
  std::ofstream m_File;
};

class GzipWriter
{
public:
  explicit GzipWriter(const fs::path & path)
    : m_Writer(path)
    , m_Work(ISAL_DEF_LVL2_DEFAULT)
    , m_Packed(1 << 20)
  {
    isal_deflate_init(&m_Stream);
    m_Stream.level = 2;
    m_Stream.level_buf = m_Work.data();
    m_Stream.level_buf_size = static_cast<std::uint32_t>(m_Work.size());
    m_Stream.gzip_flag = IGZIP_GZIP;
  }
  void Write(std::span<const std::byte> bytes, bool isLast)
  {
    constexpr std::size_t most = 1U << 30;
    do
    {
      const auto part = bytes.first(std::min(most, bytes.size()));
      bytes = bytes.subspan(part.size());
      m_Stream.next_in = reinterpret_cast<std::uint8_t *>(const_cast<std::byte *>(part.data()));
      m_Stream.avail_in = static_cast<std::uint32_t>(part.size());
      m_Stream.end_of_stream = isLast && bytes.empty();
      do
      {
        m_Stream.next_out = reinterpret_cast<std::uint8_t *>(m_Packed.data());
        m_Stream.avail_out = static_cast<std::uint32_t>(m_Packed.size());
        Require(isal_deflate(&m_Stream) == COMP_OK, Fault::Internal, "ISA-L cannot pack a volume");
        m_Writer.Write(std::span(m_Packed).first(m_Packed.size() - m_Stream.avail_out));
      } while (m_Stream.avail_out == 0);
    } while (!bytes.empty());
  }

private:
  Writer                    m_Writer;
  isal_zstream              m_Stream{};
  std::vector<std::uint8_t> m_Work;
  std::vector<std::byte>    m_Packed;
};

// RAS rows of the affine.
std::array<double, 12> RowsOf(const Geometry & g)
{
  const double           edge[]{ g.spacing.x, g.spacing.y, g.spacing.z };
  std::array<double, 12> rows{};
  for (std::size_t row = 0; row < 3; ++row)
  {
    const double sign = row < 2 ? -1 : 1;
    for (std::size_t axis = 0; axis < 3; ++axis)
      rows[4 * row + axis] = sign * g.direction[3 * row + axis] * edge[axis] + 0.0;
    rows[4 * row + 3] = sign * g.origin[row] + 0.0;
  }
  return rows;
}

double Determinant(const std::array<double, 9> & d)
{
  return d[0] * (d[4] * d[8] - d[5] * d[7]) - d[1] * (d[3] * d[8] - d[5] * d[6]) + d[2] * (d[3] * d[7] - d[4] * d[6]);
}

// b, c, d of the rotation matrix r, by its largest diagonal term (Shepperd 1978), with a >= 0 as NIfTI wants it.
std::array<double, 3> QuaternionOf(const std::array<double, 9> & r)
{
  const double          trace = r[0] + r[4] + r[8];
  const double          squares[]{ trace, r[0], r[4], r[8] };
  const auto            largest = std::max_element(std::begin(squares), std::end(squares)) - std::begin(squares);
  std::array<double, 4> q{};
  switch (largest)
  {
    case 0: q = { 1 + trace, r[7] - r[5], r[2] - r[6], r[3] - r[1] }; break;
    case 1: q = { r[7] - r[5], 1 + r[0] - r[4] - r[8], r[1] + r[3], r[2] + r[6] }; break;
    case 2: q = { r[2] - r[6], r[1] + r[3], 1 - r[0] + r[4] - r[8], r[5] + r[7] }; break;
    default: q = { r[3] - r[1], r[2] + r[6], r[5] + r[7], 1 - r[0] - r[4] + r[8] }; break;
  }
  const double length = std::sqrt(q[0] * q[0] + q[1] * q[1] + q[2] * q[2] + q[3] * q[3]) * (q[0] < 0 ? -1 : 1);
  return { q[1] / length + 0.0, q[2] / length + 0.0, q[3] / length + 0.0 };
}

using Header = std::array<std::byte, bytesBefore>;

template <typename T>
void Put(Header & header, std::size_t place, T value)
{
  std::memcpy(header.data() + place, &value, sizeof(T));
}

void PutGeometry(Header & header, const Geometry & geometry)
{
  const auto            rows = RowsOf(geometry);
  const double          qfac = Determinant(geometry.direction) < 0 ? -1 : 1; // LPS to RAS turns two axes: the sign stays
  std::array<double, 9> rotation = geometry.direction;
  for (std::size_t at = 0; at < 9; ++at)
    rotation[at] *= (at < 6 ? -1 : 1) * (at % 3 == 2 ? qfac : 1);
  const auto  quaternion = QuaternionOf(rotation);
  const float edges[]{ float(qfac), float(geometry.spacing.x), float(geometry.spacing.y), float(geometry.spacing.z) };
  for (std::size_t i = 0; i < 4; ++i)
    Put(header, 76 + 4 * i, edges[i]);
  for (std::size_t i = 0; i < 3; ++i)
  {
    Put(header, 256 + 4 * i, static_cast<float>(quaternion[i]));
    Put(header, 268 + 4 * i, static_cast<float>(rows[4 * i + 3]));
  }
  for (std::size_t i = 0; i < 12; ++i)
    Put(header, 280 + 4 * i, static_cast<float>(rows[i]));
}

// As the reader would: an axis that is off its right angle by more than a hundredth of a voxel is not a quaternion's.
bool QformStatesTheGrid(const Header & header, const Geometry & geometry, const fs::path & path)
{
  const auto qform = GeometryOf(ParseNiftiHeader(header, path), Placement::Qform, path);
  return CornerDistance(qform, geometry) <= 0.01 * SmallestSpacing(geometry.spacing);
}

Header HeaderOf(const Geometry & geometry, const std::string & modality, int datatype, int bitsOfVoxel, const fs::path & path)
{
  const std::int64_t sizes[]{ 3, geometry.extent.x, geometry.extent.y, geometry.extent.z, 1, 1, 1, 1 };
  Require(std::max({ sizes[1], sizes[2], sizes[3] }) < 32768, Fault::Input, Shown(path), " would have ",
          ToText(geometry.extent), " voxels; NIfTI holds at most 32767 along an axis: write .nrrd");
  Header header{};
  Put<std::int32_t>(header, 0, 348);
  for (std::size_t axis = 0; axis < 8; ++axis)
    Put(header, 40 + 2 * axis, static_cast<std::int16_t>(sizes[axis]));
  Put(header, 70, static_cast<std::int16_t>(datatype));
  Put(header, 72, static_cast<std::int16_t>(bitsOfVoxel));
  Put(header, 108, static_cast<float>(bytesBefore));
  Put(header, 112, 1.0F);
  Put(header, 123, std::uint8_t{ 2 });   // millimetres
  Put(header, 252, std::int16_t{ 1 });   // scanner's coordinates, qform
  Put(header, 254, std::int16_t{ 1 });   // and sform
  if (const auto words = std::string(niftiModality) + modality; !modality.empty() && words.size() < 80)
    std::memcpy(header.data() + 148, words.data(), words.size());
  std::memcpy(header.data() + 344, "n+1", 4);
  PutGeometry(header, geometry);
  if (!QformStatesTheGrid(header, geometry, path))
    Put(header, 252, std::int16_t{ 0 });
  return header;
}

} // namespace

void WriteNifti(const fs::path & path, const Geometry & geometry, const std::string & modality, int datatype, int bitsOfVoxel, std::span<const std::byte> voxels)
{
  const Header header = HeaderOf(geometry, modality, datatype, bitsOfVoxel, path);
  if (path.extension() == ".gz")
  {
    GzipWriter writer(path);
    writer.Write(header, false);
    writer.Write(voxels, true);
    return;
  }
  Writer writer(path);
  writer.Write(header);
  writer.Write(voxels);
}

} // namespace serval
