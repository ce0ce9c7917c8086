#include "serval/Study/NewStudy.h"

#include "serval/Core/Error.h"
#include "serval/Core/Text.h"
#include "serval/Dataset/Resampling.h"
#include "serval/Dataset/Split.h"

#include <algorithm>
#include <cmath>
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

long long AskNumber(const Ask & ask, const std::string & question, long long offered)
{
  const auto answer = ask(question, std::to_string(offered));
  const auto number = ParseInteger(answer);
  Require(number && *number > 0, Fault::Usage, "'", answer, "' is no whole number above 0 (", question, ")");
  return *number;
}

/// A few patients, an eighth, a third and all of those that can train.
std::string Sizes(std::size_t training)
{
  std::set<std::size_t> sizes{ std::max<std::size_t>(2, training / 8), std::max<std::size_t>(2, training / 3), training };
  std::vector<std::string> texts;
  for (const auto size : sizes)
    texts.push_back(std::to_string(size));
  return "[" + Join(texts, ", ") + "]";
}

constexpr const char * arms = R"(
# Sources: what a network learns before it learns the classes, from the training patients alone.
[[source]]
name = "thresholds"
text = "multi-Otsu pseudo-segmentation of the training patients"
labels = "threshold"
names = ["dark", "middle", "bright"]
segment = { method = "multi-otsu", classes = 3, gate = "warn" }   # options of segment-by-threshold
steps = 150

[[source]]
name = "restoration"
text = "patches restored from corrupted ones, without labels"
task = "restore"
steps = 150

# Arms: the ways that are compared. Beside each pretrained one, one from scratch with as many steps as all its stages is added.
[[arm]]
name = "scratch"
strategy = "scratch"
steps = 150

[[arm]]
name = "thresholds-svm"
strategy = "off-the-shelf"
source = "thresholds"

[[arm]]
name = "thresholds-tuned"
strategy = "fine-tuning"
source = "thresholds"
steps = 150

[[arm]]
name = "restoration-tuned"
strategy = "fine-tuning"
source = "restoration"
steps = 150
)";

} // namespace

std::string NewStudy(const fs::path & manifest, const fs::path & file, const Ask & ask)
{
  const auto read = Manifest::Read(manifest);
  const auto classes = read.ClassNames();
  const bool hasLabels = std::all_of(read.Cases().begin(), read.Cases().end(), [](const Case & one) { return !one.segmentation.empty(); });
  Require(classes.size() >= 2 || hasLabels, Fault::Input, "'", manifest.string(), "' has neither a column class with two classes nor a segmentation of every case; there is nothing to classify");
  const auto patients = read.Patients().size();
  const auto question = ask("What is asked, in one sentence?", classes.size() >= 2 ? "Which of " + Join(classes, ", ") + "?" : "Which structure is at a patch's centre?");
  const auto size = AskNumber(ask, "Edge of a patch in voxels?", 16);
  const auto test = AskNumber(ask, Concat("Test patients, of ", patients, "?"), std::max<long long>(1, std::llround(0.3 * double(patients))));
  Require(static_cast<std::size_t>(test) < patients, Fault::Usage, test, " test patients leave none of ", patients, " to train on");
  const auto repeats = AskNumber(ask, "Repeats with other training patients and seeds?", 5);
  std::string text = Concat("# A study of Serval; `serval study schema study.schema.json` writes a schema for editors.\nschema = \"serval-study/1\"\ntitle = ", InQuotes(file.stem().string()),
                            "\nquestion = ", InQuotes(question), "\nseed = 1\n\n[target]\nmanifest = ",
                            InQuotes(fs::absolute(manifest).lexically_proximate(fs::absolute(file).parent_path()).string()), "\n\n[design]\nresampling = \"hold-out\"      # k-fold, 5x2, leave-one-patient-out, monte-carlo\ntestPatients = ",
                            test, "\ntrainPatients = ", Sizes(patients - static_cast<std::size_t>(test)), "\nrepeats = ", repeats, "\ncontrols = [\"size-only\"]       # majority, shuffled-labels\n\n[patches]                       # options of extract-patches\nsize = [",
                            size, ", ", size, ", ", size, "]\ncount = 8\n");
  if (classes.size() >= 2)
    text += "classFrom = \"case\"\nsampler = \"uniform\"\n";
  else
  {
    const auto names = Split(ask("Names of the labels 0, 1, ..., separated by commas?", "outside,inside"), ',');
    text += "classFrom = \"centre\"            # the label at a patch's centre\nsampler = \"class\"\nclassNames = " + List(names) + "\n";
  }
  text += "\n[network]\nfilters = 8\ndepth = 3\n\n[training]\nbatch = 24\nlearningRate = 0.004\n\n[compare]\nmetric = \"accuracy\"\nmetrics = [\"auc\"]\nbaselines = [\"scratch\"]\n";
  return text + arms;
}

} // namespace serval
