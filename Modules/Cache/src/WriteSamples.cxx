#include "serval/Cache/CacheCare.h"

#include "serval/Core/AtomicFile.h"
#include "serval/Core/Error.h"
#include "serval/Core/Table.h"

#include <algorithm>
#include <cstring>
#include <numeric>
#include <random>

namespace serval
{
namespace
{

namespace fs = std::filesystem;

const char * NrrdType(PixelType type)
{
  switch (type)
  {
    case PixelType::UInt8:
      return "uint8";
    case PixelType::Int16:
      return "int16";
    case PixelType::UInt16:
      return "uint16";
    case PixelType::Float32:
      return "float";
  }
  return "";
}

// Our geometry is NRRD's left-posterior-superior; a column of the direction times the spacing is one axis.
std::string NrrdHeader(const Geometry & g, PixelType type)
{
  const double       spacing[]{ g.spacing.x, g.spacing.y, g.spacing.z };
  std::ostringstream text;
  text.precision(17);
  text << "NRRD0004\ntype: " << NrrdType(type)
       << "\ndimension: 3\nspace: left-posterior-superior\nsizes: " << g.extent.x << ' ' << g.extent.y << ' '
       << g.extent.z << "\nspace directions:";
  for (std::size_t axis = 0; axis < 3; ++axis)
    text << " (" << g.direction[axis] * spacing[axis] << ',' << g.direction[3 + axis] * spacing[axis] << ','
         << g.direction[6 + axis] * spacing[axis] << ')';
  text << "\nkinds: domain domain domain\nendian: little\nencoding: raw\nspace origin: (" << g.origin[0] << ','
       << g.origin[1] << ',' << g.origin[2] << ")\n\n";
  return text.str();
}

std::vector<std::size_t> Chosen(std::size_t patches, std::size_t count, std::uint64_t seed)
{
  std::vector<std::size_t> all(patches), chosen;
  std::iota(all.begin(), all.end(), std::size_t{ 0 });
  std::mt19937_64 random(seed);
  std::sample(all.begin(), all.end(), std::back_inserter(chosen), count, random);
  return chosen;
}

} // namespace

void WriteNrrd(const fs::path & file, const Geometry & geometry, PixelType type, std::span<const std::byte> voxels)
{
  WriteTextFile(file,
                NrrdHeader(geometry, type) + std::string(reinterpret_cast<const char *>(voxels.data()), voxels.size()));
}

void WriteSamples(const PatchCache & cache, std::size_t count, std::uint64_t seed, const fs::path & folder)
{
  std::error_code failure;
  fs::create_directory(folder, failure);
  Require(!failure, Fault::Environment, "cannot create the folder '", folder.string(), "': ", failure.message());
  const auto & d = cache.Description();
  const auto   voxels = static_cast<std::size_t>(d.patch.Voxels());
  Table        table({ "file", "patch", "channel", "case", "patient", "class", "x", "y", "z", "candidate" });
  for (const auto patch : Chosen(cache.Patches().size(), count, seed))
  {
    const auto & record = cache.Patches()[patch];
    const auto & from = cache.Cases()[record.caseIndex];
    const auto   add = [&](const std::string & part, PixelType type, std::span<const std::byte> bytes) {
      const auto name = Concat("patch-", patch, '-', part, ".nrrd");
      WriteNrrd(folder / name, record.geometry, type, bytes);
      table.AddRow({ name, std::to_string(patch), part, from.caseId, from.patient,
                     record.classIndex < 0 ? "" : d.classNames[static_cast<std::size_t>(record.classIndex)],
                     std::to_string(record.corner.x), std::to_string(record.corner.y), std::to_string(record.corner.z),
                     record.candidate });
    };
    const auto type = cache.TypeOf(patch);
    const auto raw = cache.ReadRaw(patch);
    for (std::size_t c = 0; c < static_cast<std::size_t>(d.channels); ++c)
      add(std::to_string(c), type, std::span(raw).subspan(c * voxels * SizeOf(type), voxels * SizeOf(type)));
    std::vector<std::uint8_t> labels(cache.HasSegmentation() ? voxels : 0);
    if (!labels.empty())
    {
      cache.ReadSegmentations(std::span(&patch, 1), labels);
      add("segmentation", PixelType::UInt8, std::as_bytes(std::span(labels)));
    }
  }
  table.Write(folder / "samples.csv");
}

} // namespace serval
