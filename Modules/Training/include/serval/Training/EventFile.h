#pragma once

#include <cstdint>
#include <filesystem>
#include <string>

namespace serval
{

/// A file of scalars for TensorBoard: records of protocol-buffer messages `Event` in TensorFlow's framing (length, masked
/// CRC-32C, bytes, masked CRC-32C), each on the disk's side of the process when Add returns. Not written beside and renamed,
/// as TensorBoard reads it while it grows.
class EventFile
{
public:
  /// Makes the folder and in it `events.out.tfevents.SECONDS.serval`, or the next free second. Fault::Environment when it
  /// cannot be written.
  explicit EventFile(const std::filesystem::path & folder);

  void Add(const std::string & tag, std::int64_t step, double value);

  const std::filesystem::path & File() const { return m_File; }

private:
  void Append(const std::string & event) const;

  std::filesystem::path m_File;
};

} // namespace serval
