#include "DicomGroups.h"

#include "DicomStack.h"

#include <algorithm>
#include <cmath>
#include <map>

namespace serval
{
namespace
{

using Group = std::vector<DicomPlane>;

bool AreAlike(const DicomPlane & a, const DicomPlane & b)
{
  bool alike = a.hasPlace == b.hasPlace && a.file->record.kind == b.file->record.kind && a.file->rows == b.file->rows &&
               a.file->columns == b.file->columns && a.file->record.modality == b.file->record.modality;
  for (std::size_t i = 0; i < 6; ++i)
    alike = alike && std::abs(a.orientation[i] - b.orientation[i]) <= 1e-3;
  for (std::size_t i = 0; i < 2; ++i)
    alike = alike && std::abs(a.spacing[i] - b.spacing[i]) <= 1e-3 * a.spacing[i];
  return alike;
}

std::string KeyOf(const DicomPlane & plane, std::size_t key) { return key < plane.keys.size() ? plane.keys[key] : std::string(); }

std::vector<Group> PartedBy(const Group & group, std::size_t key)
{
  std::map<std::string, Group> parts;
  for (const auto & plane : group)
    parts[KeyOf(plane, key)].push_back(plane);
  std::vector<Group> all;
  for (auto & [value, part] : parts)
    all.push_back(std::move(part));
  return all;
}

struct Evenness
{
  std::size_t doubled = 0;
  bool        isEven = false;
};

Evenness EvennessOf(const Group & group)
{
  const DicomStack stack(group);
  Evenness         result{ stack.Doubled(), group.size() >= 3 };
  for (std::size_t i = 0; i < stack.Gaps(); ++i)
    result.isEven = result.isEven && std::abs(stack.Gap(i) - stack.UsualGap()) <= stack.GapTolerance();
  return result;
}

// Fewer planes at one place, in parts that are mostly stacks; or an uneven whole of even parts.
bool IsBetter(const Evenness & whole, const std::vector<Group> & parts)
{
  std::size_t doubled = 0, single = 0;
  bool        areEven = true;
  for (const auto & part : parts)
  {
    const Evenness evenness = EvennessOf(part);
    doubled += evenness.doubled;
    areEven = areEven && evenness.isEven;
    single += part.size() == 1;
  }
  return (doubled < whole.doubled && 2 * single <= parts.size()) || (!whole.isEven && areEven);
}

void Part(const Group & group, std::vector<Group> & result)
{
  const Evenness whole = EvennessOf(group);
  if (whole.isEven && whole.doubled == 0)
    return result.push_back(group);
  std::size_t keys = 0;
  for (const auto & plane : group)
    keys = std::max(keys, plane.keys.size());
  for (std::size_t key = 0; key < keys; ++key)
  {
    const auto parts = PartedBy(group, key);
    if (parts.size() < 2 || !IsBetter(whole, parts))
      continue;
    for (const auto & part : parts)
      Part(part, result);
    return;
  }
  result.push_back(group);
}

} // namespace

std::vector<Group> GroupPlanes(std::vector<DicomPlane> planes)
{
  std::map<std::string, std::vector<Group>> bySeries;
  for (auto & plane : planes)
  {
    auto &     groups = bySeries[plane.file->record.seriesUid];
    const auto home = std::find_if(groups.begin(), groups.end(), [&](auto & group) { return AreAlike(group.front(), plane); });
    if (home == groups.end())
      groups.push_back({ std::move(plane) });
    else
      home->push_back(std::move(plane));
  }
  std::vector<Group> result;
  for (const auto & [series, groups] : bySeries)
    for (const auto & group : groups)
      if (group.front().hasPlace && group.size() > 1)
        Part(group, result);
      else
        result.push_back(group);
  return result;
}

} // namespace serval
