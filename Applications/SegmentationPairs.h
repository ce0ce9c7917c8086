#pragma once
// Which label maps are compared: two files, two folders, or the cases of a manifest.

#include "ReadingOptions.h"
#include "serval/Core/PathDisplay.h"
#include "serval/Core/Text.h"
#include "serval/Dataset/Manifest.h"

#include <algorithm>
#include <filesystem>
#include <map>
#include <string>
#include <vector>

namespace serval
{

/// The two label maps of one case; an empty path where there is none.
struct SegmentationPair
{
  std::string           caseId, patient;
  std::filesystem::path reference, predicted;
};

struct SegmentationPairs
{
  std::filesystem::path reference, predicted, manifest;

  void Declare(app::Parameters & p)
  {
    p.Add("reference", &reference, "Reference label map, or a folder of them (.nii.gz, .nii, .nrrd, .mha)").In("label").Optional();
    p.Add("predicted", &predicted, "Predicted label map, or a folder with files of the references' names (of the cases' with --manifest)").In("label").Optional();
    p.Add("manifest", &manifest, "Instead of references: table whose column segmentation names them, and pseudo_segmentation the predicted ones where --predicted is left out. "
                                 "Without it each file is its own patient")
      .In("file", ".csv")
      .Optional();
  }

  /// In the order of the manifest, or of the names.
  std::vector<SegmentationPair> List() const
  {
    Require(reference.empty() != manifest.empty(), Fault::Usage, "the input is missing: name --reference and --predicted, or --manifest");
    if (!manifest.empty())
      return OfManifest();
    Require(!predicted.empty(), Fault::Usage, "--predicted is missing");
    const bool isFolder = std::filesystem::is_directory(reference);
    Require(isFolder == std::filesystem::is_directory(predicted), Fault::Usage, "--reference and --predicted must be two files or two folders");
    if (!isFolder)
      return { { "case", "case", reference, predicted } };
    std::map<std::string, SegmentationPair> pairs;
    for (const auto & [name, file] : FilesIn(reference))
      pairs[name] = { name, name, file, {} };
    for (const auto & [name, file] : FilesIn(predicted))
    {
      auto & pair = pairs[name];
      pair.caseId = pair.patient = name;
      pair.predicted = file;
    }
    std::vector<SegmentationPair> list;
    for (auto & [name, pair] : pairs)
      list.push_back(std::move(pair));
    Require(!list.empty(), Fault::Input, "neither '", Shown(reference), "' nor '", Shown(predicted), "' holds a label map (.nii.gz, .nii, .nrrd, .mha)");
    return list;
  }

private:
  std::vector<SegmentationPair> OfManifest() const
  {
    const auto                                   read = Manifest::Read(manifest);
    const bool                                   fromFolder = !predicted.empty();
    std::map<std::string, std::filesystem::path> files;
    Require(!fromFolder || std::filesystem::is_directory(predicted), Fault::Usage, "with --manifest, --predicted is a folder of CASE.nii.gz");
    if (fromFolder)
      files = FilesIn(predicted);
    std::vector<SegmentationPair> list;
    for (const auto & one : read.Cases())
      list.push_back({ one.id, one.patient, one.segmentation, fromFolder ? files[one.id] : one.pseudoSegmentation });
    return list;
  }

  // By the name without extension.
  static std::map<std::string, std::filesystem::path> FilesIn(const std::filesystem::path & folder)
  {
    std::map<std::string, std::filesystem::path> files;
    for (const auto & entry : std::filesystem::directory_iterator(folder))
    {
      const auto name = entry.path().filename().string();
      for (const std::string extension : { ".nii.gz", ".nii", ".nrrd", ".mha" })
        if (name.ends_with(extension) && !name.starts_with('.'))
        {
          const auto stem = name.substr(0, name.size() - extension.size());
          Require(files.emplace(stem, entry.path()).second, Fault::Input, "'", Shown(folder), "' holds the label map '", ShownText(stem), "' in two formats; keep one");
          break;
        }
    }
    return files;
  }
};

} // namespace serval
