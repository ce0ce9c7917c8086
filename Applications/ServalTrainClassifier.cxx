#include "AnswerOptions.h"
#include "ShuffleOptions.h"
#include "TrainOptions.h"

#include <deque>

namespace serval
{
namespace
{

struct TrainClassifier final : app::Application
{
  TrainOptions                       options;
  ShuffleOptions                     shuffle;
  AnswerOptions                      answers;
  std::vector<std::filesystem::path> teachers;
  std::filesystem::path              teacherTimes;
  std::string                        inferenceSampler = "auto";

  app::Description Describe() const override
  {
    return { "ServalTrainClassifier", "train-classifier", "Train a classifier", "Serval.Learning",
             "Trains a classifier, the U-Net-based one first of all, on the classes of a patch cache: from scratch, or "
             "fine-tuned from a source model by a transfer plan; several teachers can be distilled into one network.",
             "The same command line goes on from the last checkpoint, if one was kept" };
  }
  void Declare(app::Parameters & p) override
  {
    options.network = "unet-classifier";
    options.DeclareFiles(p);
    options.DeclareStage(p);
    p.Add("teachers", &teachers, "Trained models whose mean answer is learned beside the labels").In("file", ".safetensors").Optional();
    p.Add("teacherTimes", &teacherTimes, "How often each of the --teachers counts, in their order (CSV: model, times), as combine-predictions --chosen writes it; once each when left out").In("file", ".csv").Optional();
    options.loss.DeclareDistillation(p);
    p.Group("Use");
    p.Add("inferenceSampler", &inferenceSampler, "Where classify-volume takes patches of new volumes from: grid, uniform, candidates, pseudo-segmentation:RECIPE; auto: as the cache's, where "
                                                 "that needs no labels");
    shuffle.Declare(p);
    answers.Declare(p);
    options.learning.DeclareComputing(p);
  }
  void Run(app::Context & context) override
  {
    Require(inferenceSampler == "auto" || inferenceSampler == "grid" || inferenceSampler == "uniform" || inferenceSampler == "candidates" ||
              inferenceSampler.starts_with("pseudo-segmentation:"),
            Fault::Usage, "--inferenceSampler: '", inferenceSampler, "' is none of auto, grid, uniform, candidates, pseudo-segmentation:RECIPE");
    PatchCache       cache(options.learning.cache);
    const auto &     d = cache.Description();
    Require(d.classNames.size() >= 2, Fault::Input, "'", options.learning.cache.string(), "' names ", d.classNames.size(), " classes; two are needed");
    const auto patients = options.learning.Patients(cache, context);
    answers.Check(cache, patients, options.optimiser.validation);
    shuffle.Deal(cache, patients, options.optimiser.seed, context);
    const auto from = options.transfer.Source(cache, options.learning.cache, context);
    const auto times = TeacherTimes();
    const auto masters = Teachers(times, context);
    auto       request = options.Request(cache, patients, from);
    SetHead(request.network, d, from.has_value());
    request.teachers = Weighted(masters, times);
    if (options.transfer.IsOnlyShown(context, request, d.patch))
      return;
    auto      result = options.Train(cache, request, context);
    if (!result.isFirst)
      return;
    ModelFile model;
    model.classNames = d.classNames;
    model.inferenceSampler = inferenceSampler == "auto" ? SamplerOf(d) : inferenceSampler;
    model.lineage = LineageOf(from, masters, patients);
    options.Finish(model, cache, request, std::move(result), patients.size(), context);
    answers.Write(options.learning, options.output, options.optimiser.validation, context);
  }

private:
  // Empty where places were drawn by labels, which a new volume does not have.
  static std::string SamplerOf(const CacheDescription & d)
  {
    return d.sampler == "class" || d.sampler == "weighted" || d.sampler == "foreground" ? "" : d.sampler;
  }

  void SetHead(NetworkSpec & spec, const CacheDescription & d, bool isTransfer) const
  {
    const auto & attachment = options.architecture.attachment;
    if (isTransfer)
      spec.dropout = options.architecture.spec.dropout;
    if (spec.name.starts_with("unet"))
      spec.Attach(attachment == "none" ? "decoder1" : attachment);
    spec.segmentationClasses = 0;
    spec.reconstructs = false;
    spec.classes = static_cast<int>(d.classNames.size());
    spec.Check();
  }

  std::vector<int> TeacherTimes() const
  {
    if (teacherTimes.empty())
      return std::vector<int>(teachers.size(), 1);
    const auto       table = Table::Read(teacherTimes);
    std::vector<int> times;
    for (std::size_t row = 0; row < table.Rows(); ++row)
      times.push_back(static_cast<int>(ParseInteger(table.At(row, "times")).value_or(-1)));
    Require(times.size() == teachers.size() && std::all_of(times.begin(), times.end(), [](int n) { return n >= 0; }) && std::any_of(times.begin(), times.end(), [](int n) { return n > 0; }),
            Fault::Input, "'", teacherTimes.string(), "' has ", times.size(), " rows for ", teachers.size(), " teachers; each needs a whole number in the column times, one of them above 0");
    return times;
  }

  // Those that count.
  std::deque<ModelFile> Teachers(const std::vector<int> & times, app::Context & context) const
  {
    std::deque<ModelFile> all;
    for (std::size_t i = 0; i < teachers.size(); ++i)
    {
      if (times[i] == 0)
        continue;
      all.push_back(ModelFile::Read(teachers[i]));
      context.provenance.inputs[Concat("teacher", i + 1)] = Sha256OfFile(teachers[i]);
      KeepLabelMark(all.back(), context.provenance);
    }
    return all;
  }

  // Each as often as it counts: the mean is theirs.
  static std::vector<const ModelFile *> Weighted(const std::deque<ModelFile> & masters, const std::vector<int> & times)
  {
    std::vector<const ModelFile *> all;
    auto                           master = masters.begin();
    for (const int n : times)
      if (n > 0)
        all.insert(all.end(), static_cast<std::size_t>(n), &*master++);
    return all;
  }

  // Whoever taught the source or a teacher taught this model.
  std::string LineageOf(const std::optional<ModelFile> & from, const std::deque<ModelFile> & masters, const std::vector<std::string> & patients) const
  {
    auto lineage = options.learning.Extended(from ? from->lineage : "", patients, Role::TargetClass);
    for (const auto & one : masters)
      lineage.Add(Lineage::FromJson(one.lineage));
    return lineage.ToJson();
  }
};

} // namespace
} // namespace serval

int main(int argc, char ** argv) { return serval::app::Main<serval::TrainClassifier>(argc, argv); }
