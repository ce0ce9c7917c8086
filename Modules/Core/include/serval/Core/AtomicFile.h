#pragma once

#include <cstdint>
#include <filesystem>
#include <string>
#include <string_view>

namespace serval
{

/// An output file or folder that appears whole or not at all: written beside its target under a hidden name, synced
/// and renamed by Commit. Without Commit, and on SIGINT or SIGTERM, what was written is removed; what a killed
/// process left behind is removed by the next writer of the same target.
class AtomicOutput
{
public:
  enum class Kind
  {
    File,
    Folder
  };
  /// Whether what dead processes left of the same target is looked for; a folder of many outputs is cleaned once, by
  /// RemoveDeadPartials.
  enum class Leftovers
  {
    Remove,
    Ignore
  };
  enum class Durability
  {
    Now,
    Later
  };
  /// Fault::Input when the parent folder is missing, Fault::Environment when it cannot be written to or the disk has
  /// less than `expectedBytes` left.
  explicit AtomicOutput(std::filesystem::path target, Kind kind = Kind::File, std::uint64_t expectedBytes = 0,
                        Leftovers leftovers = Leftovers::Remove);
  ~AtomicOutput();
  AtomicOutput(const AtomicOutput &) = delete;
  AtomicOutput & operator=(const AtomicOutput &) = delete;

  /// Where to write; keeps the target's extension.
  const std::filesystem::path & Path() const noexcept { return m_Temporary; }
  /// Syncs, unless the caller makes it durable later, and renames.
  void                          Commit(Durability durability = Durability::Now);

private:
  std::filesystem::path m_Target;
  std::filesystem::path m_Temporary;
  bool                  m_Done = false;
};

/// Waits until the file or folder entry lies on the disk; Fault::Environment when it cannot be written there.
void SyncFile(const std::filesystem::path & path);

/// Whether the name is that of an output which is not finished.
bool IsPartial(const std::filesystem::path & path);

/// Whether its writer is gone: a process of this machine that has ended, or one of another machine that has not written
/// for a day.
bool IsDeadPartial(const std::filesystem::path & path);

/// Removes all dead partial outputs of the folder.
void RemoveDeadPartials(const std::filesystem::path & folder);

/// A small text file, whole or not at all.
void WriteTextFile(const std::filesystem::path & target, std::string_view text);

/// The whole file; Fault::Input names the file when it is missing, unreadable or larger than `limit` bytes.
std::string ReadTextFile(const std::filesystem::path & file, std::uint64_t limit = 1ULL << 30);

/// Fault::Environment, with both numbers, when the disk of `folder` has less than `bytes` left.
void RequireDiskSpace(const std::filesystem::path & folder, std::uint64_t bytes);

/// Removes unfinished outputs when the process is interrupted (SIGINT, SIGTERM, SIGHUP), then dies of the signal.
void InstallInterruptCleanup();

} // namespace serval
