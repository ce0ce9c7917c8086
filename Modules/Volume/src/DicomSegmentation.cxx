// The library servalDicomExport: a DICOM segmentation made by DCMTK.
#include "DicomSegmentation.h"

#include "SegmentationSource.h"
#include "serval/Core/Error.h"
#include "serval/Core/Hash.h"
#include "serval/Core/Provenance.h"

#include <dcmtk/dcmfg/fgderimg.h>
#include <dcmtk/dcmfg/fgfracon.h>
#include <dcmtk/dcmfg/fgpixmsr.h>
#include <dcmtk/dcmfg/fgplanor.h>
#include <dcmtk/dcmfg/fgplanpo.h>
#include <dcmtk/dcmseg/segdoc.h>
#include <dcmtk/dcmseg/segment.h>

#include <algorithm>
#include <map>
#include <span>

namespace serval
{
namespace
{

// An UID of the arc 2.25: the number of a name-based UUID.
std::string DerivedUid(const std::string & text, const std::string & use)
{
  const std::string name = use + '\n' + text;
  const std::string hexadecimal = ContentHash(std::as_bytes(std::span(name)));
  unsigned __int128 number = 0;
  for (const char digit : hexadecimal)
    number = number * 16 + static_cast<unsigned>(digit <= '9' ? digit - '0' : digit - 'a' + 10);
  const auto bits = [](unsigned value, int place) { return static_cast<unsigned __int128>(value) << place; };
  number = (number & ~bits(15, 76)) | bits(8, 76); // version 8, RFC 9562
  number = (number & ~bits(3, 62)) | bits(2, 62);  // its variant
  std::string decimal;
  for (; number > 0; number /= 10)
    decimal.insert(decimal.begin(), static_cast<char>('0' + static_cast<int>(number % 10)));
  return "2.25." + decimal;
}

std::string Identity(const SegmentationTask & task)
{
  const auto & g = task.labels.geometry;
  std::string  text = Concat(Version(), '\n', task.source.seriesUid, '\n', ToText(g.extent), '\n', int(task.text.algorithm), '\n',
                             task.text.description, '\n', task.text.created, '\n', task.text.hasEmptyFrames, '\n',
                             ContentHash(std::as_bytes(std::span(task.labels.labels))));
  for (const auto & s : task.segments)
    text += Concat('\n', s.label, '\n', s.name, '\n', s.category.value, s.category.scheme, s.category.meaning, '\n', s.type.value,
                   s.type.scheme, s.type.meaning);
  return text;
}

CodeSequenceMacro Code(const CodedEntry & entry)
{
  return { entry.value.c_str(), entry.scheme.c_str(), entry.meaning.c_str() };
}

DcmSegTypes::E_SegmentAlgoType AlgorithmOf(SegmentAlgorithm algorithm)
{
  switch (algorithm)
  {
    case SegmentAlgorithm::Automatic: return DcmSegTypes::SAT_AUTOMATIC;
    case SegmentAlgorithm::Semiautomatic: return DcmSegTypes::SAT_SEMIAUTOMATIC;
    case SegmentAlgorithm::Manual: break;
  }
  return DcmSegTypes::SAT_MANUAL;
}

/// One segmentation document under construction.
class SegmentationWriter
{
public:
  explicit SegmentationWriter(const SegmentationTask & task)
    : m_Task(task)
    , m_Source(task.source, task.labels.geometry, HasAccents(task))
    , m_Identity(Identity(task))
  {
    Create();
    DescribeSeries();
    AddSegments();
    AddSharedGroups();
    AddReferences();
  }

  std::size_t AddFrames();
  void        Save();

private:
  static bool HasAccents(const SegmentationTask & task)
  {
    const auto isAccent = [](char letter) { return static_cast<unsigned char>(letter) > 127; };
    return std::any_of(task.text.description.begin(), task.text.description.end(), isAccent) ||
           std::any_of(task.segments.begin(), task.segments.end(),
                       [&](const Segment & s) { return std::any_of(s.name.begin(), s.name.end(), isAccent); });
  }
  void Create();
  void DescribeSeries();
  void AddSegments();
  void AddSharedGroups();
  void AddReferences();
  void AddFrame(std::size_t segment, std::size_t z, const std::vector<Uint8> & pixels);

  const SegmentationTask &         m_Task;
  SegmentationSource               m_Source;
  std::string                      m_Identity;
  std::unique_ptr<DcmSegmentation> m_Document;
};

void SegmentationWriter::Create()
{
  const auto &                             extent = m_Task.labels.geometry.extent;
  const IODGeneralEquipmentModule::EquipmentInfo equipment("Serval", "ServalExportSegmentation", "0", Version().c_str());
  const ContentIdentificationMacro         content("1", "SEGMENTATION", "", "");
  DcmSegmentation *                        made = nullptr;
  RequireDone(DcmSegmentation::createBinarySegmentation(made, static_cast<Uint16>(extent.y), static_cast<Uint16>(extent.x), equipment, content),
              "starting a segmentation");
  m_Document.reset(made);
  RequireDone(m_Document->importFromSourceImage(*m_Source.Planes().front().dataset), "taking patient and study from the source series");
  OFString frameOfReference;
  m_Document->getFrameOfReference().getFrameOfReferenceUID(frameOfReference);
  if (frameOfReference.empty()) // a source without one: always the same for this series
    RequireDone(m_Document->getFrameOfReference().setFrameOfReferenceUID(DerivedUid(m_Task.source.seriesUid, "frame of reference").c_str()),
                "naming the frame of reference");
}

void SegmentationWriter::DescribeSeries()
{
  const std::string organization = DerivedUid(m_Identity, "dimensions");
  const auto        number = std::to_string(1000 + std::max(0, m_Task.source.seriesNumber));
  RequireDone(m_Document->getSeries().setSeriesDescription(m_Task.text.description.c_str()), "naming the series");
  RequireDone(m_Document->getSeries().setSeriesNumber(number.c_str()), "numbering the series");
  RequireDone(m_Document->getSeries().setSeriesInstanceUID(DerivedUid(m_Identity, "series").c_str()), "identifying the series");
  RequireDone(m_Document->getSOPCommon().setSOPInstanceUID(DerivedUid(m_Identity, "instance").c_str()), "identifying the instance");
  auto & dimensions = m_Document->getDimensions();
  RequireDone(dimensions.addDimensionIndex(DCM_ReferencedSegmentNumber, organization.c_str(), DCM_SegmentIdentificationSequence, "Segment"),
              "stating the order of the frames");
  RequireDone(dimensions.addDimensionIndex(DCM_ImagePositionPatient, organization.c_str(), DCM_PlanePositionSequence, "Position"),
              "stating the order of the frames");
  OFString lossy, ratio, method;
  auto &   first = *m_Source.Planes().front().dataset;
  if (first.findAndGetOFString(DCM_LossyImageCompression, lossy).good() && lossy == "01")
  {
    first.findAndGetOFStringArray(DCM_LossyImageCompressionRatio, ratio);
    first.findAndGetOFStringArray(DCM_LossyImageCompressionMethod, method);
    RequireDone(m_Document->setLossyImageCompressionFlag(ratio, method, OFFalse), "telling the source's lossy compression");
  }
}

void SegmentationWriter::AddSegments()
{
  const bool     isManual = m_Task.text.algorithm == SegmentAlgorithm::Manual;
  const OFString algorithm = isManual ? OFString() : OFString(("Serval " + Version()).c_str());
  for (const auto & segment : m_Task.segments)
  {
    DcmSegment * made = nullptr;
    Uint16       number = 0;
    const auto   what = "adding the segment '" + segment.name + "'";
    RequireDone(DcmSegment::create(made, segment.name.c_str(), Code(segment.category), Code(segment.type), AlgorithmOf(m_Task.text.algorithm), algorithm),
                what.c_str());
    RequireDone(m_Document->addSegment(made, number), what.c_str());
  }
}

void SegmentationWriter::AddSharedGroups()
{
  std::array<OFString, 6> cosines;
  for (unsigned long i = 0; i < 6; ++i)
    cosines[i] = m_Source.Text(DCM_PlaneOrientationSequence, DCM_ImageOrientationPatient, i);
  const std::unique_ptr<FGPlaneOrientationPatient> orientation(
    FGPlaneOrientationPatient::createMinimal(cosines[0], cosines[1], cosines[2], cosines[3], cosines[4], cosines[5]));
  Require(orientation != nullptr, Fault::Input, "the source series has no orientation that DICOM accepts");
  RequireDone(m_Document->addForAllFrames(*orientation), "stating the orientation");

  FGPixelMeasures measures;
  const auto      rows = m_Source.Text(DCM_PixelMeasuresSequence, DCM_PixelSpacing, 0), columns = m_Source.Text(DCM_PixelMeasuresSequence, DCM_PixelSpacing, 1);
  const auto      thickness = m_Source.Text(DCM_PixelMeasuresSequence, DCM_SliceThickness, 0);
  char            between[32];
  std::snprintf(between, sizeof between, "%.10g", m_Task.labels.geometry.spacing.z);
  RequireDone(measures.setPixelSpacing(rows + "\\" + columns), "stating the pixel spacing");
  RequireDone(measures.setSliceThickness(thickness.empty() ? OFString(between) : thickness), "stating the slice thickness");
  RequireDone(measures.setSpacingBetweenSlices(between), "stating the slice distance");
  RequireDone(m_Document->addForAllFrames(measures), "stating the voxel size");
}

void SegmentationWriter::AddReferences()
{
  auto series = std::make_unique<IODSeriesAndInstanceReferenceMacro::ReferencedSeriesItem>();
  RequireDone(series->setSeriesInstanceUID(m_Task.source.seriesUid.c_str()), "naming the source series");
  for (DcmDataset * dataset : m_Source.Datasets())
  {
    OFString kind, instance;
    dataset->findAndGetOFString(DCM_SOPClassUID, kind);
    dataset->findAndGetOFString(DCM_SOPInstanceUID, instance);
    RequireDone(series->addReference(kind, instance), "naming the source images");
  }
  m_Document->getCommonInstanceReference().getReferencedSeriesItems().push_back(series.release());
}

void SegmentationWriter::AddFrame(std::size_t segment, std::size_t z, const std::vector<Uint8> & pixels)
{
  const SourcePlane &                      plane = m_Source.Planes()[z];
  const std::unique_ptr<FGPlanePosPatient> position(FGPlanePosPatient::createMinimal(plane.position[0], plane.position[1], plane.position[2]));
  Require(position != nullptr, Fault::Input, "slice ", z, " of the source series has no position that DICOM accepts");
  FGFrameContent content;
  RequireDone(content.setDimensionIndexValues(static_cast<Uint32>(segment + 1), 0), "counting the frames");
  RequireDone(content.setDimensionIndexValues(static_cast<Uint32>(z + 1), 1), "counting the frames");
  FGDerivationImage          derivation;
  DerivationImageItem *      item = nullptr;
  OFVector<SourceImageItem *> images;
  RequireDone(derivation.addDerivationImageItem({ "113076", "DCM", "Segmentation" }, "", item), "naming a frame's source");
  RequireDone(item->addSourceImageItems(OFVector<DcmDataset *>{ plane.dataset }, { "121322", "DCM", "Source image for image processing operation" }, images),
              "naming a frame's source");
  if (m_Source.IsMultiFrame())
    RequireDone(images[0]->getImageSOPInstanceReference().addReferencedFrameNumber(static_cast<Uint16>(plane.frame + 1)), "naming a frame's source");
  OFVector<FGBase *> groups;
  for (FGBase * group : { static_cast<FGBase *>(position.get()), static_cast<FGBase *>(&content), static_cast<FGBase *>(&derivation) })
    groups.push_back(group);
  RequireDone(m_Document->addFrame(const_cast<Uint8 *>(pixels.data()), static_cast<Uint16>(segment + 1), groups), "adding a frame");
}

std::size_t SegmentationWriter::AddFrames()
{
  const auto &       extent = m_Task.labels.geometry.extent;
  const auto         plane = static_cast<std::size_t>(extent.x * extent.y);
  std::vector<Uint8> pixels(plane);
  std::size_t        frames = 0;
  for (std::size_t segment = 0; segment < m_Task.segments.size(); ++segment)
    for (std::size_t z = 0; z < static_cast<std::size_t>(extent.z); ++z)
    {
      const auto labels = std::span(m_Task.labels.labels).subspan(z * plane, plane);
      const auto wanted = m_Task.segments[segment].label;
      std::transform(labels.begin(), labels.end(), pixels.begin(), [=](std::uint16_t label) { return Uint8(label == wanted); });
      if (!m_Task.text.hasEmptyFrames && std::find(pixels.begin(), pixels.end(), Uint8(1)) == pixels.end())
        continue;
      AddFrame(segment, z, pixels);
      ++frames;
    }
  return frames;
}

void SegmentationWriter::Save()
{
  DcmFileFormat file;
  auto &        dataset = *file.getDataset();
  RequireDone(m_Document->writeDataset(dataset), "building the segmentation");
  const std::string date = m_Task.text.created.substr(0, 8), time = m_Task.text.created.substr(8);
  for (const auto & [tag, value] : { std::pair{ DCM_ContentDate, date }, { DCM_ContentTime, time }, { DCM_SeriesDate, date }, { DCM_SeriesTime, time } })
    RequireDone(dataset.putAndInsertString(tag, value.c_str()), "stating the date");
  RequireDone(file.saveFile(m_Task.output.c_str(), EXS_LittleEndianExplicit), "writing the file");
}

} // namespace
} // namespace serval

extern "C" __attribute__((visibility("default"))) void ServalWriteDicomSegmentation(serval::SegmentationTask & task)
{
  OFLog::configure(OFLogger::OFF_LOG_LEVEL);
  // What the source says of its patient is passed on as it stands, also where it breaks its value representation.
  dcmEnableVRCheckerForStringValues.set(OFFalse);
  serval::SegmentationWriter writer(task);
  task.frames = writer.AddFrames();
  writer.Save();
}
