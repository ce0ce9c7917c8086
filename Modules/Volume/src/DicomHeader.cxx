#include "DicomSeries.h"

#include "DicomStructure.h"
#include "serval/Core/Error.h"
#include "serval/Core/Text.h"

#include <gdcmAttribute.h>
#include <gdcmMediaStorage.h>
#include <gdcmReader.h>
#include <gdcmSequenceOfItems.h>

#include <cmath>

namespace serval
{
namespace
{

namespace fs = std::filesystem;
using gdcm::DataSet;
using gdcm::Tag;

constexpr std::size_t maximumFrames = 100000;

std::string TextOf(const DataSet & data, const Tag & tag)
{
  if (!data.FindDataElement(tag))
    return {};
  const gdcm::ByteValue * value = data.GetDataElement(tag).GetByteValue();
  if (!value || value->GetLength() == 0)
    return {};
  std::string text(value->GetPointer(), value->GetLength());
  if (const auto end = text.find('\0'); end != std::string::npos)
    text.resize(end);
  return Trim(text);
}

std::optional<std::vector<double>> NumbersOf(const DataSet & data, const Tag & tag, std::size_t count)
{
  std::vector<double> numbers;
  for (const auto & part : Split(TextOf(data, tag), '\\'))
    if (const auto number = ParseDouble(Trim(part)); number && std::isfinite(*number))
      numbers.push_back(*number);
  return numbers.size() == count ? std::optional(numbers) : std::nullopt;
}

template <std::uint16_t Group, std::uint16_t Element>
int CountOf(const DataSet & data) // of a US element; 0 when it is missing
{
  gdcm::Attribute<Group, Element> value;
  value.SetValue(0);
  value.SetFromDataSet(data);
  return value.GetValue();
}

gdcm::SmartPointer<gdcm::SequenceOfItems> SequenceOf(const DataSet & data, const Tag & tag)
{
  return data.FindDataElement(tag) ? data.GetDataElement(tag).GetValueAsSQ() : nullptr;
}

/// Where the attributes of one plane stand: the file itself, or a frame's functional groups before the shared ones.
struct PlaneSource
{
  const DataSet *              file = nullptr;
  std::vector<const DataSet *> groups;

  std::optional<std::vector<double>> Find(const Tag & sequence, const Tag & tag, std::size_t count) const
  {
    for (const DataSet * group : groups)
      if (const auto items = SequenceOf(*group, sequence); items && items->GetNumberOfItems() > 0)
        if (const auto numbers = NumbersOf(items->GetItem(1).GetNestedDataSet(), tag, count))
          return numbers;
    return NumbersOf(*file, tag, count);
  }
};

void FillPlane(DicomSlice & slice, const PlaneSource & source)
{
  const auto position = source.Find(Tag(0x0020, 0x9113), Tag(0x0020, 0x0032), 3);
  const auto orientation = source.Find(Tag(0x0020, 0x9116), Tag(0x0020, 0x0037), 6);
  const auto spacing = source.Find(Tag(0x0028, 0x9110), Tag(0x0028, 0x0030), 2);
  Require(position && orientation && spacing, Fault::Input, "the DICOM image '", slice.file.string(), "' has no ",
          !position ? "ImagePositionPatient" : !orientation ? "ImageOrientationPatient" : "PixelSpacing",
          "; without it its place in the patient is unknown");
  std::copy(position->begin(), position->end(), slice.position.begin());
  std::copy(orientation->begin(), orientation->end(), slice.orientation.begin());
  std::copy(spacing->begin(), spacing->end(), slice.spacing.begin());
  if (const auto slope = source.Find(Tag(0x0028, 0x9145), Tag(0x0028, 0x1053), 1); slope && slope->front() != 0)
    slice.slope = slope->front();
  if (const auto intercept = source.Find(Tag(0x0028, 0x9145), Tag(0x0028, 0x1052), 1))
    slice.intercept = intercept->front();
}

std::vector<DicomSlice> FillFrames(const DicomSlice & common, const DataSet & data, std::size_t frames)
{
  const auto perFrame = SequenceOf(data, Tag(0x5200, 0x9230));
  const auto shared = SequenceOf(data, Tag(0x5200, 0x9229));
  Require(frames <= maximumFrames && perFrame && perFrame->GetNumberOfItems() == frames, Fault::Input,
          "the multi-frame DICOM file '", common.file.string(), "' has ", frames, " frames, but positions of ",
          perFrame ? perFrame->GetNumberOfItems() : 0, "; the position of each frame is needed");
  std::vector<DicomSlice> slices(frames, common);
  for (std::size_t frame = 0; frame < frames; ++frame)
  {
    PlaneSource source{ &data, { &perFrame->GetItem(frame + 1).GetNestedDataSet() } };
    if (shared && shared->GetNumberOfItems() > 0)
      source.groups.push_back(&shared->GetItem(1).GetNestedDataSet());
    slices[frame].frame = static_cast<int>(frame);
    slices[frame].isMultiFrame = true;
    FillPlane(slices[frame], source);
  }
  return slices;
}

} // namespace

std::vector<DicomSlice> ReadDicomHeader(const fs::path & file)
{
  if (!IsDicomFile(file))
    return {};
  RequireWholeDicom(file);
  gdcm::Reader reader;
  reader.SetFileName(file.c_str());
  Require(reader.ReadUpToTag(Tag(0x7fe0, 0x0010)), Fault::Input, "the DICOM file '", file.string(), "' is damaged");
  const DataSet & data = reader.GetFile().GetDataSet();
  DicomSlice      slice;
  slice.file = file;
  slice.rows = CountOf<0x0028, 0x0010>(data);
  slice.columns = CountOf<0x0028, 0x0011>(data);
  if (slice.rows == 0 || slice.columns == 0)
  { // a report, a directory, a presentation state
    gdcm::MediaStorage storage;
    storage.SetFromDataSet(data);
    Require(!gdcm::MediaStorage::IsImage(storage), Fault::Input, "the DICOM image '", file.string(), "' has no size; it is ",
            "truncated or damaged");
    return {};
  }
  slice.series = TextOf(data, Tag(0x0020, 0x000e));
  slice.modality = TextOf(data, Tag(0x0008, 0x0060));
  slice.seriesNumber = static_cast<int>(ParseInteger(TextOf(data, Tag(0x0020, 0x0011))).value_or(0));
  const auto frames = ParseInteger(TextOf(data, Tag(0x0028, 0x0008))).value_or(1);
  if (frames > 1)
    return FillFrames(slice, data, static_cast<std::size_t>(frames));
  FillPlane(slice, { &data, {} });
  return { slice };
}

} // namespace serval
