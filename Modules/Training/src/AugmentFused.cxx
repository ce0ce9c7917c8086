#include "serval/Training/AugmentationPlan.h"

#include <algorithm>
#include <cmath>

// One copy of each loop for every width of vectors; the processor chooses at start-up.
#if defined(__x86_64__) && defined(__GNUC__) && !defined(__clang__)
#define SERVAL_VECTOR_CLONES __attribute__((target_clones("arch=x86-64-v4", "arch=x86-64-v3", "default")))
#else
#define SERVAL_VECTOR_CLONES
#endif

namespace serval
{
namespace
{

constexpr int knots = SampleAugmentation::knots;

// lowbias32 (C. Wellons 2018) on a counter.
[[gnu::always_inline]] inline std::uint32_t Hash(std::uint32_t x)
{
  x ^= x >> 16U;
  x *= 0x7feb352dU;
  x ^= x >> 15U;
  x *= 0x846ca68bU;
  return x ^ (x >> 16U);
}

[[gnu::always_inline]] inline std::int32_t SumOfBytes(std::uint32_t x)
{
  const std::uint32_t pairs = (x & 0x00ff00ffU) + ((x >> 8U) & 0x00ff00ffU);
  return static_cast<std::int32_t>((pairs & 0xffffU) + (pairs >> 16U));
}

// Bytes have the mean 127.5 and the variance (256^2 - 1) / 12.
constexpr float noiseScale = 0.00478420F; // 1 / sqrt(8 * 5461.25)
[[gnu::always_inline]] inline float Noise(std::uint32_t seed, std::uint32_t place)
{
  const std::uint32_t a = Hash(seed ^ (2 * place)), b = Hash(a ^ (2 * place + 1));
  return (static_cast<float>(SumOfBytes(a) + SumOfBytes(b)) - 1020) * noiseScale;
}

struct Line
{
  float x, y, z, dx, dy, dz; ///< at the first voxel, and from one to the next
};

SERVAL_VECTOR_CLONES void Straight(const Line & line, std::size_t count, float * x, float * y, float * z)
{
  for (std::size_t i = 0; i < count; ++i)
  {
    const auto t = static_cast<float>(static_cast<std::int32_t>(i));
    x[i] = line.x + t * line.dx;
    y[i] = line.y + t * line.dy;
    z[i] = line.z + t * line.dz;
  }
}

using Four = float __attribute__((vector_size(16)));

// The control displacements of this row in x, y, z.
void Bend(const std::array<Four, knots> & control, const SplineRow & spline, std::size_t count, float * x, float * y, float * z)
{
  for (std::size_t i = 0; i < count; ++i)
  {
    const Four * c = control.data() + spline.first[i];
    const auto & w = spline.weights[i];
    const Four   moved = w[0] * c[0] + w[1] * c[1] + w[2] * c[2] + w[3] * c[3];
    x[i] += moved[0];
    y[i] += moved[1];
    z[i] += moved[2];
  }
}

struct Grid
{
  std::int32_t nx, ny, nz;
};

Grid GridOf(const Extent & patch) { return { std::int32_t(patch.x), std::int32_t(patch.y), std::int32_t(patch.z) }; }

/// Where the voxels of one row lie in the source: the first of the eight around each, the shares of the next, the nearest.
struct Places
{
  std::vector<std::int32_t> first, nearest;
  std::vector<float>        x, y, z;
};

// x, y, z: coordinates, which become shares.
SERVAL_VECTOR_CLONES void Place(const Grid & g, std::size_t count, float * __restrict x, float * __restrict y, float * __restrict z, std::int32_t * __restrict first, std::int32_t * __restrict nearest)
{
  const auto mx = static_cast<float>(g.nx - 1), my = static_cast<float>(g.ny - 1), mz = static_cast<float>(g.nz - 1);
  const auto lx = std::max(g.nx - 2, 0), ly = std::max(g.ny - 2, 0), lz = std::max(g.nz - 2, 0);
  for (std::size_t i = 0; i < count; ++i)
  {
    const float cx = std::min(std::max(x[i], 0.0F), mx), cy = std::min(std::max(y[i], 0.0F), my), cz = std::min(std::max(z[i], 0.0F), mz);
    const auto  ix = std::min(static_cast<std::int32_t>(cx), lx), iy = std::min(static_cast<std::int32_t>(cy), ly), iz = std::min(static_cast<std::int32_t>(cz), lz);
    x[i] = cx - static_cast<float>(ix);
    y[i] = cy - static_cast<float>(iy);
    z[i] = cz - static_cast<float>(iz);
    first[i] = (iz * g.ny + iy) * g.nx + ix;
    nearest[i] = (static_cast<std::int32_t>(cz + 0.5F) * g.ny + static_cast<std::int32_t>(cy + 0.5F)) * g.nx + static_cast<std::int32_t>(cx + 0.5F);
  }
}

// Not cloned: a processor's instruction for gathering is slower than these loads (7 ns a voxel against 2 on Zen 4).
void Interpolate(const float * source, const Grid & g, const Places & at, std::span<float> result)
{
  const std::int32_t ux = g.nx > 1 ? 1 : 0, uy = g.ny > 1 ? g.nx : 0, uz = g.nz > 1 ? g.nx * g.ny : 0;
  for (std::size_t i = 0; i < result.size(); ++i)
  {
    const float * p = source + at.first[i];
    const float * q = p + uz;
    const Four    near{ p[0], p[ux], p[uy], p[uy + ux] }, far{ q[0], q[ux], q[uy], q[uy + ux] };
    const Four    v = near + at.z[i] * (far - near);
    const float   a = v[0] + at.y[i] * (v[2] - v[0]), b = v[1] + at.y[i] * (v[3] - v[1]);
    result[i] = a + at.x[i] * (b - a);
  }
}

void Nearest(const std::uint8_t * source, const Places & at, std::span<std::uint8_t> result)
{
  for (std::size_t i = 0; i < result.size(); ++i)
    result[i] = source[at.nearest[i]];
}

/// Intensities of one row: value -> low + (curve(value) - low) * bias, times contrast plus brightness.
struct Tone
{
  float         low, range; ///< of the source
  const float * curve;      ///< of the gamma; null: none
  float         contrast, brightness;
  float         b0, b1, b2; ///< bias over the row: b0 + b1 * u + b2 * (3 u^2 - 1) / 2, u in [-1, 1]
  bool          hasBias;
};

// Not cloned, as Interpolate.
void ApplyGamma(const Tone & tone, std::span<float> row)
{
  const float scale = 4096 / tone.range;
  for (float & value : row)
  {
    const float t = std::min(std::max((value - tone.low) * scale, 0.0F), 4096.0F);
    const auto  k = static_cast<std::int32_t>(t);
    value = tone.low + tone.range * (tone.curve[k] + (t - static_cast<float>(k)) * (tone.curve[k + 1] - tone.curve[k]));
  }
}

SERVAL_VECTOR_CLONES void Shade(const Tone & tone, std::size_t count, float * row)
{
  if (tone.hasBias)
    for (std::size_t i = 0; i < count; ++i)
    {
      const float u = count > 1 ? 2 * static_cast<float>(static_cast<std::int32_t>(i)) / static_cast<float>(count - 1) - 1 : 0;
      row[i] = tone.low + (row[i] - tone.low) * (1 + tone.b0 + tone.b1 * u + tone.b2 * (1.5F * u * u - 0.5F));
    }
  if (tone.contrast != 1 || tone.brightness != 0)
    for (std::size_t i = 0; i < count; ++i)
      row[i] = row[i] * tone.contrast + tone.brightness;
}

SERVAL_VECTOR_CLONES void AddNoise(std::uint32_t seed, std::uint32_t first, float deviation, std::size_t count, float * row)
{
  for (std::uint32_t i = 0; i < static_cast<std::uint32_t>(count); ++i)
    row[i] += deviation * Noise(seed, first + i);
}

SERVAL_VECTOR_CLONES void MinMax(const float * values, std::size_t count, float & low, float & high)
{
  float least = values[0], most = values[0];
  for (std::size_t i = 0; i < count; ++i)
  {
    least = values[i] < least ? values[i] : least;
    most = values[i] > most ? values[i] : most;
  }
  low = least;
  high = most;
}

// Along one axis, edges repeated. `stride`: between neighbours; rows of `inner` numbers are summed at once.
void BlurAlong(const std::vector<float> & kernel, std::int64_t edge, std::int64_t stride, std::int64_t outer, std::span<float> data)
{
  const auto         radius = static_cast<std::int64_t>(kernel.size() / 2);
  std::vector<float> line(static_cast<std::size_t>(edge * stride));
  for (std::int64_t o = 0; o < outer; ++o)
  {
    float * block = data.data() + o * edge * stride;
    std::fill(line.begin(), line.end(), 0.0F);
    for (std::int64_t i = 0; i < edge; ++i)
      for (std::int64_t k = -radius; k <= radius; ++k)
      {
        const float * from = block + std::clamp<std::int64_t>(i + k, 0, edge - 1) * stride;
        const float   weight = kernel[static_cast<std::size_t>(k + radius)];
        float *       to = line.data() + i * stride;
        for (std::int64_t s = 0; s < stride; ++s)
          to[s] += weight * from[s];
      }
    std::copy(line.begin(), line.end(), block);
  }
}

float Unit(std::int64_t i, std::int64_t edge) { return edge > 1 ? 2 * float(i) / float(edge - 1) - 1 : 0; }

/// One sample's rows.
class Sampler
{
public:
  Sampler(const SampleAugmentation & sample, const Extent & patch)
    : m_Sample(sample)
    , m_Patch(patch)
    , m_X(SplineWeights(patch.x))
    , m_Y(SplineWeights(patch.y))
    , m_Z(SplineWeights(patch.z))
  {
    const auto width = static_cast<std::size_t>(patch.x);
    m_Places = { std::vector<std::int32_t>(width), std::vector<std::int32_t>(width), std::vector<float>(width), std::vector<float>(width), std::vector<float>(width) };
  }

  const Places & At(std::int64_t y, std::int64_t z)
  {
    const auto &  m = m_Sample.matrix;
    const double  cx = double(m_Patch.x - 1) / 2, cy = double(m_Patch.y - 1) / 2, cz = double(m_Patch.z - 1) / 2, oy = double(y) - cy, oz = double(z) - cz;
    const Line    line{ float(cx + m_Sample.shift[0] - m[0] * cx + m[1] * oy + m[2] * oz), float(cy + m_Sample.shift[1] - m[3] * cx + m[4] * oy + m[5] * oz),
                     float(cz + m_Sample.shift[2] - m[6] * cx + m[7] * oy + m[8] * oz), float(m[0]), float(m[3]), float(m[6]) };
    const auto count = static_cast<std::size_t>(m_Patch.x);
    Straight(line, count, m_Places.x.data(), m_Places.y.data(), m_Places.z.data());
    if (!m_Sample.elastic.empty())
    {
      const auto control = ControlOf(y, z);
      Bend(control, m_X, count, m_Places.x.data(), m_Places.y.data(), m_Places.z.data());
    }
    Place(GridOf(m_Patch), count, m_Places.x.data(), m_Places.y.data(), m_Places.z.data(), m_Places.first.data(), m_Places.nearest.data());
    return m_Places;
  }

private:
  // The control grid summed over y and z.
  std::array<Four, knots> ControlOf(std::int64_t y, std::int64_t z) const
  {
    std::array<Four, knots> control{};
    const auto              iy = static_cast<std::size_t>(y), iz = static_cast<std::size_t>(z);
    for (int axis = 0; axis < 3; ++axis)
      for (int b = 0; b < 4; ++b)
        for (int a = 0; a < 4; ++a)
        {
          const float   weight = m_Z.weights[iz][std::size_t(b)] * m_Y.weights[iy][std::size_t(a)];
          const float * from = m_Sample.elastic.data() + ((axis * knots + m_Z.first[iz] + b) * knots + m_Y.first[iy] + a) * knots;
          for (int k = 0; k < knots; ++k)
            control[std::size_t(k)][axis] += weight * from[k];
        }
    return control;
  }

  const SampleAugmentation & m_Sample;
  Extent                     m_Patch;
  SplineRow                  m_X, m_Y, m_Z;
  Places                     m_Places;
};

Tone ToneOf(const SampleAugmentation & s, std::span<const float> source, const std::vector<float> & curve)
{
  Tone tone{ 0, 1, curve.empty() ? nullptr : curve.data(), float(s.contrast), float(s.brightness), 0, 0, 0, s.HasBias() };
  if (tone.curve != nullptr || tone.hasBias)
  {
    float high = 0;
    MinMax(source.data(), source.size(), tone.low, high);
    tone.range = std::max(high - tone.low, 1e-12F);
  }
  return tone;
}

void SetBias(const SampleAugmentation & s, float v, float w, Tone & tone)
{
  const auto & b = s.bias;
  const auto   legendre = [](float t) { return 1.5F * t * t - 0.5F; };
  tone.b0 = float(b[1]) * v + float(b[2]) * w + float(b[4]) * legendre(v) + float(b[5]) * legendre(w) + float(b[8]) * v * w;
  tone.b1 = float(b[0]) + float(b[6]) * v + float(b[7]) * w;
  tone.b2 = float(b[3]);
}

} // namespace

float HashedNoise(std::uint32_t seed, std::uint32_t place) { return Noise(seed, place); }

void Augment(const SampleAugmentation & s, const Extent & patch, int channels, std::span<const float> image, std::span<float> result, std::span<const std::uint8_t> labels,
             std::span<std::uint8_t> resultLabels)
{
  const auto  grid = GridOf(patch);
  const auto  voxels = static_cast<std::size_t>(patch.Voxels()), width = static_cast<std::size_t>(patch.x);
  const bool  moves = s.MovesVoxels();
  const auto  curve = s.gamma != 1 ? GammaCurve(s.gamma) : std::vector<float>();
  Sampler     sampler(s, patch);
  const bool  isBlurred = s.blur > 0.05;
  for (int c = 0; c < channels; ++c)
  {
    const auto source = image.subspan(std::size_t(c) * voxels, voxels);
    const auto target = result.subspan(std::size_t(c) * voxels, voxels);
    Tone       tone = ToneOf(s, source, curve);
    for (std::int64_t z = 0; z < patch.z; ++z)
      for (std::int64_t y = 0; y < patch.y; ++y)
      {
        const auto at = static_cast<std::size_t>((z * patch.y + y) * patch.x);
        float *    row = target.data() + at;
        if (moves)
        {
          const auto & from = sampler.At(y, z);
          Interpolate(source.data(), grid, from, { row, width });
          if (c == 0 && !labels.empty())
            Nearest(labels.data(), from, { resultLabels.data() + at, width });
        }
        else
          std::copy_n(source.data() + at, width, row);
        SetBias(s, Unit(y, patch.y), Unit(z, patch.z), tone);
        if (tone.curve != nullptr)
          ApplyGamma(tone, { row, width });
        Shade(tone, width, row);
        if (s.noise > 0 && !isBlurred)
          AddNoise(s.noiseSeed + std::uint32_t(c), std::uint32_t(at), float(s.noise), width, row);
      }
    if (isBlurred)
    {
      const auto kernel = GaussianKernel(s.blur);
      BlurAlong(kernel, patch.x, 1, patch.y * patch.z, target);
      BlurAlong(kernel, patch.y, patch.x, patch.z, target);
      if (patch.z > 1)
        BlurAlong(kernel, patch.z, patch.x * patch.y, 1, target);
      if (s.noise > 0)
        AddNoise(s.noiseSeed + std::uint32_t(c), 0, float(s.noise), voxels, target.data());
    }
    for (std::int64_t z = s.cutFirst.z; z < s.cutFirst.z + s.cutSize.z; ++z)
      for (std::int64_t y = s.cutFirst.y; y < s.cutFirst.y + s.cutSize.y; ++y)
        std::fill_n(target.data() + (z * patch.y + y) * patch.x + s.cutFirst.x, s.cutSize.x, 0.0F);
  }
  if (!moves && !labels.empty())
    std::copy(labels.begin(), labels.end(), resultLabels.begin());
}

} // namespace serval
