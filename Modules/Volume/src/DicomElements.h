#pragma once

#include <cstddef>
#include <cstdint>
#include <filesystem>
#include <memory>
#include <string>
#include <utility>
#include <vector>

namespace serval
{

class DicomBytes;

/// The elements of a DICOM data set that Serval uses, numbers of binary types written as decimal text.
struct DicomElements
{
  std::vector<std::pair<std::uint32_t, std::string>>                values;
  std::vector<std::pair<std::uint32_t, std::vector<DicomElements>>> sequences;

  /// Trimmed text; empty when the element is missing or empty.
  std::string Text(std::uint32_t tag) const;
  bool        Has(std::uint32_t tag) const { return !Text(tag).empty(); }
  /// Exactly `count` finite numbers, else none.
  std::vector<double> Numbers(std::uint32_t tag, std::size_t count) const;
  /// The whole number; `otherwise` when it is missing.
  long long Integer(std::uint32_t tag, long long otherwise = 0) const;
  /// The items of a sequence; none when it is missing.
  const std::vector<DicomElements> & Items(std::uint32_t tag) const;
};

/// Where and how a file holds its pixels.
struct DicomPixels
{
  std::uint64_t offset = 0, bytes = 0;
  std::uint64_t dataSet = 0; ///< of a deflated file: where its packed part begins
  bool          isThere = false, isEncapsulated = false, isBigEndian = false, isDeflated = false;
  int           floatBits = 0; ///< 32 or 64 where the pixels are floating point
};

/// What one pass over a file found. Elements before the pixels are read, the pixels are not.
struct DicomContent
{
  bool          isDicom = false;
  DicomElements elements;
  DicomPixels   pixels;
  std::string   damage; ///< where the file ends before its elements do; empty when it is whole
};

/// Walks a file's elements (explicit or implicit, big endian, deflated; without the preamble when its first element is of
/// group 0008 and a SOP class follows). A file that ends before its elements do is told in `damage`, what came before is
/// kept. Fault::Environment when the file cannot be opened.
DicomContent ReadDicomContent(const std::filesystem::path & file);

/// The bytes that the offsets of `pixels` count: those of the file, inflated where its data set is deflated.
std::unique_ptr<DicomBytes> OpenDataSet(const std::filesystem::path & file, const DicomPixels & pixels);

/// True for a file with DICOM's preamble, or with elements of group 0008 in its place.
bool IsDicomFile(const std::filesystem::path & file);

} // namespace serval
