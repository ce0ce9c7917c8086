#include "Batches.h"

#include "Cuda.h"
#include "serval/Core/Error.h"
#include "serval/Core/Random.h"

#include <algorithm>
#include <sstream>

namespace serval
{
namespace
{

// Without channels where these are 0.
std::vector<std::int64_t> Shape(const PatchCache & cache, std::size_t count, int dimension, int channels)
{
  const auto                space = TensorShape(cache.Description().patch);
  std::vector<std::int64_t> shape{ static_cast<std::int64_t>(count) };
  if (channels > 0)
    shape.push_back(channels);
  shape.insert(shape.end(), dimension == 3 ? space.begin() : space.begin() + 1, space.end());
  return shape;
}

} // namespace

std::vector<torch::Tensor> Batch::Tensors() const
{
  std::vector<torch::Tensor> all{ plain, images, segmentation, classes };
  all.insert(all.end(), further.begin(), further.end());
  return all;
}

Batch Batch::Of(const std::vector<torch::Tensor> & tensors) { return { tensors[0], tensors[1], tensors[2], tensors[3], { tensors.begin() + 4, tensors.end() } }; }

std::int64_t Batch::Size() const
{
  for (const auto & tensor : Tensors())
    if (tensor.defined())
      return tensor.size(0);
  return 0;
}

Batch Batch::Part(std::int64_t first, std::int64_t count) const
{
  auto parts = Tensors();
  for (auto & tensor : parts)
    if (tensor.defined())
      tensor = tensor.narrow(0, first, count);
  return Of(parts);
}

torch::MemoryFormat FastLayout(int dimension)
{
  return dimension == 3 ? torch::MemoryFormat::ChannelsLast3d : torch::MemoryFormat::ChannelsLast;
}

torch::Tensor LoadImages(const PatchCache & cache, const std::vector<std::size_t> & patches, const IntensityPlan & plan,
                         int dimension, torch::Device device, torch::ScalarType type)
{
  auto images = HostTensor(Shape(cache, patches.size(), dimension, plan.Channels(cache.Description().channels)), torch::kFloat, device);
  cache.ReadImages(patches, plan, { images.data_ptr<float>(), static_cast<std::size_t>(images.numel()) });
  return images.to(device, type, /*non_blocking=*/true).contiguous(FastLayout(dimension));
}

torch::Tensor LoadSegmentations(const PatchCache & cache, const std::vector<std::size_t> & patches, int dimension, torch::Device device)
{
  auto labels = HostTensor(Shape(cache, patches.size(), dimension, 0), torch::kUInt8, device);
  cache.ReadSegmentations(patches, { labels.data_ptr<std::uint8_t>(), static_cast<std::size_t>(labels.numel()) });
  return labels;
}

torch::Tensor LoadClasses(const PatchCache & cache, const std::vector<std::size_t> & patches, torch::Device device)
{
  auto classes = HostTensor({ static_cast<std::int64_t>(patches.size()) }, torch::kLong, device);
  for (std::size_t i = 0; i < patches.size(); ++i)
  {
    const auto & record = cache.Patches().at(patches[i]);
    Require(record.classIndex >= 0, Fault::Input, "a patch of case ", cache.Cases()[record.caseIndex].caseId, " has no class");
    classes.data_ptr<std::int64_t>()[i] = record.classIndex;
  }
  return classes.to(device, /*non_blocking=*/true);
}

BatchStream::BatchStream(std::vector<std::size_t> patches, std::size_t batch, std::uint64_t seed)
  : m_Patches(std::move(patches))
  , m_Batch(batch)
  , m_At(m_Patches.size())
  , m_Random(DeriveSeed(seed, { "batches" }))
{
  Require(!m_Patches.empty(), Fault::Input, "there is no patch to train on");
}

std::string BatchStream::State() const
{
  std::ostringstream text;
  text << m_At << ' ' << m_Random;
  for (const auto patch : m_Patches)
    text << ' ' << patch;
  return text.str();
}

void BatchStream::SetState(const std::string & state)
{
  std::istringstream       text(state);
  std::size_t              at = 0;
  std::mt19937_64          random;
  std::vector<std::size_t> patches(m_Patches.size());
  text >> at >> random;
  for (auto & patch : patches)
    text >> patch;
  Require(!text.fail() && at <= patches.size() && std::is_permutation(patches.begin(), patches.end(), m_Patches.begin()), Fault::Input,
          "the checkpoint's order of patches is damaged");
  m_At = at;
  m_Random = random;
  m_Patches = std::move(patches);
}

std::vector<std::size_t> BatchStream::Next()
{
  std::vector<std::size_t> batch;
  while (batch.size() < m_Batch)
  {
    if (m_At == m_Patches.size())
    {
      Shuffle(m_Patches, m_Random);
      m_At = 0;
    }
    batch.push_back(m_Patches[m_At++]);
  }
  return batch;
}

} // namespace serval
