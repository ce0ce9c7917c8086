#include "serval/Study/NewStudy.h"

#include "serval/Core/Error.h"
#include "serval/Core/Text.h"
#include "serval/Dataset/Manifest.h"
#include "serval/Dataset/Split.h"
#include "serval/Study/StudyFile.h"

#include <algorithm>
#include <array>
#include <cmath>
#include <map>
#include <set>

namespace serval
{
namespace
{

namespace fs = std::filesystem;

std::string InQuotes(const std::string & text)
{
  std::string quoted = "\"";
  for (const char c : text)
    quoted += c == '"' || c == '\\' ? std::string("\\") + c : std::string(1, c);
  return quoted + '"';
}

std::string List(const std::vector<std::string> & texts)
{
  std::vector<std::string> quoted;
  for (const auto & text : texts)
    quoted.push_back(InQuotes(Trim(text)));
  return "[" + Join(quoted, ", ") + "]";
}

/// A line of the file with a comment at its end.
std::string Line(std::string text, const std::string & comment)
{
  constexpr std::size_t column = 32;
  text.resize(std::max(text.size() + 1, column), ' ');
  return text + "# " + comment + "\n";
}

long long AskNumber(const Ask & ask, const std::string & question, long long offered)
{
  const auto answer = ask(question, std::to_string(offered));
  const auto number = ParseInteger(answer);
  Require(number && *number > 0, Fault::Usage, "'", answer, "' is no whole number above 0 (", question, ")");
  return *number;
}

Extent AskSize(const Ask & ask, const Extent & offered)
{
  const std::string     question = "Size of a patch in voxels, x,y,z?";
  const auto            answer = ask(question, Concat(offered.x, ",", offered.y, ",", offered.z));
  std::vector<long long> edges;
  for (const auto & text : Split(answer, ','))
    edges.push_back(ParseInteger(Trim(text)).value_or(0));
  Require(edges.size() == 3 && *std::min_element(edges.begin(), edges.end()) > 0, Fault::Usage, "'", answer, "' is no three whole numbers above 0 (", question, ")");
  return { edges[0], edges[1], edges[2] };
}

/// A few patients, an eighth, a third and all of those that can train; two of each class where they have classes.
std::string Sizes(std::size_t training, std::size_t classes)
{
  std::vector<std::string> texts;
  for (const auto size : OfferedSizes(training, std::min(training, 2 * std::max<std::size_t>(1, classes))))
    texts.push_back(std::to_string(size));
  return "[" + Join(texts, ", ") + "]";
}

// Each axis is halved so often, down to one voxel.
int DepthFor(const Extent & patch)
{
  int depth = 3;
  for (const auto edge : { patch.x, patch.y, patch.z })
    if (edge > 1)
      depth = std::min(depth, static_cast<int>(std::log2(double(edge))));
  return std::max(1, depth);
}

struct LabelClass
{
  unsigned    label;
  std::string name;
};

std::vector<LabelClass> LabelClasses(const StudyCohort & cohort, const Ask & ask)
{
  std::vector<LabelClass> classes;
  const bool              isAsked = cohort.labelNames.empty();
  for (const auto & [label, cases] : cohort.casesWith)
  {
    const auto known = cohort.labelNames.find(label);
    const auto offered = label == 0 ? std::string("outside") : Concat("label ", label);
    const auto name = known != cohort.labelNames.end() ? known->second
                      : isAsked                        ? Trim(ask(Concat("Name of label ", label, "? (- leaves it out)"), offered))
                                                       : label == 0 ? offered : std::string("-");
    if (name != "-")
      classes.push_back({ label, name });
  }
  return classes;
}

void CheckLabels(const StudyCohort & cohort, const std::vector<LabelClass> & classes)
{
  std::vector<std::string> found;
  for (const auto & [label, cases] : cohort.casesWith)
    found.push_back(std::to_string(label));
  for (const auto & [label, name] : cohort.labelNames)
    Require(cohort.casesWith.contains(label), Fault::Usage, "no segmentation holds the label ", label, " that is named '", name, "'; they hold ", Join(found, ", "));
  std::set<std::string> names;
  for (const auto & one : classes)
    Require(!one.name.empty() && names.insert(one.name).second, Fault::Usage, "two labels have the name '", one.name, "', or one has none; each class needs its own");
  Require(classes.size() >= 2, Fault::Usage, "the segmentations hold the labels ", Join(found, ", "), ", of which ", classes.size(), " is or are named; two classes are needed");
}

// Small structures, and those that not every case has, give what they can.
std::string Shortfall(const StudyCohort & cohort, const std::vector<LabelClass> & classes)
{
  for (const auto & one : classes)
    if (const auto with = cohort.casesWith.at(one.label); with < cohort.cases)
      return Line("shortfall = \"fewer\"", Concat("'", one.name, "' has no ", patchesPerLabel, " places for a patch in ", cohort.cases - with, " of ", cohort.cases, " cases"));
  return "";
}

std::string ClassesByLabel(const StudyCohort & cohort, const Ask & ask)
{
  const auto classes = LabelClasses(cohort, ask);
  CheckLabels(cohort, classes);
  std::vector<std::string> names, labels;
  for (const auto & one : classes)
  {
    names.push_back(one.name);
    labels.push_back(std::to_string(one.label));
  }
  return Line("classFrom = \"centre\"", "the label at a patch's centre") + "sampler = \"class\"\nclassNames = " + List(names) + "\n" +
         Line("classLabels = [" + Join(labels, ", ") + "]", "of the segmentations, in the order of classNames") + Shortfall(cohort, classes);
}

// The first lines, which the manifest decides.
std::string Opening(const StudyCohort & cohort, const fs::path & file, const std::string & question)
{
  return Concat("# A study of Serval; `serval study schema study.schema.json` writes a schema for editors.\nschema = \"serval-study/1\"\ntitle = ", InQuotes(file.stem().string()), "\nquestion = ",
                InQuotes(question), "\nseed = 1\n\n[target]\nmanifest = ", InQuotes(fs::absolute(cohort.manifest).lexically_proximate(fs::absolute(file).parent_path()).string()), "\n") +
         (cohort.foreground.empty() ? std::string() : Line(Concat("segment = { preset = ", InQuotes(cohort.foreground), ", gate = \"warn\" }"), "options of segment-by-threshold: where patches are taken"));
}

/// Of a case's class; not in the air about the patient, where there is much of it.
std::string ClassesByCase(const StudyCohort & cohort)
{
  const std::string from = "classFrom = \"case\"\n";
  if (cohort.foreground.empty())
    return from + "sampler = \"uniform\"\n";
  return from + Line("sampler = \"foreground\"", Concat("some ", std::llround(100 * cohort.background), " % of the voxels are background")) + "labelsFrom = \"pseudo_segmentation\"\n";
}

/// Patients of the rarest class; of all where cases have no classes. Patients of several classes count for none.
std::size_t RarestClass(const Manifest & manifest)
{
  std::map<std::string, std::size_t> counts;
  for (const auto & [patient, name] : ClassesOfPatients(manifest.Cases()))
    if (name.find('+') == name.npos)
      ++counts[name];
  std::size_t fewest = counts.empty() ? 0 : manifest.Patients().size();
  for (const auto & [name, count] : counts)
    fewest = std::min(fewest, count);
  return fewest;
}

/// Three in ten, or more where an interval needs more of the rarest class and some of it are left to train on.
std::size_t OfferedTest(std::size_t patients, std::size_t rarest, std::size_t minimum)
{
  const auto usual = std::max<std::size_t>(1, static_cast<std::size_t>(std::llround(0.3 * double(patients))));
  return rarest < minimum + 3 ? usual : std::max(usual, (minimum * patients + rarest - 1) / rarest);
}

std::string Design(const Manifest & manifest, const Ask & ask)
{
  const auto patients = manifest.Patients().size(), rarest = RarestClass(manifest);
  const auto minimum = static_cast<std::size_t>(StudyFile().minimumPerClass);
  const auto test = static_cast<std::size_t>(AskNumber(ask, Concat("Test patients, of ", patients, "?"), static_cast<long long>(OfferedTest(patients, rarest, minimum))));
  Require(test < patients, Fault::Usage, test, " test patients leave none of ", patients, " to train on");
  const auto repeats = AskNumber(ask, "Repeats with other training patients and seeds?", 5);
  const auto tested = patients == 0 ? 0 : test * rarest / patients;
  auto       text = "\n[design]\n" + Line("resampling = \"hold-out\"", "k-fold, 5x2, leave-one-patient-out, monte-carlo") +
              Line(Concat("testPatients = ", test), Concat("of ", patients, rarest < patients ? Concat("; at least ", tested, " of each class") : std::string()));
  if (tested < minimum)
    text += Line(Concat("minimumPerClass = ", std::max<std::size_t>(1, tested)), Concat("test patients; with fewer than ", minimum, " no interval is worth the name"));
  return text + Concat("trainPatients = ", Sizes(patients - test, manifest.ClassNames().size()), "\nrepeats = ", repeats, "\n") + Line("controls = [\"size-only\"]", "majority, shuffled-labels");
}

std::string Patches(const StudyCohort & cohort, const Extent & size)
{
  const auto mm = [](std::int64_t voxels, double spacing) { return std::llround(double(voxels) * spacing); };
  const auto edges = Concat(mm(size.x, cohort.usual.x), " x ", mm(size.y, cohort.usual.y), " x ", mm(size.z, cohort.usual.z), " mm");
  return "\n" + Line("[patches]", "options of extract-patches") + Line(Concat("size = [", size.x, ", ", size.y, ", ", size.z, "]"), edges + "; the volumes have at least " + ToText(cohort.smallest) + " voxels") +
         Concat("count = ", patchesPerLabel, "\n");
}

constexpr const char * sources = R"(
# Sources: what a network learns before it learns the classes, from the training patients alone.
[[source]]
name = "thresholds"
)";
constexpr const char * anyThresholds = R"(text = "multi-Otsu pseudo-segmentation of the training patients"
labels = "threshold"
names = ["dark", "middle", "bright"]
segment = { method = "multi-otsu", classes = 3, gate = "warn" }   # options of segment-by-threshold
)";
constexpr const char * ctThresholds = R"(text = "pseudo-segmentation of the training patients by thresholds in HU"
labels = "threshold"
names = ["outside", "air", "fat", "soft tissue", "contrast or bone"]
segment = { preset = "ct-contrast", gate = "warn" }   # options of segment-by-threshold
)";
constexpr const char * arms = R"(steps = 150

[[source]]
name = "restoration"
text = "patches restored from corrupted ones, without labels"
task = "restore"
steps = 150

# Arms: the ways that are compared. Beside each pretrained one, one from scratch with as many steps as all its stages is added.
[[arm]]
name = "scratch"
text = "random initialisation"
strategy = "scratch"
steps = 150

[[arm]]
name = "thresholds-svm"
text = "linear SVM on features of the network that learned the thresholds"
strategy = "off-the-shelf"
source = "thresholds"

[[arm]]
name = "thresholds-tuned"
text = "fine-tuned from the network that learned the thresholds"
strategy = "fine-tuning"
source = "thresholds"
steps = 150

[[arm]]
name = "restoration-tuned"
text = "fine-tuned from the network that learned to restore"
strategy = "fine-tuning"
source = "restoration"
steps = 150
)";

} // namespace

Extent OfferedPatch(const Extent & smallest, const Spacing & spacing)
{
  const std::array<std::int64_t, 3> extent{ smallest.x, smallest.y, smallest.z };
  const std::array<double, 3>       edge{ spacing.x, spacing.y, spacing.z };
  double                            length = 32 * SmallestSpacing(spacing); // mm
  for (std::size_t axis = 0; axis < 3; ++axis)
    if (extent[axis] >= 4)
      length = std::min(length, double(extent[axis]) * edge[axis] / 2);
  std::array<std::int64_t, 3> size{};
  for (std::size_t axis = 0; axis < 3; ++axis)
  {
    const double voxels = length / edge[axis];
    size[axis] = extent[axis] < 4 ? 1 : voxels < 6 || extent[axis] < 8 ? 4 : 8 * std::max<std::int64_t>(1, std::llround(voxels / 8));
  }
  return { size[0], size[1], size[2] };
}

bool HasLabelClasses(const fs::path & manifest)
{
  const auto read = Manifest::Read(manifest);
  const bool hasLabels = std::all_of(read.Cases().begin(), read.Cases().end(), [](const Case & one) { return !one.segmentation.empty(); });
  const bool hasClasses = read.ClassNames().size() >= 2;
  Require(hasClasses || hasLabels, Fault::Input, "'", manifest.string(), "' has neither a column class with two classes nor a segmentation of every case; there is nothing to classify");
  return !hasClasses;
}

std::string NewStudy(const StudyCohort & cohort, const fs::path & file, const Ask & ask)
{
  const auto read = Manifest::Read(cohort.manifest);
  const bool byLabel = HasLabelClasses(cohort.manifest);
  Require(byLabel || cohort.labelNames.empty(), Fault::Usage, "labels are named, but the classes are those of the cases (", Join(read.ClassNames(), ", "),
          "); leave the names out, or the column class out of the manifest");
  const auto question = ask("What is asked, in one sentence?", byLabel ? "Which structure is at a patch's centre?" : "Which of " + Join(read.ClassNames(), ", ") + "?");
  const auto size = AskSize(ask, OfferedPatch(cohort.smallest, cohort.usual));
  const auto design = Design(read, ask);
  const auto classes = byLabel ? ClassesByLabel(cohort, ask) : ClassesByCase(cohort);
  return Opening(cohort, file, question) + design + Patches(cohort, size) + classes + Concat("\n[network]\nfilters = 8\ndepth = ", DepthFor(size)) +
         "\n\n[training]\nbatch = 24\nlearningRate = 0.004\n\n[compare]\nmetric = \"accuracy\"\nmetrics = [\"auc\"]\nbaselines = [\"scratch\"]\n" + sources + (cohort.foreground.starts_with("ct-") ? ctThresholds : anyThresholds) + arms;
}

} // namespace serval
