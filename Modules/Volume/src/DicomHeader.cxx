#include "DicomHeader.h"

#include "DicomKind.h"
#include "DicomTags.h"
#include "serval/Core/Error.h"
#include "serval/Core/Text.h"

#include <algorithm>
#include <cmath>

namespace serval
{
namespace
{

constexpr long long maximumFrames = 100000;

/// Where the attributes of one plane stand: a frame's functional groups, then the shared ones, then the file itself.
struct PlaneSource
{
  std::vector<const DicomElements *> groups;

  const DicomElements * Group(std::uint32_t sequence, std::uint32_t tag) const
  {
    for (const DicomElements * group : groups)
    {
      const auto & items = group->Items(sequence);
      if (!items.empty() && items.front().Has(tag))
        return &items.front();
    }
    return groups.back();
  }
  std::vector<double> Numbers(std::uint32_t sequence, std::uint32_t tag, std::size_t count) const
  {
    return Group(sequence, tag)->Numbers(tag, count);
  }
  std::string Text(std::uint32_t sequence, std::uint32_t tag) const { return Group(sequence, tag)->Text(tag); }
};

// Numbers sort as numbers.
std::string SortableKey(const std::string & text)
{
  const auto number = ParseInteger(text);
  return number && *number >= 0 ? std::string(text.size() < 12 ? 12 - text.size() : 0, '0') + text : text;
}

std::vector<std::string> KeysOf(const PlaneSource & source)
{
  const DicomElements &    file = *source.groups.back();
  std::string              gradient;
  for (const DicomElements * group : source.groups)
    if (const auto & diffusion = group->Items(tag::mrDiffusion); !diffusion.empty())
      if (const auto & directions = diffusion.front().Items(tag::gradientSequence); !directions.empty())
        gradient = directions.front().Text(tag::gradientDirection);
  const bool isCt = !source.Text(tag::ctFrameType, tag::frameType).empty();
  std::vector<std::string> keys{ source.Text(isCt ? tag::ctFrameType : tag::mrFrameType, tag::frameType) + file.Text(tag::imageType),
                                 source.Text(tag::frameContent, tag::frameStackId),
                                 source.Text(tag::frameContent, tag::temporalIndex),
                                 file.Text(tag::temporalPosition),
                                 source.Text(tag::mrEcho, tag::effectiveEchoTime),
                                 file.Text(tag::echoNumber),
                                 file.Text(tag::echoTime),
                                 source.Text(tag::mrDiffusion, tag::diffusionBValue),
                                 gradient,
                                 source.Text(tag::cardiacSynchronization, tag::cardiacDelay),
                                 file.Text(tag::triggerTime),
                                 file.Text(tag::convolutionKernel),
                                 file.Text(tag::acquisitionNumber) };
  for (const auto & index : Split(source.Text(tag::frameContent, tag::dimensionIndex), '\\'))
    keys.push_back(index);
  std::transform(keys.begin(), keys.end(), keys.begin(), SortableKey);
  return keys;
}

/// Empty when the plane has its place, else what is missing.
std::string FillPlane(DicomPlane & plane, const PlaneSource & source)
{
  const auto position = source.Numbers(tag::planePosition, tag::imagePosition, 3);
  const auto orientation = source.Numbers(tag::planeOrientation, tag::imageOrientation, 6);
  const auto spacing = source.Numbers(tag::pixelMeasures, tag::pixelSpacing, 2);
  plane.keys = KeysOf(source);
  const auto slope = source.Numbers(tag::valueTransformation, tag::rescaleSlope, 1);
  const auto intercept = source.Numbers(tag::valueTransformation, tag::rescaleIntercept, 1);
  plane.isRescaled = !slope.empty() || !intercept.empty();
  if (!slope.empty() && slope[0] != 0)
    plane.slope = slope[0];
  if (!intercept.empty())
    plane.intercept = intercept[0];
  if (position.empty() || orientation.empty() || spacing.empty())
    return position.empty() ? "ImagePositionPatient" : orientation.empty() ? "ImageOrientationPatient" : "PixelSpacing";
  std::copy(position.begin(), position.end(), plane.position.begin());
  std::copy(orientation.begin(), orientation.end(), plane.orientation.begin());
  std::copy(spacing.begin(), spacing.end(), plane.spacing.begin());
  if (!(spacing[0] > 0 && spacing[1] > 0))
    return "positive PixelSpacing";
  const Point  n = NormalOf(plane);
  const double length = std::sqrt(n[0] * n[0] + n[1] * n[1] + n[2] * n[2]);
  if (!(length > 0.99 && length < 1.01))
    return "ImageOrientationPatient of perpendicular unit vectors";
  plane.hasPlace = true;
  return {};
}

std::optional<std::array<int, 2>> PaddingOf(const DicomElements & elements, bool isSigned)
{
  if (!elements.Has(tag::paddingValue))
    return std::nullopt;
  const auto stored = [&](std::uint32_t which, int otherwise) {
    const auto bits = static_cast<std::uint16_t>(elements.Integer(which, otherwise));
    return isSigned ? static_cast<int>(static_cast<std::int16_t>(bits)) : static_cast<int>(bits);
  };
  const int value = stored(tag::paddingValue, 0), limit = stored(tag::paddingLimit, value);
  return std::array{ std::min(value, limit), std::max(value, limit) };
}

void FillPixelLayout(DicomFile & file, const DicomElements & elements)
{
  file.rows = static_cast<int>(elements.Integer(tag::rows));
  file.columns = static_cast<int>(elements.Integer(tag::columns));
  file.frames = static_cast<int>(std::clamp(elements.Integer(tag::numberOfFrames, 1), 1LL, maximumFrames));
  file.bitsAllocated = file.pixels.floatBits ? file.pixels.floatBits : static_cast<int>(elements.Integer(tag::bitsAllocated, 16));
  file.bitsStored = static_cast<int>(std::clamp(elements.Integer(tag::bitsStored, file.bitsAllocated), 1LL, 64LL));
  file.highBit = static_cast<int>(elements.Integer(tag::highBit, file.bitsStored - 1));
  file.isSigned = elements.Integer(tag::pixelRepresentation) == 1;
  file.isInverted = elements.Text(tag::photometric) == "MONOCHROME1";
  file.padding = PaddingOf(elements, file.isSigned);
}

void FillRecord(SeriesRecord & record, const DicomElements & elements)
{
  record.modality = ModalityOf(elements);
  record.description = elements.Text(tag::seriesDescription);
  record.imageType = elements.Text(tag::imageType);
  record.seriesNumber = static_cast<int>(elements.Integer(tag::seriesNumber));
  record.patientId = elements.Text(tag::patientId);
  record.patientName = elements.Text(tag::patientName);
  record.studyUid = elements.Text(tag::studyUid);
  record.studyTime = elements.Text(tag::studyDate) + elements.Text(tag::studyTime);
  record.seriesUid = elements.Text(tag::seriesUid);
  record.accessionNumber = elements.Text(tag::accessionNumber);
  record.frameOfReferenceUid = elements.Text(tag::frameOfReference);
  record.bodyPart = elements.Text(tag::bodyPart);
  record.hasBurnedInAnnotation = elements.Text(tag::burnedIn) == "YES";
}

std::string UnitsOf(const DicomElements & elements, const PlaneSource & first)
{
  if (elements.Has(tag::units))
    return elements.Text(tag::units);
  const std::string type = first.Text(tag::valueTransformation, tag::rescaleType);
  return type.empty() && elements.Text(tag::modality) == "CT" ? "HU" : type;
}

// What the pixels of a file that GDCM need not decode must at least hold.
bool HoldsItsPixels(const DicomFile & file)
{
  const auto expected = static_cast<std::uint64_t>(file.PlaneVoxels()) * static_cast<std::uint64_t>(file.frames) *
                        static_cast<std::uint64_t>(file.bitsAllocated) / 8;
  return file.pixels.isThere && (file.pixels.isEncapsulated || file.pixels.bytes >= expected);
}

// One for each frame that has its functional groups; else one for all: frames of old multi-frame files have no place.
std::vector<PlaneSource> SourcesOf(const DicomElements & elements, const DicomFile & file)
{
  const auto &             perFrame = elements.Items(tag::perFrameGroups);
  const auto &             shared = elements.Items(tag::sharedGroups);
  const bool               isEnhanced = perFrame.size() == static_cast<std::size_t>(file.frames);
  std::vector<PlaneSource> sources(isEnhanced ? perFrame.size() : 1);
  for (std::size_t frame = 0; frame < sources.size(); ++frame)
  {
    if (isEnhanced)
      sources[frame].groups.push_back(&perFrame[frame]);
    if (!shared.empty())
      sources[frame].groups.push_back(&shared.front());
    sources[frame].groups.push_back(&elements);
  }
  return sources;
}

void FillPlanes(DicomHeader & header, DicomFile & file, const DicomElements & elements)
{
  const auto sources = SourcesOf(elements, file);
  header.planes.resize(sources.size());
  std::string missing;
  for (std::size_t frame = 0; frame < sources.size(); ++frame)
  {
    header.planes[frame].frame = static_cast<int>(frame);
    if (const std::string lacks = FillPlane(header.planes[frame], sources[frame]); !lacks.empty() && missing.empty())
      missing = lacks;
  }
  file.units = UnitsOf(elements, sources.front());
  if (static_cast<std::size_t>(file.frames) != sources.size())
    missing = "position of each frame";
  if (missing.empty())
    return;
  if (file.record.kind == SeriesKind::Volume && MustHavePlace(elements.Text(tag::sopClass)))
    file.damage = "it has no " + missing + ", so its place in the patient is unknown";
  else if (file.record.kind == SeriesKind::Volume)
    file.record.kind = SeriesKind::Other;
  for (auto & plane : header.planes)
    plane.hasPlace = false;
}

} // namespace

Point NormalOf(const DicomPlane & plane)
{
  const auto & o = plane.orientation;
  return { o[1] * o[5] - o[2] * o[4], o[2] * o[3] - o[0] * o[5], o[0] * o[4] - o[1] * o[3] };
}

DicomHeader ReadDicomHeader(const std::filesystem::path & path)
{
  const DicomContent    content = ReadDicomContent(path);
  const DicomElements & elements = content.elements;
  DicomHeader           header;
  const auto            file = std::make_shared<DicomFile>();
  header.isDicom = content.isDicom;
  header.file = file;
  file->file = path;
  file->damage = content.isDicom ? content.damage : "";
  file->pixels = content.pixels;
  FillRecord(file->record, elements);
  FillPixelLayout(*file, elements);
  if (!content.isDicom || !file->damage.empty())
    return header;
  const bool isImage = file->rows > 0 && file->columns > 0;
  if (!isImage && !MustHavePlace(elements.Text(tag::sopClass)))
    return header; // a report, a directory, a presentation state
  file->record.kind = KindOf(elements);
  file->record.mayShowFace = MayShowFace(elements, file->record.kind);
  if (!isImage || !HoldsItsPixels(*file))
    file->damage = isImage ? "it holds fewer pixels than its header promises" : "it is an image without size";
  else
    FillPlanes(header, *file, elements);
  if (!file->damage.empty())
    header.planes.clear();
  for (auto & plane : header.planes)
    plane.file = file;
  return header;
}

} // namespace serval
