#include "serval/Inference/Probabilities.h"

#include "serval/Core/Error.h"
#include "serval/Core/Text.h"

#include <algorithm>
#include <cmath>
#include <limits>
#include <map>
#include <utility>

namespace serval
{
namespace
{

using Names = std::vector<std::string>;

constexpr auto leftOut = std::numeric_limits<std::size_t>::max(); // a label that is no class

std::map<std::string, std::string> ReadRules(const Names & rules, const Names & labels, const Names & classes)
{
  const auto known = [](const std::string & name, const Names & names, const char * what) {
    const auto near = NearestWord(name, names);
    Require(std::find(names.begin(), names.end(), name) != names.end(), Fault::Usage, "--labelClasses: ", what, " '", name, "' is unknown; there are ",
            Join(names, ", "), near.empty() ? "" : "; did you mean " + near + "?");
  };
  std::map<std::string, std::string> read;
  for (const auto & rule : rules)
  {
    const auto equals = rule.find('=');
    Require(equals != std::string::npos, Fault::Usage, "--labelClasses: '", rule, "' is not LABEL=CLASS");
    const auto label = rule.substr(0, equals), name = rule.substr(equals + 1);
    known(label, labels, "the model's label");
    if (!name.empty())
      known(name, classes, "the cache's class");
    Require(read.emplace(label, name).second, Fault::Usage, "--labelClasses: the label '", label, "' stands twice");
  }
  return read;
}

Names LeftOver(const Names & labels, const Names & classes, const std::vector<std::size_t> & found, bool ofClasses)
{
  Names left;
  for (std::size_t i = 0; i < (ofClasses ? classes : labels).size(); ++i)
    if (ofClasses ? std::find(found.begin(), found.end(), i) == found.end() : found[i] == classes.size())
      left.push_back((ofClasses ? classes : labels)[i]);
  return left;
}

// Logits [label, z, y, x] of one patch.
void AddCentre(std::span<const float> logits, std::size_t labels, const Extent & patch, const std::vector<std::size_t> & classOfLabel, std::span<float> classes)
{
  const auto voxels = static_cast<std::size_t>(patch.Voxels());
  Require(logits.size() == labels * voxels, Fault::Input, "the model's segmentation has another size than a patch of ", ToText(patch), " voxels");
  const auto          at = CentreVoxel(patch);
  const auto          centre = static_cast<std::size_t>(at.x + patch.x * (at.y + patch.y * at.z));
  std::vector<double> exponentials;
  double              most = std::numeric_limits<double>::lowest(), sum = 0;
  for (std::size_t label = 0; label < labels; ++label)
    if (classOfLabel[label] != leftOut)
      most = std::max<double>(most, logits[label * voxels + centre]);
  for (std::size_t label = 0; label < labels; ++label)
    sum += exponentials.emplace_back(classOfLabel[label] == leftOut ? 0 : std::exp(logits[label * voxels + centre] - most));
  for (std::size_t label = 0; label < labels; ++label)
    if (classOfLabel[label] != leftOut)
      classes[classOfLabel[label]] += static_cast<float>(exponentials[label] / sum);
}

} // namespace

std::vector<std::size_t> ClassesOfLabels(const Names & labels, const Names & classes, const Names & rules)
{
  const auto               given = ReadRules(rules, labels, classes);
  std::vector<std::size_t> found;
  for (const auto & label : labels)
  {
    const bool   canBeLeftOut = given.contains(label) && given.at(label).empty();
    const auto & name = given.contains(label) && !canBeLeftOut ? given.at(label) : label;
    const auto   at = std::find(classes.begin(), classes.end(), name);
    found.push_back(at == classes.end() && canBeLeftOut ? leftOut : static_cast<std::size_t>(at - classes.begin()));
  }
  const auto lost = LeftOver(labels, classes, found, false), without = LeftOver(labels, classes, found, true);
  Require(lost.empty() && without.empty(), Fault::Input, "the model's labels (", Join(labels, ", "), ") and the cache's classes (", Join(classes, ", "),
          ") do not match: ", lost.empty() ? "" : "no class for the labels " + Join(lost, ", "), !lost.empty() && !without.empty() ? ", " : "",
          without.empty() ? "" : "no label for the classes " + Join(without, ", "), "; say which is which: --labelClasses LABEL=CLASS,...");
  return found;
}

std::vector<float> CentreProbabilities(const PatchCache & cache, const std::vector<std::size_t> & patches, const ModelFile & model,
                                       const std::vector<std::size_t> & classOfLabel, const Computing & computing, Progress & progress)
{
  std::size_t classes = 0;
  for (const auto one : classOfLabel)
    classes = one == leftOut ? classes : std::max(classes, one + 1);
  std::vector<float> all(patches.size() * classes, 0.0F);
  LoadLearning().Segment(
    cache, patches, model, computing,
    [&](std::size_t n, std::span<const float> logits) {
      AddCentre(logits, classOfLabel.size(), cache.Description().patch, classOfLabel, { all.data() + n * classes, classes });
    },
    progress);
  return all;
}

} // namespace serval
