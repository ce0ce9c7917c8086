#include "ImportCohort.h"
#include "ImportVolumes.h"
#include "ReadingOptions.h"
#include "serval/CommandLine/Application.h"
#include "serval/Core/AtomicFile.h"
#include "serval/Core/Error.h"
#include "serval/Core/PathDisplay.h"
#include "serval/Core/Text.h"
#include "serval/Dataset/PrivateFile.h"

namespace serval
{
namespace
{

namespace fs = std::filesystem;

struct ImportCases final : app::Application
{
  fs::path     folder, labels, segmentations, out, choices, key, linkTable;
  std::string  join = "PatientID", format = "nii.gz", onError = "stop";
  LabelColumns columns;
  SeriesRule   rule;
  bool         mergeClasses = false;
  RepairOptions repair;

  app::Description Describe() const override
  {
    return { "ServalImportCases", "import", "Import Cases", "Serval.Preparation",
             "Makes a cohort out of a folder of DICOM, NIfTI, NRRD or MetaImage files and a spreadsheet, segmentations or both: volumes, "
             "manifest.csv and import-report.csv, with pseudonyms only. Where a row of the spreadsheet matches no series, or two of one "
             "study, nothing is made and choices.csv asks (exit code 3)." };
  }

  void Declare(app::Parameters & p) override
  {
    p.Add("folder", &folder, "Folder with DICOM files and volume files at any depth, among others").In("directory").Positional(0).Identifying();
    p.Add("labels", &labels, "Spreadsheet with one row a patient or study: CSV of any kind, or the first sheet of .xlsx or .ods")
      .In("file", ".csv,.xlsx,.ods").Optional().Identifying();
    p.Add("segmentations", &segmentations, "Folder of segmentations (NIfTI, NRRD, MetaImage, .seg.nrrd) that have the ids as names; without --labels they say which cases there are")
      .In("directory").Optional().Identifying();
    p.Add("join", &join, "What the ids are: PatientID, StudyUID, AccessionNumber, the name of a folder, or of a volume file without its ending")
      .Choices({ "PatientID", "StudyUID", "AccessionNumber", "folder", "file" });
    p.Add("out", &out, "Folder of the cohort, which appears whole or not at all; choices.csv is written beside it").Out("directory").Identifying();
    p.Add("choices", &choices, "The edited choices.csv of an earlier run with the same key").In("file", ".csv").Optional().Identifying();
    p.Group("Columns of the spreadsheet");
    p.Add("idColumn", &columns.id, "Column of the ids (default: the name that --join has)");
    p.Add("labelColumn", &columns.className, "Column of the classes");
    p.Add("siteColumn", &columns.site, "Column of the sites");
    p.Add("patientColumn", &columns.patient, "Column that tells which rows are one patient (default: the DICOM PatientID)");
    p.Add("keepColumns", &columns.kept, "Further columns, without names of patients, carried into the manifest as x_NAME");
    p.Add("mergeClasses", &mergeClasses, "Spellings of a class that differ by letter case, blanks or hyphens become the most frequent one");
    p.Group("Series");
    p.Add("modality", &rule.modality, "CT, MR, ...");
    p.Add("minimumSlices", &rule.minimumSlices, "Fewest slices").Range(2, 100000);
    p.Add("description", &rule.descriptionPattern, "Regular expression found in the series description, letter case ignored");
    repair.Declare(p);
    p.Add("format", &format, "Format of the volumes").Choices({ "nii.gz", "nrrd" });
    p.Add("onError", &onError, "Stop at what is undecided or fails, or skip it (exit code 6)").Choices({ "stop", "skip" });
    p.Group("Privacy");
    p.Add("key", &key, "Key file of the pseudonyms, made (for you alone) when missing, never overwritten; default: serval-site.key beside --out")
      .Out("file").Optional().Identifying();
    p.Add("linkTable", &linkTable, "Also write the table that leads from pseudonyms back to patients (for you alone; never overwritten)")
      .Out("file", ".csv").Optional().Identifying();
  }

  void Run(app::Context & context) override
  {
    const bool showsNames = ShownText("name") == "name";
    ShowWholePaths(false); // whatever is written stays without names
    CheckOutputs();
    columns.id = columns.id.empty() ? join : columns.id;
    const auto masks = segmentations.empty() ? SegmentationFiles{} : ListSegmentations(segmentations);
    const auto rows = RowsOf(labels, columns, mergeClasses, masks);
    const auto site = OpenKey(context);
    const auto decided = choices.empty() ? Choices{} : ReadChoices(choices);
    context.progress.Report(0.01, "Reading the headers");
    const DicomFolder found = ListImageFolder(folder, segmentations);
    Cohort            cohort = MatchCohort(rows, CandidatesOf(found, rule, repair.rule.isWanted, folder), JoinByFrom(join), site, decided);
    WarnOfImages(context, found, cohort, showsNames);
    if (cohort.undecided > 0 && onError == "stop")
      AskForChoices(cohort, found);
    Write(context, cohort, found, masks);
  }

private:
  fs::path Beside(const std::string & name) const
  {
    const auto whole = fs::absolute(out / "").lexically_normal().parent_path(); // without a slash at the end
    return whole.parent_path() / name;
  }

  void CheckOutputs() const
  {
    const bool isCohort = !fs::exists(out) || fs::is_empty(out) || fs::exists(out / "import-report.csv");
    Require(isCohort, Fault::Usage, "--out is a folder with other content, which would be replaced; name a new one");
    const auto whole = fs::absolute(out / "").lexically_normal();
    for (const auto & [file, option] : { std::pair{ linkTable, "--linkTable" }, std::pair{ key, "--key" } })
      Require(file.empty() || fs::absolute(file).lexically_relative(whole).native().starts_with(".."), Fault::Usage, option,
              " must not lie inside the cohort, which is given to others");
    Require(linkTable.empty() || !fs::exists(linkTable), Fault::Input, "the file of --linkTable exists and is never overwritten; name another");
  }

  SiteKey OpenKey(const app::Context & context) const
  {
    const fs::path file = key.empty() ? Beside("serval-site.key") : key;
    if (!fs::exists(file))
      context.Say(Concat("The key of the pseudonyms is made: ", key.empty() ? "serval-site.key beside the folder of --out" : "the file of --key",
                         ". Keep it safe and private; without it the same patients get other pseudonyms."));
    const auto site = SiteKey::OpenOrCreate(file);
    SetPathDisplayKey(site.PseudonymOf("shown names"));
    return site;
  }

  [[noreturn]] void AskForChoices(const Cohort & cohort, const DicomFolder & found) const
  {
    const auto file = Beside("choices.csv");
    ReportOf(cohort, found).Write(Beside("import-report.csv"));
    Require(!fs::exists(file) || (!choices.empty() && fs::equivalent(file, choices)), Fault::Input, cohort.undecided,
            " case(s) are undecided, and choices.csv beside the folder of --out exists; give it by --choices, or remove it");
    cohort.choices.Write(file);
    Fail(Fault::Input, cohort.undecided, " case(s) have no series or several in one study: write yes or no in the column use of choices.csv, "
         "beside the folder of --out, and give it by --choices; or leave them out by --onError skip. Nothing was imported; import-report.csv stands there too");
  }

  void Write(app::Context & context, Cohort & cohort, const DicomFolder & found, const SegmentationFiles & masks) const
  {
    AtomicOutput folderOfCohort(out, AtomicOutput::Kind::Folder);
    const bool   isWhole = WriteVolumes(context, cohort, found, { "." + format, repair.rule, onError == "skip", masks }, folderOfCohort.Path());
    Require(!cohort.cases.empty(), Fault::Input, "no image and ", labels.empty() ? "segmentation" : "row of the spreadsheet", " match: is --join ", join, " right", labels.empty() ? "?" : ", and --idColumn?");
    const auto manifest = cohort.ManifestTable(columns, "." + format);
    manifest.Write(folderOfCohort.Path() / "manifest.csv");
    ReportOf(cohort, found).Write(folderOfCohort.Path() / "import-report.csv");
    WriteTextFile(folderOfCohort.Path() / "import.json", context.provenance.ToJson() + "\n");
    if (!linkTable.empty())
      CreatePrivateFile(linkTable, cohort.Links().ToText(), "the link table");
    folderOfCohort.Commit();
    context.casesExcluded = !isWhole || cohort.undecided > 0;
    context.WriteNumbers(cohort.Numbers());
    context.Say(cohort.Summary());
  }
};

} // namespace
} // namespace serval

int main(int argc, char ** argv) { return serval::app::Main<serval::ImportCases>(argc, argv); }
