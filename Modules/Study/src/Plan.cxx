#include "serval/Study/Plan.h"

#include "serval/Core/Error.h"
#include "serval/Core/Random.h"
#include "serval/Core/Text.h"
#include "serval/Dataset/Split.h"
#include "serval/Network/WeightSources.h"

#include <algorithm>
#include <set>

namespace serval
{
namespace
{

namespace fs = std::filesystem;

// The same manifest for some patients, with pseudo-segmentations where `pseudo` names a folder.
std::string ManifestOf(const Manifest & manifest, const std::set<std::string> & patients, const fs::path & folder, const fs::path & pseudo)
{
  const auto relative = [&](const fs::path & path) { return path.empty() ? std::string() : path.lexically_proximate(folder).string(); };
  Table      table({ "case", "patient", "image", "segmentation", "pseudo_segmentation", "class" });
  for (const auto & one : manifest.Cases())
    if (patients.contains(one.patient))
      table.AddRow({ one.id, one.patient, relative(one.image), relative(one.segmentation),
                     pseudo.empty() ? relative(one.pseudoSegmentation) : relative(pseudo / (one.id + ".nii.gz")), one.className });
  return table.ToText();
}

class Planner
{
public:
  Planner(const StudyFile & study, fs::path folder, fs::path modules)
    : m_Study(study)
    , m_Folder(fs::absolute(folder).lexically_normal())
    , m_Modules(std::move(modules))
    , m_Manifest(Manifest::Read(study.manifest))
  {
    SplitPlan split;
    split.testPatients = study.testPatients;
    split.seed = study.seed;
    const auto splits = AssignSplit(m_Manifest.Cases(), split);
    for (std::size_t i = 0; i < splits.size(); ++i)
      (splits[i] == "test" ? m_Test : m_Pool).insert(m_Manifest.Cases()[i].patient);
    const auto largest = static_cast<std::size_t>(*std::max_element(study.trainPatients.begin(), study.trainPatients.end()));
    Require(m_Pool.size() >= largest, Fault::Input, "the study asks for ", largest, " training patients; beside ", m_Test.size(),
            " test patients the manifest has ", m_Pool.size());
  }

  StudyPlan Make()
  {
    PlanLists();
    PlanCaches();
    for (int repeat = 0; repeat < m_Study.repeats; ++repeat)
      for (const int size : m_Study.trainPatients)
        PlanFits(size, repeat);
    PlanPictures();
    return std::move(m_Plan);
  }

private:
  fs::path    At(const std::string & name) const { return m_Folder / name; }
  std::string Module(const char * name) const { return (m_Modules / name).string(); }
  static std::string Tag(int size, int repeat) { return Concat("n", size, "-r", repeat); }
  std::string        SeedOf(const std::string & tag) const { return std::to_string(DeriveSeed(m_Study.seed, { "cell", tag }) >> 12); }

  static Words Joined(std::initializer_list<Words> lists)
  {
    Words all;
    for (const auto & list : lists)
      all.insert(all.end(), list.begin(), list.end());
    return all;
  }

  void Add(Cell cell) { m_Plan.cells.push_back(std::move(cell)); }

  std::vector<std::string> Order(int repeat) const
  {
    std::vector<std::string> order(m_Pool.begin(), m_Pool.end());
    std::mt19937_64          random(DeriveSeed(m_Study.seed, { "training patients", std::to_string(repeat) }));
    Shuffle(order, random);
    return order;
  }

  void PlanLists()
  {
    const int largest = *std::max_element(m_Study.trainPatients.begin(), m_Study.trainPatients.end());
    for (int repeat = 0; repeat < m_Study.repeats; ++repeat)
    {
      auto order = Order(repeat);
      order.resize(static_cast<std::size_t>(largest));
      m_Used.insert(order.begin(), order.end());
      for (const int size : m_Study.trainPatients)
        m_Plan.files["lists/train-" + Tag(size, repeat) + ".txt"] = Join({ order.begin(), order.begin() + size }, "\n") + "\n";
    }
    m_Plan.files["lists/test.txt"] = Join({ m_Test.begin(), m_Test.end() }, "\n") + "\n";
    auto all = m_Used;
    all.insert(m_Test.begin(), m_Test.end());
    m_Plan.files["cases.csv"] = ManifestOf(m_Manifest, all, m_Folder, {});
  }

  Words Extraction(const fs::path & manifest, const fs::path & cache) const
  {
    return Joined({ { Module("ServalExtractPatches"), "--manifest", manifest.string(), "--cache", cache.string(), "--seed",
                      std::to_string(m_Study.seed) }, m_Study.patches });
  }

  void PlanCaches()
  {
    Add({ "extract-target", { Extraction(At("cases.csv"), At("target.cache")) }, {}, { At("target.cache") } });
    for (const auto & source : m_Study.sources)
    {
      if (!source.weights.empty())
      {
        PlanWeights(source);
        continue;
      }
      std::vector<std::string> needs;
      const bool               expert = source.labels == "expert";
      const std::string        manifest = "cases-" + source.name + ".csv";
      m_Plan.files[manifest] = ManifestOf(m_Manifest, m_Used, m_Folder, expert ? fs::path() : At("segmentations/" + source.name));
      if (!expert)
        needs = PlanSegmentations(source);
      Words dense{ "--dense", expert ? "segmentation" : "pseudo_segmentation", "--denseNames", Join(source.names, ",") };
      if (!source.merge.empty())
        dense.insert(dense.end(), { "--mergeLabels", source.merge });
      const auto cache = At(source.name + ".cache");
      Add({ "extract-" + source.name, { Joined({ Extraction(At(manifest), cache), dense }) }, needs, { cache } });
    }
  }

  // Options of a published source, but for those the study gives itself.
  static Words ImportOptions(const WeightSource * known, const StudySource & source)
  {
    Words options = known ? Words{ "--network", known->network } : Words{};
    if (known)
      for (const auto & word : Split(known->options, ' '))
        options.push_back(word);
    for (auto at = options.begin(); at != options.end();)
      at = std::find(source.weightImport.begin(), source.weightImport.end(), *at) != source.weightImport.end() ? options.erase(at, at + 2) : at + 2;
    return Joined({ options, source.weightImport });
  }

  void PlanWeights(const StudySource & source)
  {
    const auto * known = KnownWeightSource(source.weights);
    Cell         cell{ PretrainedCell(source.name, ""), {}, {}, {} };
    fs::path     file = m_Study.weightFolder / source.weights;
    if (known)
    {
      const auto found = FindWeights(*known, m_Study.weightFolder);
      file = found.state == SourceState::Present ? found.file : m_Study.weightFolder / known->file;
      if (found.state == SourceState::Other)
        cell.hindrance = Concat("'", found.file.string(), "' is not the published file of this name (SHA-256 ", known->sha256, "); fetch it from ", known->address);
      else if (found.state == SourceState::Absent)
        cell.hindrance = Concat("fetch ", known->file, " (", known->publisher, "; ", known->licence, ") from ", known->address, " into '", m_Study.weightFolder.string(), "'");
    }
    else if (!fs::exists(file))
      cell.hindrance = Concat("the weight file '", file.string(), "' does not exist");
    const auto model = PretrainedModel(source.name, "");
    cell.commands.push_back(Joined({ { Module("ServalImportWeights"), "--input", file.lexically_normal().string(), "--output", model.string() },
                                     ImportOptions(known, source) }));
    cell.outputs.push_back(model);
    Add(cell);
  }

  // Weights are the same for all training sets; networks pretrained on a fold's patches are its own.
  std::string PretrainedCell(const std::string & source, const std::string & tag) const
  {
    return m_Study.Source(source).weights.empty() ? "pretrain-" + source + "-" + tag : "import-" + source;
  }
  fs::path PretrainedModel(const std::string & source, const std::string & tag) const
  {
    return At("cells/" + PretrainedCell(source, tag) + "/model.safetensors");
  }

  // Training patients only: thresholds are found in each volume by itself.
  std::vector<std::string> PlanSegmentations(const StudySource & source)
  {
    Cell cell{ "segment-" + source.name, {}, {}, {} };
    for (const auto & one : m_Manifest.Cases())
      if (m_Used.contains(one.patient))
      {
        const auto output = At("segmentations/" + source.name + "/" + one.id + ".nii.gz");
        cell.commands.push_back(Joined({ { Module("ServalSegmentByThreshold"), one.image.string(), output.string() }, source.segment }));
        cell.outputs.push_back(output);
      }
    Add(cell);
    return { cell.id };
  }

  Words Common(const std::string & tag) const
  {
    return Joined({ { "--patients", At("lists/train-" + tag + ".txt").string(), "--key", At("site.key").string(), "--seed", SeedOf(tag),
                      "--threads", "1" }, m_Study.training });
  }

  void PlanFits(int size, int repeat)
  {
    const std::string tag = Tag(size, repeat);
    for (const auto & source : m_Study.sources)
    {
      if (!source.weights.empty())
        continue;
      const std::string id = PretrainedCell(source.name, tag);
      const auto        model = PretrainedModel(source.name, tag), curve = At("cells/" + id + "/curve.csv");
      Add({ id, { Joined({ { Module("ServalPretrainNetwork"), "--cache", At(source.name + ".cache").string(), "--output", model.string(),
                             "--curve", curve.string(), "--steps", std::to_string(source.steps) }, m_Study.network, Common(tag) }) },
            { "extract-" + source.name }, { model } });
    }
    for (const auto & arm : m_Study.arms)
      PlanArm(arm, size, repeat);
  }

  void PlanArm(const StudyArm & arm, int size, int repeat)
  {
    const std::string tag = Tag(size, repeat), id = arm.name + "-" + tag;
    const fs::path    own = At("cells/" + id), model = own / "model.safetensors", predictions = own / "predictions.csv";
    const fs::path    curve = arm.strategy == StudyArm::Strategy::OffTheShelf ? fs::path() : own / "curve.csv";
    Cell              cell{ id, {}, { "extract-target" }, { model, predictions } };
    const std::string sourceModel = arm.source.empty() ? "" : PretrainedModel(arm.source, tag).string();
    if (!arm.source.empty())
      cell.needs.push_back(PretrainedCell(arm.source, tag));
    if (arm.strategy == StudyArm::Strategy::OffTheShelf)
      PlanClassical(arm, tag, sourceModel, own, cell);
    else
    {
      const Words start = arm.source.empty() ? m_Study.network : Words{ "--source", sourceModel };
      cell.commands.push_back(Joined({ { Module("ServalTrainClassifier"), "--cache", At("target.cache").string(), "--output", model.string(),
                                         "--curve", curve.string(), "--steps", std::to_string(arm.steps) }, start, Common(tag), arm.options }));
    }
    cell.commands.push_back({ Module("ServalPredict"), "--cache", At("target.cache").string(), "--model", model.string(), "--patients",
                              At("lists/test.txt").string(), "--key", At("site.key").string(), "--output", predictions.string(), "--arm",
                              arm.name, "--repeat", std::to_string(repeat), "--threads", "1" });
    m_Plan.results.push_back({ arm.name, size, repeat, predictions, curve, id });
    Add(cell);
  }

  void PlanClassical(const StudyArm & arm, const std::string & tag, const std::string & sourceModel, const fs::path & own, Cell & cell) const
  {
    const auto features = (own / "features.h5").string();
    const auto list = At("lists/train-" + tag + ".txt").string(), key = At("site.key").string();
    cell.commands.push_back({ Module("ServalExtractFeatures"), "--cache", At("target.cache").string(), "--model", sourceModel, "--layers",
                              arm.layers, "--output", features, "--patients", list, "--threads", "1" });
    cell.commands.push_back(Joined({ { Module("ServalFitClassifier"), "--features", features, "--model", sourceModel, "--output",
                                       (own / "model.safetensors").string(), "--key", key, "--seed", SeedOf(tag) }, arm.options }));
  }

  void PlanPictures()
  {
    Cell cell{ "pictures", {}, {}, {} };
    const auto add = [&](Words words, const std::string & name) {
      const auto picture = At("pictures/" + name + ".png");
      words.insert(words.begin(), Module("ServalRenderVolume"));
      words.insert(words.begin() + 2, picture.string());
      cell.commands.push_back(words);
      cell.outputs.push_back(picture);
      m_Plan.pictures.push_back(picture);
    };
    int shown = 0;
    for (const auto & one : m_Manifest.Cases())
    {
      if (shown >= m_Study.pictures || !m_Used.contains(one.patient))
        continue;
      ++shown;
      for (const auto & source : m_Study.sources)
      {
        if (!source.weights.empty() || (source.labels == "expert" && !source.merge.empty()))
          continue;
        const bool expert = source.labels == "expert";
        const auto labels = expert ? one.segmentation : At("segmentations/" + source.name + "/" + one.id + ".nii.gz");
        add({ one.image.string(), "--labels", labels.string(), "--labelNames", Join({ source.names.begin() + 1, source.names.end() }, ","),
              "--title", source.text }, source.name + "-" + std::to_string(shown));
        if (expert && shown == 1)
          add({ one.image.string(), "--labels", labels.string(), "--labelNames", Join({ source.names.begin() + 1, source.names.end() }, ","),
                "--mode", "surface", "--title", source.text }, source.name + "-surface");
        if (!expert && shown == 1)
          cell.needs.push_back("segment-" + source.name);
      }
    }
    if (!cell.commands.empty())
      Add(cell);
  }

  const StudyFile &     m_Study;
  fs::path              m_Folder, m_Modules;
  Manifest              m_Manifest;
  std::set<std::string> m_Test, m_Pool, m_Used;
  StudyPlan             m_Plan;
};

} // namespace

StudyPlan PlanStudy(const StudyFile & study, const fs::path & folder, const fs::path & modules)
{
  return Planner(study, folder, modules).Make();
}

} // namespace serval
