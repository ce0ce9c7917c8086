#include "serval/Cache/FeatureFile.h"

#include "Hdf5.h"
#include "serval/Core/AtomicFile.h"

#include <cstdint>

namespace serval
{
namespace
{

constexpr const char * schema = "serval-features/1";

std::vector<std::string> MembersOf(hid_t file, const char * group)
{
  std::vector<std::string> names;
  const hdf5::Group        opened(H5Gopen2(file, group, H5P_DEFAULT), std::string("opening '") + group + "'");
  const auto               add = [](hid_t, const char * name, const H5L_info_t *, void * list) -> herr_t {
    static_cast<std::vector<std::string> *>(list)->emplace_back(name);
    return 0;
  };
  H5Literate(opened, H5_INDEX_NAME, H5_ITER_INC, nullptr, add, &names);
  return names;
}

} // namespace

FeatureFile FeatureFile::Read(const std::filesystem::path & path)
{
  const hdf5::File file = hdf5::OpenForReading(path);
  const bool       ours = H5Aexists(file, "schema") > 0 && hdf5::ReadTextAttribute(file, "schema") == schema;
  Require(ours, Fault::Input, "'", path.string(), "' is no feature file of Serval (", schema, " is expected)");
  FeatureFile features;
  features.cases = hdf5::ReadTexts(file, "/case");
  features.patients = hdf5::ReadTexts(file, "/patient");
  features.unitIds = hdf5::ReadTexts(file, "/unit_id");
  features.classNames = hdf5::ReadTexts(file, "/class_names");
  features.modelHash = hdf5::ReadTextAttribute(file, "model");
  features.provenance = hdf5::ReadTextAttribute(file, "provenance");
  const auto classes = hdf5::ReadVector<std::int32_t>(file, "/class", 1);
  features.classes.assign(classes.begin(), classes.end());
  const std::size_t rows = features.Rows();
  Require(features.cases.size() == rows && features.patients.size() == rows && features.unitIds.size() == rows, Fault::Input,
          "the tables of '", path.string(), "' have different lengths");
  for (const auto & name : MembersOf(file, "/features"))
  {
    std::vector<hsize_t> shape;
    Layer                layer;
    layer.values = hdf5::ReadVector<float>(file, "/features/" + name, 2, &shape);
    layer.width = shape[1];
    Require(shape[0] == rows, Fault::Input, "layer '", name, "' of '", path.string(), "' has ", shape[0], " rows; ", rows,
            " are expected");
    features.layers[name] = std::move(layer);
  }
  return features;
}

void FeatureFile::Write(const std::filesystem::path & path) const
{
  std::uint64_t bytes = 0;
  for (const auto & [name, layer] : layers)
    bytes += 4 * layer.values.size();
  AtomicOutput output(path, AtomicOutput::Kind::File, bytes);
  {
    const hdf5::File file = hdf5::Create(output.Path());
    hdf5::WriteAttribute(file, "schema", schema);
    hdf5::WriteAttribute(file, "model", modelHash);
    hdf5::WriteAttribute(file, "provenance", provenance);
    for (const auto & [name, layer] : layers)
      hdf5::WriteVector(file, "/features/" + name, { Rows(), layer.width }, layer.values);
    hdf5::WriteVector(file, "/class", { Rows() }, std::vector<std::int32_t>(classes.begin(), classes.end()));
    hdf5::WriteTexts(file, "/case", cases);
    hdf5::WriteTexts(file, "/patient", patients);
    hdf5::WriteTexts(file, "/unit_id", unitIds);
    hdf5::WriteTexts(file, "/class_names", classNames);
  }
  output.Commit();
}

} // namespace serval
