#include "DicomPhantom.h"

#include "serval/Core/Text.h"

#include <gdcmSequenceOfItems.h>
#include <gdcmWriter.h>

#include <functional>
#include <stdexcept>

namespace serval::support
{
namespace
{

namespace fs = std::filesystem;
using Set = gdcm::DataSet;

void Insert(Set & data, std::uint16_t group, std::uint16_t element, gdcm::VR::VRType type, std::string text)
{
  if (text.size() % 2)
    text += type == gdcm::VR::UI ? '\0' : ' ';
  gdcm::DataElement item(gdcm::Tag(group, element), 0, type);
  item.SetByteValue(text.data(), static_cast<std::uint32_t>(text.size()));
  data.Replace(item);
}

std::string Short(int value)
{
  return { static_cast<char>(value & 0xff), static_cast<char>(value >> 8) };
}

void InsertImageModule(Set & data, const DicomPlane & plane)
{
  Insert(data, 0x0028, 0x0002, gdcm::VR::US, Short(1));
  Insert(data, 0x0028, 0x0004, gdcm::VR::CS, plane.photometric);
  Insert(data, 0x0028, 0x0010, gdcm::VR::US, Short(plane.rows));
  Insert(data, 0x0028, 0x0011, gdcm::VR::US, Short(plane.columns));
  if (!plane.spacing.empty())
    Insert(data, 0x0028, 0x0030, gdcm::VR::DS, plane.spacing);
  if (!plane.real.empty())
  {
    Insert(data, 0x0028, 0x0100, gdcm::VR::US, Short(32));
    Insert(data, 0x7fe0, 0x0008, gdcm::VR::OF, std::string(reinterpret_cast<const char *>(plane.real.data()), plane.real.size() * 4));
    return;
  }
  Insert(data, 0x0028, 0x0100, gdcm::VR::US, Short(16));
  Insert(data, 0x0028, 0x0101, gdcm::VR::US, Short(16));
  Insert(data, 0x0028, 0x0102, gdcm::VR::US, Short(15));
  Insert(data, 0x0028, 0x0103, gdcm::VR::US, Short(plane.isSigned ? 1 : 0));
  if (!plane.intercept.empty())
    Insert(data, 0x0028, 0x1052, gdcm::VR::DS, plane.intercept);
  if (!plane.slope.empty())
    Insert(data, 0x0028, 0x1053, gdcm::VR::DS, plane.slope);
  Insert(data, 0x7fe0, 0x0010, gdcm::VR::OW,
         std::string(reinterpret_cast<const char *>(plane.stored.data()), plane.stored.size() * 2));
}

std::string Numbers(std::initializer_list<double> numbers)
{
  std::vector<std::string> texts;
  for (const double number : numbers)
    texts.push_back(FormatFixed(number, 9));
  return Join(texts, "\\");
}

Set SetOf(std::uint16_t group, std::uint16_t element, gdcm::VR::VRType type, const std::string & text)
{
  Set set;
  Insert(set, group, element, type, text);
  return set;
}

void InsertSequence(Set & data, std::uint16_t group, std::uint16_t element, const std::vector<Set> & items)
{
  const gdcm::SmartPointer<gdcm::SequenceOfItems> sequence = new gdcm::SequenceOfItems;
  for (const auto & set : items)
  {
    gdcm::Item item;
    item.SetNestedDataSet(set);
    sequence->AddItem(item);
  }
  gdcm::DataElement holder(gdcm::Tag(group, element), 0, gdcm::VR::SQ);
  holder.SetValue(*sequence);
  holder.SetVLToUndefined();
  data.Replace(holder);
}

void Write(const DicomPlane & plane, int instance, const fs::path & file, const std::function<void(Set &)> & add)
{
  gdcm::Writer writer;
  Set &        data = writer.GetFile().GetDataSet();
  Insert(data, 0x0008, 0x0016, gdcm::VR::UI, plane.sopClass);
  Insert(data, 0x0008, 0x0018, gdcm::VR::UI, plane.series + "." + std::to_string(instance));
  Insert(data, 0x0008, 0x0060, gdcm::VR::CS, plane.modality);
  Insert(data, 0x0010, 0x0010, gdcm::VR::PN, "Secret^Name");
  Insert(data, 0x0020, 0x000e, gdcm::VR::UI, plane.series);
  Insert(data, 0x0020, 0x0013, gdcm::VR::IS, std::to_string(instance));
  if (!plane.position.empty())
    Insert(data, 0x0020, 0x0032, gdcm::VR::DS, plane.position);
  if (!plane.orientation.empty())
    Insert(data, 0x0020, 0x0037, gdcm::VR::DS, plane.orientation);
  InsertImageModule(data, plane);
  for (const auto & extra : plane.extra)
    Insert(data, extra.group, extra.element, gdcm::VR::GetVRTypeFromFile(extra.type.c_str()),
           extra.type == "US" ? Short(std::stoi(extra.value)) : extra.value);
  add(data);
  writer.GetFile().GetHeader().SetDataSetTransferSyntax(gdcm::TransferSyntax::ExplicitVRLittleEndian);
  writer.SetFileName(file.c_str());
  if (!writer.Write())
    throw std::runtime_error("cannot write " + file.string());
}

} // namespace

void WriteDicomPlane(const DicomPlane & plane, int instance, const fs::path & file)
{
  Write(plane, instance, file, [](Set &) {});
}

void WriteEnhanced(const std::vector<DicomPlane> & planes, const std::vector<int> & times, const fs::path & file,
                   const std::vector<std::string> & stacks)
{
  DicomPlane       whole = planes.front();
  std::vector<Set> frames;
  whole.stored.clear();
  for (std::size_t i = 0; i < planes.size(); ++i)
  {
    const auto & plane = planes[i];
    whole.stored.insert(whole.stored.end(), plane.stored.begin(), plane.stored.end());
    Set frame, content, values;
    InsertSequence(frame, 0x0020, 0x9113, { SetOf(0x0020, 0x0032, gdcm::VR::DS, plane.position) });
    InsertSequence(frame, 0x0020, 0x9116, { SetOf(0x0020, 0x0037, gdcm::VR::DS, plane.orientation) });
    if (!times.empty())
      Insert(content, 0x0020, 0x9128, gdcm::VR::UL, Short(times[i]) + Short(0));
    if (!stacks.empty())
      Insert(content, 0x0020, 0x9056, gdcm::VR::SH, stacks[i]);
    InsertSequence(frame, 0x0020, 0x9111, { content });
    Insert(values, 0x0028, 0x1052, gdcm::VR::DS, plane.intercept);
    Insert(values, 0x0028, 0x1053, gdcm::VR::DS, plane.slope);
    InsertSequence(frame, 0x0028, 0x9145, { values });
    frames.push_back(frame);
  }
  Set shared;
  InsertSequence(shared, 0x0028, 0x9110, { SetOf(0x0028, 0x0030, gdcm::VR::DS, whole.spacing) });
  whole.sopClass = whole.modality == "CT" ? "1.2.840.10008.5.1.4.1.1.2.1" : "1.2.840.10008.5.1.4.1.1.4.1";
  whole.extra.push_back({ 0x0028, 0x0008, "IS", std::to_string(planes.size()) });
  whole.position = whole.orientation = whole.spacing = whole.slope = whole.intercept = "";
  Write(whole, 1, file, [&](Set & data) {
    InsertSequence(data, 0x5200, 0x9229, { shared });
    InsertSequence(data, 0x5200, 0x9230, frames);
  });
}

std::vector<DicomPlane> PlanesOf(const Volume & volume, int slope, int intercept)
{
  const Geometry &        g = volume.geometry;
  const auto &            d = g.direction;
  const auto &            voxels = std::get<std::vector<std::int16_t>>(volume.voxels);
  std::vector<DicomPlane> planes;
  for (std::int64_t z = 0; z < g.extent.z; ++z)
  {
    const Point p = g.PointAt(0, 0, static_cast<double>(z));
    DicomPlane  plane;
    plane.columns = static_cast<int>(g.extent.x);
    plane.rows = static_cast<int>(g.extent.y);
    plane.position = Numbers({ p[0], p[1], p[2] });
    plane.orientation = Numbers({ d[0], d[3], d[6], d[1], d[4], d[7] });
    plane.spacing = Numbers({ g.spacing.y, g.spacing.x });
    plane.slope = std::to_string(slope);
    plane.intercept = std::to_string(intercept);
    const auto start = voxels.begin() + z * g.extent.x * g.extent.y;
    for (auto voxel = start; voxel != start + g.extent.x * g.extent.y; ++voxel)
      plane.stored.push_back(static_cast<std::int16_t>((*voxel - intercept) / slope));
    planes.push_back(std::move(plane));
  }
  return planes;
}

void WriteShuffled(const std::vector<DicomPlane> & planes, const fs::path & folder, const std::string & prefix)
{
  for (std::size_t i = 0; i < planes.size(); ++i)
    WriteDicomPlane(planes[i], static_cast<int>(planes.size() - i), folder / (prefix + std::to_string(i * 7 % 10) +
                                                                            std::to_string(i) + ".dcm"));
}

} // namespace serval::support
