#include "ResampleOptions.h"
#include "serval/Core/Error.h"
#include "serval/Core/Text.h"
#include "serval/Dataset/Split.h"

#include <nlohmann/json.hpp>

#include <set>

namespace serval
{
namespace
{

struct SplitCases final : app::Application
{
  std::filesystem::path manifest, output;
  int                   folds = 0, testPatients = 0;
  double                testFraction = 0.25;
  bool                  notStratified = false;
  ResampleOptions       resamples;
  std::uint64_t         seed = 1;

  app::Description Describe() const override
  {
    return { "ServalSplitCases", "split", "Split cases by patient", "Serval.Preparation",
             "Writes the manifest with a column `split`: train and test, or folds; or a table of many trainings and tests. Whole "
             "patients are divided, each class in the same proportion, whatever the order of the rows." };
  }
  void Declare(app::Parameters & p) override
  {
    p.Add("manifest", &manifest, "Table of the cases (CSV: case, patient, image, class, ...)").In("file", ".csv");
    p.Add("output", &output, "The manifest with the column split").Out("file", ".csv");
    p.Group("Division");
    p.Add("folds", &folds, "Number of folds; 0 makes train and test").Range(0, 1000);
    p.Add("testPatients", &testPatients, "Exact number of test patients; 0 takes testFraction").Range(0, 1000000);
    p.Add("testFraction", &testFraction, "Share of the patients for the test").Range(0, 1);
    p.Add("notStratified", &notStratified, "Do not keep the classes' proportions");
    p.AddSeed(&seed);
    resamples.Declare(p);
  }
  void Run(app::Context & context) override
  {
    const auto read = Manifest::Read(manifest);
    if (!read.HasPatients())
      context.Say("warning: the manifest has no column patient; each case is taken for a patient of its own. Two cases "
                  "of one patient in train and test make results look better than they are.");
    const auto splits = AssignSplit(read.Cases(), { folds, testPatients, testFraction, !notStratified, seed });
    read.WriteWith("split", splits, output);
    resamples.Write(context, read.Cases(), { .folds = folds, .testPatients = testPatients, .testFraction = testFraction, .stratified = !notStratified, .seed = seed });
    ShowTable(context, CountPatients(read.Cases(), splits), { splits.begin(), splits.end() });
  }

private:
  static void ShowTable(app::Context & context, const std::map<std::string, std::map<std::string, int>> & counts,
                        const std::set<std::string> & splits)
  {
    const auto  padded = [](std::string text, std::size_t width) { return text.append(width - std::min(width, text.size()), ' '); };
    std::string    line = padded("patients", 24);
    nlohmann::json json = nlohmann::json::array();
    for (const auto & split : splits)
      line += padded(split, 8);
    context.Say(line);
    for (const auto & [name, row] : counts)
    {
      line = padded(name.empty() ? "(no class)" : name, 24);
      for (const auto & split : splits)
      {
        const int count = row.contains(split) ? row.at(split) : 0;
        line += padded(std::to_string(count), 8);
        json.push_back({ { "class", name }, { "split", split }, { "patients", count } });
      }
      context.Say(line);
    }
    context.WriteNumbers(nlohmann::json{ { "schema", "serval-split/1" }, { "counts", json } }.dump());
  }
};

} // namespace
} // namespace serval

int main(int argc, char ** argv) { return serval::app::Main<serval::SplitCases>(argc, argv); }
