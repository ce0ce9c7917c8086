// Writing a patch cache from NumPy arrays; the checks of shapes and the defaults lie in serval/_cache.py.
#include "Bindings.h"

#include "serval/Cache/PatchCacheWriter.h"
#include "serval/Core/Error.h"
#include "serval/Core/Hash.h"
#include "serval/Core/Provenance.h"

#include <memory>
#include <span>

namespace serval::python
{
namespace
{

using Images = nb::ndarray<nb::ro, nb::ndim<5>, nb::c_contig, nb::device::cpu>;
using Labels = nb::ndarray<const std::uint8_t, nb::ndim<4>, nb::c_contig, nb::device::cpu>;
using Corners = nb::ndarray<const std::int64_t, nb::shape<-1, 3>, nb::c_contig, nb::device::cpu>;

PixelType TypeOf(const Images & images)
{
  if (images.dtype() == nb::dtype<std::uint8_t>())
    return PixelType::UInt8;
  if (images.dtype() == nb::dtype<std::int16_t>())
    return PixelType::Int16;
  if (images.dtype() == nb::dtype<std::uint16_t>())
    return PixelType::UInt16;
  Require(images.dtype() == nb::dtype<float>(), Fault::Usage, "patches hold uint8, int16, uint16 or float32; convert the array with astype first");
  return PixelType::Float32;
}

std::span<const std::byte> BytesOf(const Images & images)
{
  return { static_cast<const std::byte *>(images.data()), images.size() * SizeOf(TypeOf(images)) };
}

CacheDescription DescriptionOf(const nb::dict & words)
{
  CacheDescription d;
  const auto       shape = nb::cast<std::array<std::int64_t, 3>>(words["patch"]); // z, y, x
  d.patch = { shape[2], shape[1], shape[0] };
  d.channels = nb::cast<int>(words["channels"]);
  d.classNames = nb::cast<std::vector<std::string>>(words["class_names"]);
  d.segmentationNames = nb::cast<std::vector<std::string>>(words["segmentation_names"]);
  d.segmentationKind = nb::cast<std::string>(words["segmentation_kind"]);
  d.sampler = nb::cast<std::string>(words["sampler"]);
  d.seed = nb::cast<std::uint64_t>(words["seed"]);
  d.parameters = nb::cast<std::string>(words["parameters"]);
  d.compression = CompressionFrom(nb::cast<std::string>(words["compression"]));
  d.provenance = Provenance{ "serval (Python)", { { "parameters", d.parameters } }, d.seed, {} }.ToJson();
  return d;
}

CaseSource SourceOf(const nb::dict & words)
{
  CaseSource source;
  source.caseId = nb::cast<std::string>(words["case"]);
  source.patient = nb::cast<std::string>(words["patient"]);
  source.timePoint = nb::cast<std::string>(words["time_point"]);
  source.sourceFingerprint = nb::cast<std::string>(words["source_fingerprint"]);
  source.labelFingerprint = nb::cast<std::string>(words["label_fingerprint"]);
  return source;
}

void Add(PatchCacheWriter & writer, const nb::dict & source, const Images & images, const std::optional<Labels> & labels, const Corners & corners,
         const std::vector<int> & classes, const Grid & grid, const std::vector<std::array<double, 4>> & intensity, const std::vector<std::string> & candidates)
{
  CasePatches patches;
  static_cast<CaseSource &>(patches) = SourceOf(source);
  for (const auto & [mean, deviation, low, high] : intensity)
    patches.intensity.push_back({ mean, deviation, low, high });
  patches.type = TypeOf(images);
  const auto bytes = BytesOf(images);
  patches.image.assign(bytes.begin(), bytes.end());
  if (labels)
    patches.segmentation.assign(labels->data(), labels->data() + labels->size());
  const Geometry volume = GeometryOf(grid);
  const Extent   size{ std::int64_t(images.shape(4)), std::int64_t(images.shape(3)), std::int64_t(images.shape(2)) };
  for (std::size_t n = 0; n < images.shape(0); ++n)
  {
    patches.corners.push_back({ corners(n, 0), corners(n, 1), corners(n, 2) });
    patches.geometries.push_back(volume.Block(patches.corners.back(), size));
  }
  patches.classes = classes;
  patches.candidates = candidates;
  const nb::gil_scoped_release others;
  writer.Add(patches);
}

nb::tuple Look(PatchCacheWriter & writer, const nb::dict & words)
{
  const auto source = SourceOf(words);
  Freshness  verdict;
  {
    const nb::gil_scoped_release others;
    verdict = writer.Look(source);
  }
  return nb::make_tuple(verdict.isUpToDate, verdict.reason);
}

} // namespace

void BindPatchCacheWriter(nb::module_ & module)
{
  module.def("content_hash", [](const nb::ndarray<nb::ro, nb::c_contig, nb::device::cpu> & array) {
    return ContentHash({ static_cast<const std::byte *>(array.data()), array.nbytes() });
  }, "array"_a, "XXH3-128 of an array's bytes, as 32 hexadecimal digits");
  nb::class_<PatchCacheWriter>(module, "CacheWriter")
    .def("__init__", [](PatchCacheWriter * self, const std::filesystem::path & folder, const nb::dict & description) {
      new (self) PatchCacheWriter(folder, DescriptionOf(description));
    }, "folder"_a, "description"_a)
    .def("look", &Look, "source"_a)
    .def("add", &Add, "source"_a, "images"_a, "segmentations"_a.none(), "corners"_a, "classes"_a, "grid"_a, "intensity"_a, "candidates"_a)
    .def("commit", [](PatchCacheWriter & writer) { writer.Commit(); }, nb::call_guard<nb::gil_scoped_release>());
}

} // namespace serval::python
