#include "ReadingOptions.h"
#include "StartCohort.h"
#include "StartPlan.h"

namespace serval
{
namespace
{

namespace fs = std::filesystem;

struct StartStudy final : app::Application
{
  StartPlan     plan;
  RepairOptions repair;

  app::Description Describe() const override
  {
    return { "ServalStartStudy", "start", "Start with a folder", "Serval.Study",
             "From a folder of images and their labels to a first report: audit, import, contact sheets, a study file and its smoke run, in one "
             "folder. Says each command line that it runs. A second run with the same command line goes on where the first one ended, and takes "
             "up what was edited (choices.csv, study.toml). The first report shows that all works; it is no result.",
             "The same command line goes on where it was" };
  }

  void Declare(app::Parameters & p) override
  {
    p.Add("images", &plan.choices.folder, "Folder with DICOM series, NIfTI, NRRD or MetaImage files at any depth").In("directory").Positional(0).Identifying();
    p.Add("labels", &plan.choices.labels, "Spreadsheet with ids and classes (CSV, .xlsx, .ods), or a folder of segmentations with the images' names")
      .In("file", ".csv,.xlsx,.ods").Positional(1).Identifying();
    p.Add("output", &plan.output, "Folder for all that is made").Out("directory").Positional(2).Identifying();
    p.Add("segmentations", &plan.choices.segmentations, "Folder of segmentations beside a spreadsheet").In("directory").Optional().Identifying();
    p.Group("Columns of the spreadsheet (default: found out)");
    p.Add("idColumn", &plan.choices.idColumn, "Column of the ids");
    p.Add("labelColumn", &plan.choices.labelColumn, "Column of the classes");
    p.Add("patientColumn", &plan.choices.patientColumn, "Column that tells which rows are one patient");
    p.Add("join", &plan.choices.join, "What the ids are; auto: what most of them match").Choices({ "auto", "PatientID", "StudyUID", "AccessionNumber", "folder", "file" });
    p.Add("mergeClasses", &plan.choices.mergesClasses, "Spellings of a class that differ by letter case, blanks or hyphens become the most frequent one");
    p.Group("Series");
    p.Add("modality", &plan.choices.rule.modality, "CT, MR, ...");
    p.Add("description", &plan.choices.rule.descriptionPattern, "Regular expression found in the series description or file name, letter case ignored");
    repair.Declare(p);
    p.Add("onError", &plan.onError, "Stop at what is undecided or fails, or skip it (exit code 6)").Choices({ "stop", "skip" });
    p.Group("Study");
    p.Add("labelNames", &plan.labelNames, "Labels of the segmentations that are classes, as 1=liver,2=spleen; all of them, by number, when left out");
    p.Add("sheets", &plan.sheets, "Contact sheets: cases of each class that are drawn").Range(0, 1000);
  }

  void Run(app::Context & context) override
  {
    plan.choices.repairs = repair.rule.isWanted;
    context.progress.Report(0.01, "Looking at images and labels");
    plan.RequireOwnFolder();
    const StartInput input = StartSearch(plan.choices).Look();
    fs::create_directories(plan.output);
    context.Say("Found: " + input.summary);
    context.Say("The command lines below are what you could have typed; $IMAGES, $LABELS, $SEGMENTATIONS and $OUT stand for the folders and files that you named.");
    StartSteps steps(context, plan.output / "start.json", plan.Names());
    steps.Run(plan.Audit(input));
    context.casesExcluded = steps.Run(plan.Import(input)) == 6;
    const auto cohort = Manifest::Read(plan.output / "cohort" / "manifest.csv");
    RequireEnough(cohort);
    for (const auto & step : plan.Sheets(cohort))
      steps.Run(step);
    StudyOf(context, steps);
    SayWhatNext(context);
  }

private:
  /// A study file is made once and then the user's.
  void StudyOf(app::Context & context, StartSteps & steps) const
  {
    const fs::path file = plan.output / "study.toml";
    if (fs::exists(file))
      context.Say("study.toml is there and stays as it is; without it a new one is written");
    else
      steps.Run(plan.NewStudy(file));
    steps.Run({ "smoke run", "study", { "ServalRunStudy", "run", file.string(), "--output", plan.In("smoke"), "--scale", "smoke" }, { plan.output / "smoke" / "report.html" }, 1, { 0 }, Sha256OfFile(file), true,
                "Size, count and classes of the patches stand in study.toml of the output, which is yours to edit" });
  }

  void SayWhatNext(app::Context & context) const
  {
    for (const char * line : { "Report: $OUT/smoke/report.html. It shows that every step works; it is no result: few patients, few steps, one run.",
                               "Next:", "  look at $OUT/sheets: is each volume whole, upright, and are its labels where they belong?",
                               "  serval study check $OUT/study.toml                        what the file asks, and whether so many patients can answer it",
                               "  serval study plan $OUT/study.toml --output $OUT/study     how long the whole study takes; --budget 8h: what fits",
                               "  serval study run $OUT/study.toml --output $OUT/study      the study itself" })
      context.Say(line);
  }
};

} // namespace
} // namespace serval

int main(int argc, char ** argv) { return serval::app::Main<serval::StartStudy>(argc, argv); }
