#include "serval/Core/AtomicFile.h"

#include "serval/Core/Error.h"
#include "serval/Core/Hash.h"
#include "serval/Core/Interruption.h"

#include <fcntl.h>
#include <signal.h>
#include <unistd.h>

#include <array>
#include <atomic>
#include <cerrno>
#include <chrono>
#include <cstring>
#include <fstream>
#include <mutex>
#include <set>
#include <shared_mutex>
#include <system_error>

namespace serval
{
namespace
{

namespace fs = std::filesystem;

std::mutex & UnfinishedMutex()
{
  static std::mutex mutex;
  return mutex;
}
std::set<fs::path> & Unfinished()
{
  static std::set<fs::path> paths;
  return paths;
}

std::function<void(int)> & Farewell()
{
  static std::function<void(int)> farewell;
  return farewell;
}

// Held by each Commit: between the steps of putting a folder in place its target is not there.
std::shared_timed_mutex & CommitMutex()
{
  static std::shared_timed_mutex mutex;
  return mutex;
}

// Runs in a thread of its own (sigwait), so ordinary code may run here.
void RemoveUnfinishedAndDie(int signal)
{
  const std::unique_lock committed(CommitMutex(), std::chrono::seconds(10)); // not for ever: a disk may hang
  {
    const std::lock_guard lock(UnfinishedMutex());
    std::error_code       ignored;
    for (const auto & path : Unfinished())
      fs::remove_all(path, ignored);
    if (const auto & farewell = Farewell())
      farewell(signal);
  }
  ::signal(signal, SIG_DFL);
  sigset_t set;
  sigemptyset(&set);
  sigaddset(&set, signal);
  pthread_sigmask(SIG_UNBLOCK, &set, nullptr);
  ::kill(::getpid(), signal);
}

constexpr std::string_view marker = ".serval-partial-";

// Partial outputs are named .NAME.serval-partial-MACHINE-PROCESS-NUMBER-NAME; the end keeps the extension.
std::string Machine()
{
  std::array<char, 256> name{};
  ::gethostname(name.data(), name.size() - 1);
  return Sha256(name.data()).substr(0, 8);
}

fs::path PartialPath(const fs::path & folder, const std::string & name)
{
  static std::atomic<unsigned> number{ 0 };
  return folder / Concat('.', name, marker, Machine(), '-', ::getpid(), '-', number++, '-', name);
}

// A killed process whose parent has ended too stays in the table until somebody takes notice of it.
bool HasEnded(int process)
{
  if (::kill(process, 0) != 0)
    return errno == ESRCH;
  std::ifstream file(Concat("/proc/", process, "/stat")); // number (name) state ...
  std::string   text;
  std::getline(file, text);
  const auto name = text.rfind(") ");
  return name != text.npos && name + 2 < text.size() && (text[name + 2] == 'Z' || text[name + 2] == 'X');
}

void RemoveStale(const fs::path & folder, const std::string & name)
{
  const std::string prefix = "." + name + std::string(marker);
  std::error_code   ignored;
  for (const auto & entry : fs::directory_iterator(folder, ignored))
    if (entry.path().filename().string().starts_with(prefix) && IsDeadPartial(entry.path()))
      fs::remove_all(entry.path(), ignored);
}

void SyncTree(const fs::path & path)
{
  if (fs::is_directory(path))
    for (const auto & entry : fs::recursive_directory_iterator(path))
      SyncFile(entry.path());
  SyncFile(path);
}

} // namespace

void SyncFile(const fs::path & path)
{
  const int  file = ::open(path.c_str(), O_RDONLY | O_CLOEXEC);
  const bool synced = file >= 0 && ::fsync(file) == 0;
  const int  cause = errno;
  if (file >= 0)
    ::close(file);
  // files that may only be written, and file systems without fsync
  Require(synced || cause == EACCES || cause == EINVAL || cause == EROFS, Fault::Environment,
          "cannot write '", path.string(), "' to disk: ", std::strerror(cause));
}

AtomicOutput::AtomicOutput(fs::path target, Kind kind, std::uint64_t expectedBytes, Leftovers leftovers)
  : m_Target(fs::absolute(target).lexically_normal())
{
  if (m_Target.filename().empty())
    m_Target = m_Target.parent_path();
  const fs::path    folder = m_Target.parent_path();
  const std::string name = m_Target.filename().string();
  Require(fs::is_directory(folder), Fault::Input,
          "the folder of the output '", target.string(), "' does not exist; create '", folder.string(), "' first");
  const bool isWritable = ::access(folder.c_str(), W_OK) == 0;
  Require(isWritable, Fault::Environment, "the folder '", folder.string(), "' cannot be written to: ", std::strerror(errno));
  Require(kind == Kind::Folder || !fs::is_directory(m_Target), Fault::Usage,
          "the output '", target.string(), "' is a folder; name a file");
  Require(kind == Kind::File || !fs::exists(m_Target) || fs::is_directory(m_Target), Fault::Usage,
          "the output '", target.string(), "' is a file; name a folder");
  RequireDiskSpace(folder, expectedBytes);
  if (leftovers == Leftovers::Remove)
    RemoveStale(folder, name);
  m_Temporary = PartialPath(folder, name);
  {
    const std::lock_guard lock(UnfinishedMutex());
    Unfinished().insert(m_Temporary);
  }
  if (kind == Kind::Folder)
  {
    std::error_code failure;
    fs::create_directory(m_Temporary, failure);
    Require(!failure, Fault::Environment, "cannot create the folder '", target.string(), "': ", failure.message());
  }
}

AtomicOutput::~AtomicOutput()
{
  const std::lock_guard lock(UnfinishedMutex());
  Unfinished().erase(m_Temporary);
  std::error_code ignored;
  if (!m_Done)
    fs::remove_all(m_Temporary, ignored);
}

void AtomicOutput::Commit(Durability durability)
{
  Require(fs::exists(m_Temporary), Fault::Internal, "nothing was written for '", m_Target.string(), "'");
  const std::shared_lock committing(CommitMutex());
  if (durability == Durability::Now)
    SyncTree(m_Temporary);
  std::error_code failure;
  if (fs::is_directory(m_Temporary) && fs::exists(m_Target))
  { // a folder cannot be replaced in one step: the old one steps aside first
    const fs::path old = m_Temporary.string() + ".old";
    fs::rename(m_Target, old, failure);
    if (!failure)
      fs::rename(m_Temporary, m_Target, failure);
    if (failure)
    {
      std::error_code ignored;
      fs::rename(old, m_Target, ignored);
    }
    else
      fs::remove_all(old);
  }
  else
    fs::rename(m_Temporary, m_Target, failure);
  Require(!failure, Fault::Environment, "cannot put '", m_Target.string(), "' in place: ", failure.message());
  if (durability == Durability::Now)
    SyncFile(m_Target.parent_path());
  m_Done = true;
}

bool IsPartial(const fs::path & path)
{
  const auto name = path.filename().string();
  return name.starts_with('.') && name.find(marker) != std::string::npos;
}

bool IsDeadPartial(const fs::path & path)
{
  const auto name = path.filename().string();
  const auto at = name.find(marker);
  if (!IsPartial(path))
    return false;
  const auto rest = name.substr(at + marker.size());
  if (rest.starts_with(Machine() + "-"))
  {
    const int process = std::atoi(rest.c_str() + Machine().size() + 1);
    return process > 0 && HasEnded(process);
  }
  std::error_code failure;
  const auto      written = fs::last_write_time(path, failure);
  return !failure && fs::file_time_type::clock::now() - written > std::chrono::hours(24);
}

void RemoveDeadPartials(const fs::path & folder)
{
  std::error_code ignored;
  for (const auto & entry : fs::directory_iterator(folder, ignored))
    if (IsDeadPartial(entry.path()))
      fs::remove_all(entry.path(), ignored);
}

void WriteTextFile(const fs::path & target, std::string_view text)
{
  AtomicOutput output(target, AtomicOutput::Kind::File, text.size());
  {
    std::ofstream stream(output.Path(), std::ios::binary);
    stream.write(text.data(), static_cast<std::streamsize>(text.size()));
    stream.close();
    Require(stream.good(), Fault::Environment, "cannot write '", target.string(), "': ", std::strerror(errno));
  }
  output.Commit();
}

std::string ReadTextFile(const fs::path & file, std::uint64_t limit)
{
  std::error_code failure;
  Require(fs::exists(file, failure), Fault::Input, "the file '", file.string(), "' does not exist");
  Require(fs::is_regular_file(file, failure), Fault::Input, "'", file.string(), "' is not a file");
  const auto size = fs::file_size(file, failure);
  Require(!failure && size <= limit, Fault::Input,
          "the file '", file.string(), "' has ", size, " bytes; at most ", limit, " are expected");
  std::ifstream stream(file, std::ios::binary);
  std::string   text(size, '\0');
  stream.read(text.data(), static_cast<std::streamsize>(size));
  Require(stream.good() || size == 0, Fault::Input, "the file '", file.string(), "' cannot be read");
  return text;
}

void RequireDiskSpace(const fs::path & folder, std::uint64_t bytes)
{
  std::error_code failure;
  const auto      space = fs::space(folder, failure);
  Require(failure || space.available >= bytes, Fault::Environment, "the disk of '", folder.string(), "' has ",
          space.available >> 20, " MiB left; ", (bytes >> 20) + 1, " MiB are needed");
}

void SetFarewell(std::function<void(int)> farewell)
{
  const std::lock_guard lock(UnfinishedMutex());
  Farewell() = std::move(farewell);
}

void InstallInterruptCleanup()
{
  // Called before any other thread exists, so that all inherit the mask and only this thread sees the signals.
  sigset_t set;
  sigemptyset(&set);
  for (const int signal : { SIGINT, SIGTERM, SIGHUP })
    sigaddset(&set, signal);
  pthread_sigmask(SIG_BLOCK, &set, nullptr);
  pthread_t thread{};
  static const auto wait = [](void *) -> void * {
    sigset_t awaited;
    sigemptyset(&awaited);
    for (const int signal : { SIGINT, SIGTERM, SIGHUP })
      sigaddset(&awaited, signal);
    int signal = 0;
    if (sigwait(&awaited, &signal) == 0)
      RemoveUnfinishedAndDie(signal);
    return nullptr;
  };
  if (pthread_create(&thread, nullptr, wait, nullptr) == 0)
    pthread_detach(thread);
}

} // namespace serval
