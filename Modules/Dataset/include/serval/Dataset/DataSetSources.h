#pragma once

#include <string>
#include <vector>

namespace serval
{

/// A file as its publisher names it, with the checksums that public loaders state; the one or the other may be empty.
struct PublishedFile
{
  std::string name, md5 = {}, sha256 = {};
};

/// A published data set that networks have learned from before they met medical images. Serval downloads nothing.
struct DataSetSource
{
  std::string name;           ///< in lower case: cifar-10; a cache of it is NAME.cache
  std::string kind;           ///< natural, scenes, texture, material, medical
  int         dimension = 2;
  std::string images;         ///< how many, in words: 60 K
  int         classes = 0;
  std::string published = {}; ///< what is counted outside the survey, in words
  std::string licence, publisher;
  std::string obtain;         ///< how to come by it, in words
  std::string layout;         ///< of the folder or file that is imported
  std::string import;         ///< options of extract-patches

  std::vector<PublishedFile> files = {};

  std::string checked = {};      ///< what was read elsewhere, and where: a public loader, the publisher's page; not by trying
  std::string unchecked = {};    ///< for what no such place was found
  bool        isSurveyed = true; ///< in Table 1 of Cheplygina's survey, whose numbers of images and classes are given
};

/// Those known, the survey's in its order, then others.
const std::vector<DataSetSource> & KnownDataSets();

/// Null when there is none of this name, in any case of letters.
const DataSetSource * KnownDataSet(const std::string & name);

/// The command that imports it as NAME.cache.
std::string ImportCommand(const DataSetSource & source);

} // namespace serval
