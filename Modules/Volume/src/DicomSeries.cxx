#include "DicomSeries.h"

#include "GridChecks.h"
#include "serval/Core/Error.h"
#include "serval/Core/Text.h"

#include <gdcmTrace.h>

#include <algorithm>
#include <cmath>
#include <numbers>
#include <tuple>

namespace serval
{
namespace
{

namespace fs = std::filesystem;

double Dot(const Point & a, const Point & b) { return a[0] * b[0] + a[1] * b[1] + a[2] * b[2]; }
Point  Difference(const Point & a, const Point & b) { return { a[0] - b[0], a[1] - b[1], a[2] - b[2] }; }
double Length(const Point & a) { return std::sqrt(Dot(a, a)); }

Point Normal(const DicomSlice & slice)
{
  const auto & o = slice.orientation;
  const Point  n{ o[1] * o[5] - o[2] * o[4], o[2] * o[3] - o[0] * o[5], o[0] * o[4] - o[1] * o[3] };
  const double length = Length(n);
  Require(length > 0.99 && length < 1.01, Fault::Input, "the DICOM image '", slice.file.string(),
          "' has an ImageOrientationPatient whose axes are not perpendicular unit vectors (cross product ", length, ')');
  return { n[0] / length, n[1] / length, n[2] / length };
}

bool AreAlike(const DicomSlice & a, const DicomSlice & b)
{
  bool alike = a.series == b.series && a.rows == b.rows && a.columns == b.columns;
  for (std::size_t i = 0; i < 6; ++i)
    alike = alike && std::abs(a.orientation[i] - b.orientation[i]) <= 1e-3;
  for (std::size_t i = 0; i < 2; ++i)
    alike = alike && std::abs(a.spacing[i] - b.spacing[i]) <= 1e-3 * a.spacing[i];
  return alike;
}

std::string Listing(const std::vector<DicomSeries> & all)
{
  std::string text;
  for (std::size_t i = 0; i < all.size(); ++i)
  {
    const auto & s = all[i].front();
    text += Concat(i ? "; " : "", i + 1, ": ", s.modality.empty() ? "?" : s.modality, ", ", all[i].size(),
                   all[i].size() == 1 ? " slice" : " slices", " of ", s.columns, 'x', s.rows, " voxels of ",
                   FormatFixed(s.spacing[1], 3), 'x', FormatFixed(s.spacing[0], 3), " mm, ", s.series);
  }
  return text;
}

DicomSeries ChooseSeries(std::vector<DicomSeries> all, const std::string & wanted, const fs::path & path)
{
  if (wanted.empty())
  {
    Require(all.size() == 1, Fault::Input, "'", path.string(), "' holds ", all.size(),
            " DICOM series; name one by its number or its SeriesInstanceUID (option series): ", Listing(all));
    return all.front();
  }
  const auto number = ParseInteger(wanted);
  if (number && *number >= 1 && *number <= static_cast<long long>(all.size()))
    return all[static_cast<std::size_t>(*number - 1)];
  std::vector<DicomSeries> fitting;
  for (const auto & series : all)
    if (series.front().series == wanted)
      fitting.push_back(series);
  Require(!fitting.empty(), Fault::Input, "'", path.string(), "' holds no DICOM series '", wanted, "'; it holds ", Listing(all));
  Require(fitting.size() == 1, Fault::Input, "the DICOM series '", wanted, "' of '", path.string(),
          "' holds planes of several orientations or sizes; name one by its number: ", Listing(all));
  return fitting.front();
}

/// Sorted slices with their places along the normal.
struct Stack
{
  const DicomSeries & slices;
  const fs::path &    path;
  Point               normal;

  double At(std::size_t i) const { return Dot(slices[i].position, normal); }
  double Gap(std::size_t i) const { return At(i + 1) - At(i); }
  std::size_t Gaps() const { return slices.size() - 1; }
  /// 'file' at 12.50 mm
  std::string Name(std::size_t i) const
  {
    const auto & slice = slices[i];
    return Concat('\'', slice.file.filename().string(), '\'', slice.isMultiFrame ? Concat(" frame ", slice.frame + 1) : "",
                  " at ", FormatFixed(At(i), 3), " mm");
  }
};

void RequireNoDoubles(const Stack & stack)
{
  std::size_t doubled = 0, first = 0;
  for (std::size_t i = 0; i < stack.Gaps(); ++i)
    if (!(stack.Gap(i) > 0.01) && doubled++ == 0)
      first = i;
  Require(doubled == 0, Fault::Input, "the DICOM series of '", stack.path.string(), "' has ", doubled,
          " doubled slice positions (several echoes, time points or copies), first ", stack.Name(first), " and ",
          stack.Name(first + 1), "; keep one slice at each position");
}

void RequireNoTilt(const Stack & stack)
{
  const auto lateral = [&](std::size_t from, std::size_t to) {
    Point shift = Difference(stack.slices[to].position, stack.slices[from].position);
    const double along = Dot(shift, stack.normal);
    for (std::size_t axis = 0; axis < 3; ++axis)
      shift[axis] -= along * stack.normal[axis];
    return Length(shift);
  };
  const std::size_t last = stack.Gaps();
  const double      total = lateral(0, last), length = stack.At(last) - stack.At(0);
  const auto &      spacing = stack.slices.front().spacing;
  Require(total <= 0.25 * std::min(spacing[0], spacing[1]), Fault::Input, "the DICOM series of '", stack.path.string(),
          "' is tilted (gantry tilt): its slices shift by ", FormatFixed(total, 2), " mm within their plane over ",
          FormatFixed(length, 2), " mm, ", FormatFixed(std::atan2(total, length) * 180 / std::numbers::pi, 2),
          " degrees; resample it to a grid with right angles first");
  for (std::size_t i = 0; i < last; ++i)
    Require(lateral(i, i + 1) <= std::max(0.01, 0.01 * stack.Gap(i)) || lateral(i, i + 1) <= 0.1 * spacing[0], Fault::Input,
            "the DICOM series of '", stack.path.string(), "' is shifted within its plane by ",
            FormatFixed(lateral(i, i + 1), 3), " mm between ", stack.Name(i), " and ", stack.Name(i + 1));
}

void RequireEvenGaps(const Stack & stack)
{
  std::vector<double> sorted(stack.Gaps());
  for (std::size_t i = 0; i < sorted.size(); ++i)
    sorted[i] = stack.Gap(i);
  std::nth_element(sorted.begin(), sorted.begin() + static_cast<std::ptrdiff_t>((sorted.size() - 1) / 2), sorted.end());
  const double usual = sorted[(sorted.size() - 1) / 2], allowed = std::max(0.01, 0.01 * usual);
  for (std::size_t i = 0; i < stack.Gaps(); ++i)
  {
    const double gap = stack.Gap(i), steps = std::round(gap / usual);
    if (std::abs(gap - usual) <= allowed)
      continue;
    const bool isMissing = steps >= 2 && std::abs(gap - steps * usual) <= steps * allowed;
    Fail(Fault::Input, "the DICOM series of '", stack.path.string(), "' ",
         isMissing ? Concat("misses ", steps - 1, steps > 2 ? " slices" : " slice") : "is unevenly spaced", " between ",
         stack.Name(i), " and ", stack.Name(i + 1), ": ", FormatFixed(gap, 3), " mm where ", FormatFixed(usual, 3),
         " mm is usual");
  }
}

std::vector<DicomSlice> ReadFolder(const fs::path & path)
{
  std::vector<fs::path> files;
  for (const auto & entry : fs::directory_iterator(path))
    if (entry.is_regular_file() && !entry.path().filename().string().starts_with('.'))
      files.push_back(entry.path());
  Require(!files.empty(), Fault::Input, "the folder '", path.string(), "' holds no file; a DICOM series is expected");
  std::sort(files.begin(), files.end());
  std::vector<DicomSlice> slices;
  for (const auto & file : files)
  {
    const auto found = ReadDicomHeader(file);
    slices.insert(slices.end(), found.begin(), found.end());
  }
  Require(!slices.empty(), Fault::Input, "the folder '", path.string(), "' holds ", files.size(),
          " files but no DICOM image; name a folder with one DICOM series (folders in it are not searched)");
  return slices;
}

} // namespace

std::vector<DicomSeries> GroupIntoSeries(const std::vector<DicomSlice> & slices)
{
  std::vector<DicomSeries> all;
  for (const auto & slice : slices)
  {
    const auto home = std::find_if(all.begin(), all.end(), [&](auto & series) { return AreAlike(series.front(), slice); });
    if (home == all.end())
      all.push_back({ slice });
    else
      home->push_back(slice);
  }
  std::stable_sort(all.begin(), all.end(), [](const DicomSeries & a, const DicomSeries & b) {
    return std::tie(a.front().seriesNumber, a.front().series) < std::tie(b.front().seriesNumber, b.front().series);
  });
  return all;
}

Geometry StackSlices(DicomSeries & slices, const fs::path & path)
{
  Require(slices.size() >= 2, Fault::Input, "the DICOM series of '", path.string(),
          "' has 1 slice; a volume of at least 2 is expected (name the folder of the series)");
  const Point normal = Normal(slices.front());
  std::stable_sort(slices.begin(), slices.end(), [&](const DicomSlice & a, const DicomSlice & b) {
    return Dot(a.position, normal) < Dot(b.position, normal);
  });
  const Stack stack{ slices, path, normal };
  RequireNoDoubles(stack);
  RequireNoTilt(stack);
  RequireEvenGaps(stack);
  const auto & first = slices.front();
  const auto & o = first.orientation;
  Geometry     geometry;
  geometry.extent = { first.columns, first.rows, static_cast<std::int64_t>(slices.size()) };
  geometry.spacing = { first.spacing[1], first.spacing[0],
                       (stack.At(stack.Gaps()) - stack.At(0)) / static_cast<double>(stack.Gaps()) };
  geometry.origin = first.position;
  geometry.direction = { o[0], o[3], normal[0], o[1], o[4], normal[1], o[2], o[5], normal[2] };
  RequireRightAngles(geometry, path);
  return geometry;
}

} // namespace serval

extern "C" __attribute__((visibility("default"))) void ServalReadDicom(const std::filesystem::path & path,
                                                                       const std::string & series, serval::Volume & volume)
{
  using namespace serval;
  gdcm::Trace::DebugOff();
  gdcm::Trace::WarningOff(); // a Slicer module keeps stderr empty
  gdcm::Trace::ErrorOff();
  const auto slices = fs::is_directory(path) ? ReadFolder(path) : ReadDicomHeader(path);
  Require(!slices.empty(), Fault::Input, "the DICOM file '", path.string(), "' holds no image");
  DicomSeries chosen = ChooseSeries(GroupIntoSeries(slices), series, path);
  volume.geometry = StackSlices(chosen, path);
  volume.modality = chosen.front().modality;
  volume.voxels = ReadDicomVoxels(chosen);
}
