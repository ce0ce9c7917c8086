#include "DicomStack.h"

#include "serval/Core/Error.h"
#include "serval/Core/Text.h"

#include <algorithm>
#include <cmath>
#include <numbers>
#include <numeric>
#include <optional>

namespace serval
{
namespace
{

double Dot(const Point & a, const Point & b) { return a[0] * b[0] + a[1] * b[1] + a[2] * b[2]; }
Point  Difference(const Point & a, const Point & b) { return { a[0] - b[0], a[1] - b[1], a[2] - b[2] }; }

Point UnitNormal(const DicomPlane & plane)
{
  Point        n = NormalOf(plane);
  const double length = std::sqrt(Dot(n, n));
  for (double & part : n)
    part /= length;
  return n;
}

double Degrees(double radians) { return radians * 180 / std::numbers::pi; }

std::string Count(std::size_t count, const std::string & one)
{
  return Concat(count, ' ', one, count == 1 ? "" : "s");
}

std::optional<SeriesProblem> FindDoubles(const DicomStack & stack)
{
  const std::size_t doubled = stack.Doubled();
  if (doubled == 0)
    return std::nullopt;
  std::size_t first = 0;
  while (stack.Gap(first) > samePlace)
    ++first;
  return SeriesProblem{ "duplicate-position", Count(doubled, "slice") + (doubled == 1 ? " stands" : " stand") +
                                                " where another one stands, the first at " + FormatFixed(stack.At(first), 3) +
                                                " mm along the normal" };
}

// Shifts that grow evenly are a tilt; others are an uneven stack.
void FindShifts(const DicomStack & stack, std::vector<SeriesProblem> & problems)
{
  const std::size_t last = stack.Gaps();
  const auto        total = stack.Shift(last);
  const double      length = stack.At(last) - stack.At(0);
  const double      pixel = std::min(stack.First().spacing[0], stack.First().spacing[1]);
  if (std::hypot(total[0], total[1]) > 0.25 * pixel && length > samePlace)
  {
    const double main = std::abs(total[1]) >= std::abs(total[0]) ? total[1] : total[0];
    const double angle = Degrees(std::atan2(std::copysign(std::hypot(total[0], total[1]), main), length));
    problems.push_back({ "gantry-tilt", Concat(FormatFixed(angle, 2), " degrees: the slices shift by ",
                                               FormatFixed(std::hypot(total[0], total[1]), 2), " mm within their plane over ",
                                               FormatFixed(length, 2), " mm") });
  }
  for (std::size_t i = 1; i < last && length > samePlace; ++i)
  {
    const double share = (stack.At(i) - stack.At(0)) / length;
    const auto   shift = stack.Shift(i);
    const double beside = std::hypot(shift[0] - share * total[0], shift[1] - share * total[1]);
    if (beside > 0.25 * pixel)
    {
      problems.push_back({ "uneven-spacing", Concat("the slice at ", FormatFixed(stack.At(i), 3), " mm lies ", FormatFixed(beside, 3),
                                                    " mm beside the line of the others") });
      return;
    }
  }
}

struct GapFindings
{
  std::size_t missing = 0, uneven = 0;
  std::string firstMissing, firstUneven;
};

GapFindings FindGaps(const DicomStack & stack)
{
  GapFindings  found;
  const double usual = stack.UsualGap(), allowed = stack.GapTolerance();
  for (std::size_t i = 0; i < stack.Gaps(); ++i)
  {
    const double gap = stack.Gap(i), steps = std::round(gap / usual);
    if (gap <= samePlace || std::abs(gap - usual) <= allowed)
      continue;
    const bool        isMissing = steps >= 2 && std::abs(gap - steps * usual) <= steps * allowed;
    const std::string place = Concat("between ", FormatFixed(stack.At(i), 3), " and ", FormatFixed(stack.At(i + 1), 3), " mm: ",
                                     FormatFixed(gap, 3), " mm where ", FormatFixed(usual, 3), " mm is usual");
    auto & first = isMissing ? found.firstMissing : found.firstUneven;
    if (first.empty())
      first = place;
    found.missing += isMissing ? static_cast<std::size_t>(steps) - 1 : 0;
    found.uneven += isMissing ? 0 : 1;
  }
  return found;
}

} // namespace

DicomStack::DicomStack(std::vector<DicomPlane> unsorted)
  : planes(std::move(unsorted))
  , normal(UnitNormal(planes.front()))
{
  std::stable_sort(planes.begin(), planes.end(), [this](const DicomPlane & a, const DicomPlane & b) {
    return Dot(a.position, normal) < Dot(b.position, normal);
  });
}

double DicomStack::At(std::size_t plane) const { return Dot(planes[plane].position, normal); }

std::array<double, 2> DicomStack::Shift(std::size_t plane) const
{
  const Point  way = Difference(planes[plane].position, planes.front().position);
  const auto & o = planes.front().orientation;
  return { Dot(way, { o[0], o[1], o[2] }), Dot(way, { o[3], o[4], o[5] }) };
}

double DicomStack::UsualGap() const
{
  std::vector<double> gaps;
  for (std::size_t i = 0; i < Gaps(); ++i)
    if (Gap(i) > samePlace)
      gaps.push_back(Gap(i));
  if (gaps.empty())
    return 0;
  const auto middle = gaps.begin() + static_cast<std::ptrdiff_t>((gaps.size() - 1) / 2);
  std::nth_element(gaps.begin(), middle, gaps.end());
  return *middle;
}

double DicomStack::GapTolerance() const { return std::max(0.01, 0.01 * UsualGap()); }

std::size_t DicomStack::Doubled() const
{
  std::size_t doubled = 0;
  for (std::size_t i = 0; i < Gaps(); ++i)
    doubled += Gap(i) > samePlace ? 0 : 1;
  return doubled;
}

std::vector<SeriesProblem> ProblemsOf(const DicomStack & stack)
{
  std::vector<SeriesProblem> problems;
  if (const auto doubles = FindDoubles(stack))
    problems.push_back(*doubles);
  FindShifts(stack, problems);
  const GapFindings gaps = FindGaps(stack);
  if (gaps.missing > 0)
    problems.push_back({ "missing-slice", Count(gaps.missing, "slice") + ", the first " + gaps.firstMissing });
  if (gaps.uneven > 0)
    problems.push_back({ "uneven-spacing", Count(gaps.uneven, "gap") + " of " + std::to_string(stack.Gaps()) + ", the first " +
                                             gaps.firstUneven });
  const auto rescaled = static_cast<std::size_t>(
    std::count_if(stack.planes.begin(), stack.planes.end(), [](const DicomPlane & p) { return p.isRescaled; }));
  if (rescaled != 0 && rescaled != stack.planes.size())
    problems.push_back({ "partial-rescale", Concat("RescaleSlope and RescaleIntercept stand in ", rescaled, " of ",
                                                   stack.planes.size(), " slices") });
  return problems;
}

double AngleBetween(const DicomPlane & a, const DicomPlane & b)
{
  return Degrees(std::acos(std::min(1.0, std::abs(Dot(UnitNormal(a), UnitNormal(b))))));
}

} // namespace serval
