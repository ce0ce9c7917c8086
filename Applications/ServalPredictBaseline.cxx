#include "LearningOptions.h"
#include "PredictionTable.h"
#include "serval/Cache/PlainFeatures.h"
#include "serval/Classical/ClassicalModel.h"

#include <nlohmann/json.hpp>

#include <algorithm>

namespace serval
{
namespace
{

struct PredictBaseline final : app::Application
{
  LearningOptions       learning; // cache, patients and key
  PredictionTable       table;
  std::filesystem::path tested;
  std::string           kind = "size-only";
  std::uint64_t         seed = 1;

  app::Description Describe() const override
  {
    return { "ServalPredictBaseline", "predict-baseline", "Predict by a baseline", "Serval.Learning",
             "What can be had without looking at the content. majority: the shares of the classes among the training patches. size-only: logistic regression (L2, "
             "classes balanced, numbers standardised on the training patches) on the volume's size and voxel size, the patch's voxel size and size in mm, and per "
             "channel its mean, deviation, minimum, maximum and percentiles 1, 25, 50, 75 and 99; place: its first voxel in the volume beside. A classifier no better has learned no shape." };
  }
  void Declare(app::Parameters & p) override
  {
    p.Add("cache", &learning.cache, "Patch cache").In("directory");
    p.Add("patients", &learning.patients, "Text file with the patients to learn from, one a line").In("file", ".txt").Required();
    p.Add("testPatients", &tested, "Text file with the patients to predict, one a line; none of those that train").In("file", ".txt").Required();
    p.Add("kind", &kind, "Baseline").Choices({ "size-only", "place", "majority" });
    table.DeclareOutput(p);
    table.DeclareColumns(p);
    p.Group("Lineage");
    p.Add("key", &learning.key, "Site key file for the verdict of lineage; created (mode 0600) when it does not exist").Out("file", ".key").Optional();
    p.AddSeed(&seed);
  }
  void Run(app::Context & context) override
  {
    const PatchCache cache(learning.cache);
    const auto &     classNames = cache.Description().classNames;
    Require(classNames.size() >= 2, Fault::Input, "'", learning.cache.string(), "' names ", classNames.size(), " classes; two are needed");
    const auto trained = learning.Patients(cache, context);
    const auto test = ReadPatientList(tested, cache.Patients());
    context.provenance.inputs["testPatients"] = Sha256OfFile(tested);
    RequireApart(trained, test);
    const auto learned = Labelled(cache, trained);
    const auto patches = cache.PatchesOf(test);
    const auto finding = learning.Extended("", trained, Role::TargetClass).Check(learning.Pseudonyms(test));
    std::vector<std::string> names;
    table.Write(cache, patches, classNames, kind == "majority" ? Shares(cache, learned, patches.size()) : BySize(cache, learned, patches, names), ToText(finding.verdict));
    context.Say(Concat(kind, " of ", Counted(learned.size(), "patch"), " of ", Counted(trained.size(), "patient"), ", for ", Counted(patches.size(), "patch"), " of ", test.size(), " others"));
    context.WriteNumbers(nlohmann::json{ { "schema", "serval-baseline/1" }, { "kind", kind }, { "patients", trained.size() }, { "patches", learned.size() },
                                         { "testPatients", test.size() }, { "testPatches", patches.size() }, { "features", names }, { "lineage", ToText(finding.verdict) } }.dump());
  }

private:
  static void RequireApart(const std::vector<std::string> & trained, const std::vector<std::string> & test)
  {
    const auto both = std::ranges::count_if(test, [&](const auto & one) { return std::ranges::find(trained, one) != trained.end(); });
    Require(both == 0, Fault::Input, both, " of ", test.size(), " patients to predict also train; --patients and --testPatients must have none in common");
  }

  static std::vector<std::size_t> Labelled(const PatchCache & cache, const std::vector<std::string> & patients)
  {
    auto found = cache.PatchesOf(patients);
    std::erase_if(found, [&](std::size_t patch) { return cache.Patches()[patch].classIndex < 0; });
    Require(!found.empty(), Fault::Input, "no patch of the ", patients.size(), " training patients has a class");
    return found;
  }

  static std::vector<float> Shares(const PatchCache & cache, const std::vector<std::size_t> & learned, std::size_t rows)
  {
    std::vector<float> counts(cache.Description().classNames.size(), 0), all;
    for (const auto patch : learned)
      ++counts[static_cast<std::size_t>(cache.Patches()[patch].classIndex)];
    for (float & count : counts)
      count /= static_cast<float>(learned.size());
    for (std::size_t row = 0; row < rows; ++row)
      all.insert(all.end(), counts.begin(), counts.end());
    return all;
  }

  std::vector<float> BySize(const PatchCache & cache, const std::vector<std::size_t> & learned, const std::vector<std::size_t> & patches,
                            std::vector<std::string> & names) const
  {
    const auto   place = kind == "place" ? PlainFeatures::Place::Told : PlainFeatures::Place::Untold;
    auto         numbers = PlainFeatures::Of(cache, learned, place);
    FeatureTable rows{ numbers.names.size(), std::move(numbers.values), {}, {} };
    for (const auto patch : learned)
    {
      rows.classes.push_back(cache.Patches()[patch].classIndex);
      rows.groups.push_back(cache.Cases()[cache.Patches()[patch].caseIndex].patient);
    }
    ClassicalSpec spec;
    spec.kind = ClassicalSpec::Kind::LogisticRegression;
    spec.seed = seed;
    const auto         model = ClassicalModel::Fit(rows, static_cast<int>(cache.Description().classNames.size()), spec);
    const auto         asked = PlainFeatures::Of(cache, patches, place);
    std::vector<float> all;
    for (std::size_t row = 0; row < patches.size(); ++row)
      for (const double p : model.Probabilities(std::span(asked.values).subspan(row * rows.columns, rows.columns)))
        all.push_back(static_cast<float>(p));
    names = std::move(numbers.names);
    return all;
  }
};

} // namespace
} // namespace serval

int main(int argc, char ** argv) { return serval::app::Main<serval::PredictBaseline>(argc, argv); }
