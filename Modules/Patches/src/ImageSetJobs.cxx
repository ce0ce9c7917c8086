#include "serval/Core/Error.h"
#include "serval/Core/Hash.h"
#include "serval/Patches/Extraction.h"
#include "serval/Patches/Intensity.h"

#include <algorithm>
#include <map>
#include <memory>
#include <random>

namespace serval
{
namespace
{

// The image in the middle of a patch of the plan's size, as large as fits.
ExtractionPlan PlanFor(const SetImage & image, const Extent & found, const ExtractionPlan & plan)
{
  ExtractionPlan one = plan;
  one.sampling = {};
  one.sampling.sampler = SamplingPlan::Sampler::Candidates;
  if (plan.classFrom != ExtractionPlan::ClassSource::Centre)
    one.classFrom = ExtractionPlan::ClassSource::Case;
  if (found == plan.shape.size)
    return one;
  Require(plan.imageSet->isResampled, Fault::Input, "image ", image.id, " has ", ToText(found),
          " pixels, the first one ", ToText(plan.shape.size), "; --size brings all to one size");
  const auto & size = plan.shape.size;
  const double edge = std::max(double(found.x) / double(size.x), double(found.y) / double(size.y));
  one.shape.spacing = { edge, edge, found.z == 1 ? 1 : double(found.z) / double(size.z) };
  one.shape.border = PatchShape::Border::Pad;
  return one;
}

CasePatches CutImage(const SetImage & image, CaseImages & images, const ExtractionPlan & plan, CutCounts & counts)
{
  const bool hasClass = plan.classFrom != ExtractionPlan::ClassSource::Centre || images.labels;
  Require(hasClass, Fault::Input, "image ", image.id, " has no segmentation whose label at the centre could be its class; --classFrom case takes the classes that the set names");
  const Extent & found = images.channels.front().geometry.extent;
  images.candidates = { { { double(found.x - 1) / 2, double(found.y - 1) / 2, double(found.z - 1) / 2 },
                          Coordinates::Index,
                          image.id,
                          "",
                          {} } };
  images.caseClass = image.classIndex;
  std::mt19937_64 random; // nothing is drawn
  return CutPatches(images, PlanFor(image, found, plan), random, counts);
}

void Append(CasePatches & all, CasePatches more)
{
  if (all.Count() == 0)
    all.type = more.type;
  Require(all.type == more.type, Fault::Input, "the images of one patient have different voxel types");
  const auto join = [](auto & to, const auto & from) { to.insert(to.end(), from.begin(), from.end()); };
  join(all.image, more.image);
  join(all.segmentation, more.segmentation);
  join(all.classes, more.classes);
  join(all.geometries, more.geometries);
  join(all.corners, more.corners);
  join(all.candidates, more.candidates);
}

// Over all images of the patient, channel by channel.
std::vector<IntensitySummary> SummariseTogether(const std::vector<CaseImages> & all)
{
  std::vector<IntensitySummary> summaries;
  for (std::size_t c = 0; c < all.front().channels.size(); ++c)
  {
    Volume together = all.front().channels[c];
    std::visit(
      [&]<typename T>(std::vector<T> & voxels) {
        for (std::size_t n = 1; n < all.size(); ++n)
          if (const auto * more = std::get_if<std::vector<T>>(&all[n].channels[c].voxels))
            voxels.insert(voxels.end(), more->begin(), more->end());
      },
      together.voxels);
    summaries.push_back(Summarise(together));
  }
  return summaries;
}

CasePatches CutAll(const ImageSet & set, const std::vector<std::size_t> & members, std::vector<CaseImages> & all,
                   const ExtractionPlan & plan, CutCounts & counts)
{
  CasePatches patches;
  for (std::size_t n = 0; n < members.size(); ++n)
    Append(patches, CutImage(set.images[members[n]], all[n], plan, counts));
  patches.intensity = SummariseTogether(all);
  return patches;
}

ReadCase Read(const ImageSet & set, const std::vector<std::size_t> & members, const ExtractionPlan & plan)
{
  auto        all = std::make_shared<std::vector<CaseImages>>();
  std::string voxels, labels;
  for (const std::size_t n : members)
  {
    all->push_back(set.read(n));
    voxels += SourceFingerprint(all->back());
    labels += LabelFingerprint(all->back()) + std::to_string(set.images[n].classIndex) + " " + set.images[n].id + "\n";
  }
  const auto   hash = [](const std::string & text) { return ContentHash(std::as_bytes(std::span(text))); };
  const auto & first = set.images[members.front()];
  CaseSource   source{ members.size() == 1 ? first.id : first.patient, first.patient, "", "",
                     members.size() == 1 ? voxels : hash(voxels),    hash(labels) };
  return { std::move(source),
           [&set, &members, &plan, all](CutCounts & counts) { return CutAll(set, members, *all, plan, counts); } };
}

} // namespace

std::vector<ExtractionJob> JobsOf(const ImageSet & set, const ExtractionPlan & plan)
{
  std::vector<std::shared_ptr<std::vector<std::size_t>>>           groups;
  std::map<std::string, std::shared_ptr<std::vector<std::size_t>>> ofPatient;
  for (std::size_t n = 0; n < set.images.size(); ++n)
  {
    auto & group = ofPatient[set.images[n].patient];
    if (!group)
      groups.push_back(group = std::make_shared<std::vector<std::size_t>>());
    group->push_back(n);
  }
  std::vector<ExtractionJob> jobs;
  for (const auto & group : groups)
  {
    const auto & first = set.images[group->front()];
    jobs.push_back(
      { group->size() == 1 ? first.id : first.patient, 0, [&set, &plan, group] { return Read(set, *group, plan); } });
  }
  return jobs;
}

} // namespace serval
