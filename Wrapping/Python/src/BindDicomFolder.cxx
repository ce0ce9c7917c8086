// The series in a folder of DICOM files, as dictionaries.
#include "Bindings.h"

#include "serval/Core/PathDisplay.h"
#include "serval/Volume/DicomFolder.h"

namespace serval::python
{
namespace
{

nb::dict Identifying(const SeriesRecord & record)
{
  nb::dict all;
  all["files"] = record.files;
  all["patient_id"] = record.patientId;
  all["patient_name"] = record.patientName;
  all["study_uid"] = record.studyUid;
  all["series_uid"] = record.seriesUid;
  all["accession_number"] = record.accessionNumber;
  all["frame_of_reference_uid"] = record.frameOfReferenceUid;
  return all;
}

nb::dict Described(const SeriesRecord & record, bool identifiers)
{
  nb::list problems;
  for (const auto & problem : record.problems)
    problems.append(nb::make_tuple(problem.name, problem.detail));
  nb::dict all = identifiers ? Identifying(record) : nb::dict();
  all["id"] = ShownText(record.seriesUid);
  all["kind"] = ToText(record.kind);
  all["slices"] = record.slices;
  all["extent"] = nb::make_tuple(record.extent.x, record.extent.y, record.extent.z);
  all["spacing"] = nb::make_tuple(record.spacing.x, record.spacing.y, record.spacing.z);
  all["modality"] = record.modality;
  all["image_type"] = record.imageType;
  all["body_part"] = record.bodyPart;
  all["series_number"] = record.seriesNumber;
  all["description"] = record.description;
  all["has_burned_in_annotation"] = record.hasBurnedInAnnotation;
  all["may_show_face"] = record.mayShowFace;
  all["problems"] = problems;
  return all;
}

nb::tuple ListFolder(const std::filesystem::path & folder, bool identifiers)
{
  DicomFolder found;
  {
    const nb::gil_scoped_release others;
    found = ListDicomFolder(folder);
  }
  nb::list series, damaged;
  for (const auto & record : found.series)
    series.append(Described(record, identifiers));
  for (const auto & file : found.damaged)
    damaged.append(identifiers ? file.string() : Shown(file));
  return nb::make_tuple(series, found.skipped, damaged);
}

} // namespace

void BindDicomFolder(nb::module_ & module)
{
  module.def("list_dicom_folder", &ListFolder, "folder"_a, "identifiers"_a);
}

} // namespace serval::python
