// Patch caches as NumPy arrays, without copying where that is possible.
#include "BatchBuffers.h"
#include "Bindings.h"

#include "serval/Cache/PatchCache.h"

#include <cstring>
#include <filesystem>
#include <optional>
#include <span>

namespace serval::python
{
namespace
{

Shape PatchShape(const PatchCache & cache)
{
  Shape shape{ static_cast<std::size_t>(cache.Description().channels) };
  for (const auto size : TensorShape(cache.Description().patch))
    shape.push_back(static_cast<std::size_t>(size));
  return shape;
}

std::vector<std::size_t> Checked(const PatchCache & cache, const std::vector<std::int64_t> & indices)
{
  std::vector<std::size_t> patches;
  const auto               count = static_cast<std::int64_t>(cache.Patches().size());
  for (const auto index : indices)
  {
    const auto at = index < 0 ? index + count : index;
    if (at < 0 || at >= count)
      throw nb::index_error(("patch " + std::to_string(index) + " of " + std::to_string(count)).c_str());
    patches.push_back(static_cast<std::size_t>(at));
  }
  return patches;
}

template <typename T>
nb::object View(const PatchCache & cache, std::size_t patch, nb::handle owner)
{
  const auto raw = cache.RawImage(patch);
  const auto shape = PatchShape(cache);
  return nb::cast(nb::ndarray<nb::numpy, const T>(raw.data(), shape.size(), shape.data(), owner), nb::rv_policy::reference);
}

template <typename T>
nb::object Copy(const PatchCache & cache, std::size_t patch)
{
  const auto     raw = cache.ReadRaw(patch);
  std::vector<T> values(raw.size() / sizeof(T));
  std::memcpy(values.data(), raw.data(), raw.size());
  return Owned(std::move(values), PatchShape(cache));
}

// Calls `with` a value of the patch's voxel type.
template <typename TWith>
auto WithVoxelType(const PatchCache & cache, std::size_t patch, TWith with)
{
  switch (cache.TypeOf(patch))
  {
    case PixelType::UInt8: return with(std::uint8_t{});
    case PixelType::Int16: return with(std::int16_t{});
    case PixelType::UInt16: return with(std::uint16_t{});
    case PixelType::Float32: break;
  }
  return with(float{});
}

nb::object Image(nb::object self, std::int64_t index)
{
  const auto & cache = nb::cast<const PatchCache &>(self);
  const auto   patch = Checked(cache, { index }).front();
  if (!cache.IsMapped())
    return WithVoxelType(cache, patch, [&](auto voxel) { return Copy<decltype(voxel)>(cache, patch); });
  return WithVoxelType(cache, patch, [&](auto voxel) { return View<decltype(voxel)>(cache, patch, self); });
}

void CopyNative(const PatchCache & cache, const std::vector<std::size_t> & patches, std::span<float> values)
{
  auto target = values.data();
  for (const auto patch : patches)
    WithVoxelType(cache, patch, [&](auto voxel) {
      const auto raw = cache.ReadRaw(patch);
      for (std::size_t at = 0; at < raw.size(); at += sizeof(voxel))
      {
        std::memcpy(&voxel, raw.data() + at, sizeof(voxel));
        *target++ = static_cast<float>(voxel);
      }
    });
}

using Window = std::array<double, 2>;
using Windows = std::optional<std::variant<Window, std::vector<Window>>>; // one, several, or z-scores

nb::object Images(const PatchCache & cache, const std::vector<std::int64_t> & indices, bool normalise, const Windows & windows, int repeat,
                  int threads)
{
  const auto    patches = Checked(cache, indices);
  IntensityPlan plan;
  plan.repeat = repeat;
  std::vector<Window> all;
  if (windows && std::holds_alternative<Window>(*windows))
    all.push_back(std::get<Window>(*windows));
  else if (windows)
    all = std::get<std::vector<Window>>(*windows);
  for (const auto & window : all)
  {
    if (!normalise || !(window[0] < window[1]))
      throw nb::value_error("window needs (low, high) with low below high, and normalise=True");
    plan.windows.push_back({ window[0], window[1] });
  }
  if (repeat < 1 || (repeat > 1 && !normalise))
    throw nb::value_error("repeat needs a number from 1 on, and normalise=True");
  const auto    channels = static_cast<std::size_t>(plan.Channels(cache.Description().channels));
  auto          values = BatchBuffers::Take(patches.size() * cache.VoxelsPerPatch() / static_cast<std::size_t>(cache.Description().channels) * channels);
  {
    const nb::gil_scoped_release others;
    if (normalise)
      cache.ReadImages(patches, plan, *values, threads);
    else
      CopyNative(cache, patches, *values);
  }
  Shape shape = PatchShape(cache);
  shape.front() = channels;
  shape.insert(shape.begin(), patches.size());
  auto * const      kept = values.release();
  const nb::capsule owner(kept, [](void * p) noexcept { BatchBuffers::GiveBack(std::unique_ptr<BatchBuffers::Buffer>(static_cast<BatchBuffers::Buffer *>(p))); });
  return nb::cast(nb::ndarray<nb::numpy, float>(kept->data(), shape.size(), shape.data(), owner));
}

auto Segmentations(const PatchCache & cache, const std::vector<std::int64_t> & indices)
{
  const auto                patches = Checked(cache, indices);
  Shape                     shape = PatchShape(cache);
  std::vector<std::uint8_t> labels(patches.size() * shape[1] * shape[2] * shape[3]);
  {
    const nb::gil_scoped_release others;
    cache.ReadSegmentations(patches, labels);
  }
  shape.front() = patches.size();
  return Owned(std::move(labels), shape);
}

// Numbers of the given shape for each patch.
template <typename T, typename TRow>
auto Rows(const PatchCache & cache, Shape shape, TRow row)
{
  std::vector<T> values;
  for (const auto & patch : cache.Patches())
    row(values, patch);
  shape.insert(shape.begin(), cache.Patches().size());
  return Owned(std::move(values), shape);
}

template <typename TText>
nb::object Texts(const PatchCache & cache, TText text)
{
  nb::list all;
  for (const auto & patch : cache.Patches())
    all.append(text(cache.Cases()[patch.caseIndex]));
  return nb::module_::import_("numpy").attr("array")(all, "str");
}

std::string Representation(const PatchCache & cache)
{
  const auto & d = cache.Description();
  return "<serval.PatchCache: " + std::to_string(cache.Patches().size()) + " patches of " + std::to_string(d.patch.x) + "x" +
         std::to_string(d.patch.y) + "x" + std::to_string(d.patch.z) + " voxels, " + std::to_string(cache.Cases().size()) + " cases, " +
         std::to_string(d.classNames.size()) + " classes>";
}

} // namespace

void BindPatchCache(nb::module_ & module)
{
  nb::class_<PatchCache>(module, "PatchCache", "A patch cache: a folder of HDF5 shards, mapped into memory. InputError when it is none or damaged.")
    .def("__init__", [](PatchCache * self, const std::filesystem::path & folder) { new (self) PatchCache(folder); }, "folder"_a,
         nb::call_guard<nb::gil_scoped_release>())
    .def("__repr__", &Representation)
    .def("__len__", [](const PatchCache & c) { return c.Patches().size(); })
    .def_prop_ro("patch", [](const PatchCache & c) { return TensorShape(c.Description().patch); }, "Patch size in voxels (z, y, x)")
    .def_prop_ro("channels", [](const PatchCache & c) { return c.Description().channels; })
    .def_prop_ro("class_names", [](const PatchCache & c) { return c.Description().classNames; })
    .def_prop_ro("segmentation_names", [](const PatchCache & c) { return c.Description().segmentationNames; })
    .def_prop_ro("provenance", [](const PatchCache & c) { return c.Description().provenance; }, "Canonical JSON")
    .def_prop_ro("cases", [](const PatchCache & c) { return Texts(c, [](auto & one) { return one.caseId; }); }, "Case of each patch")
    .def_prop_ro("patients", [](const PatchCache & c) { return Texts(c, [](auto & one) { return one.patient; }); }, "Patient of each patch")
    .def_prop_ro("classes", [](const PatchCache & c) { return Rows<std::int32_t>(c, {}, [](auto & v, auto & p) { v.push_back(p.classIndex); }); },
                 "Index into class_names of each patch, -1 where unknown")
    .def_prop_ro("corners", [](const PatchCache & c) {
      return Rows<std::int64_t>(c, { 3 }, [](auto & v, auto & p) { v.insert(v.end(), { p.corner.x, p.corner.y, p.corner.z }); });
    }, "First voxel (x, y, z) of each patch in its volume")
    .def_prop_ro("origins", [](const PatchCache & c) {
      return Rows<double>(c, { 3 }, [](auto & v, auto & p) { v.insert(v.end(), p.geometry.origin.begin(), p.geometry.origin.end()); });
    }, "Position (mm, LPS) of each patch's first voxel")
    .def_prop_ro("spacings", [](const PatchCache & c) {
      return Rows<double>(c, { 3 }, [](auto & v, auto & p) { v.insert(v.end(), { p.geometry.spacing.x, p.geometry.spacing.y, p.geometry.spacing.z }); });
    }, "Voxel size (mm; x, y, z) of each patch")
    .def_prop_ro("directions", [](const PatchCache & c) {
      return Rows<double>(c, { 3, 3 }, [](auto & v, auto & p) { v.insert(v.end(), p.geometry.direction.begin(), p.geometry.direction.end()); });
    }, "Direction cosines [N, 3, 3] of each patch; columns are the axes x, y, z")
    .def_prop_ro("candidates", [](const PatchCache & c) {
      nb::list all;
      for (const auto & patch : c.Patches())
        all.append(patch.candidate);
      return nb::module_::import_("numpy").attr("array")(all, "str");
    }, "Candidate or lesion of each patch; empty where there is none")
    .def_prop_ro("compression", [](const PatchCache & c) { return ToText(c.Description().compression); }, "none, gzip or zstd")
    .def_prop_ro("is_mapped", &PatchCache::IsMapped, "Whether image() gives views of the mapped file")
    .def_prop_ro("fingerprint", [](const PatchCache & c) { return c.Fingerprint(); }, "Content hash: equal caches have equal fingerprints")
    .def("image", &Image, "index"_a, "Native voxels [C, Z, Y, X] of one patch: a read-only view of the mapped file, or a copy where the cache is compressed")
    .def("images", &Images, "indices"_a, "normalise"_a = true, "window"_a = nb::none(), "repeat"_a = 1, "threads"_a = 1,
         "Voxels [N, C, Z, Y, X] as float32: z-scores of each patch's volume, or window (low, high) scaled to -1..1 and clipped, several of which make "
         "a channel each; every channel `repeat` times in a row; native values with normalise=False; read by this many threads")
    .def("segmentations", &Segmentations, "indices"_a, "Labels [N, Z, Y, X] as uint8");
}

} // namespace serval::python
