#include "CommandSupport.h"

#include <fcntl.h>
#include <signal.h>
#include <spawn.h>
#include <sys/wait.h>
#include <unistd.h>

#include <chrono>
#include <cstdint>
#include <fstream>
#include <limits>
#include <random>
#include <stdexcept>
#include <thread>

namespace serval::commands
{
namespace
{

namespace fs = std::filesystem;

template <typename T>
void WriteMetaImage(const fs::path & file, const Phantom & p, const char * type, const std::vector<T> & voxels)
{
  std::ofstream stream(file, std::ios::binary);
  stream << "ObjectType = Image\nNDims = 3\nBinaryData = True\nBinaryDataByteOrderMSB = False\nOffset = " << p.origin << ' ' << p.origin << ' '
         << p.origin << "\nElementSpacing = 1 1.5 2\nDimSize = " << p.x << ' ' << p.y << ' ' << p.z << "\nElementType = " << type
         << "\nElementDataFile = LOCAL\n";
  stream.write(reinterpret_cast<const char *>(voxels.data()), static_cast<std::streamsize>(voxels.size() * sizeof(T)));
}

} // namespace

std::string Module(const std::string & name) { return std::string(SERVAL_BINARY_DIRECTORY) + "/cli-modules/" + name; }

support::CommandResult RunModule(const std::string & module, Words arguments)
{
  arguments.insert(arguments.begin(), Module(module));
  arguments.insert(arguments.end(), { "--progress", "none" });
  return support::RunCommand(arguments);
}

RunningCommand::RunningCommand(const Words & command)
{
  std::vector<char *> arguments;
  for (const auto & word : command)
    arguments.push_back(const_cast<char *>(word.c_str()));
  arguments.push_back(nullptr);
  const std::string          out = m_Streams / "out", err = m_Streams / "err";
  posix_spawn_file_actions_t actions;
  posix_spawn_file_actions_init(&actions);
  posix_spawn_file_actions_addopen(&actions, STDOUT_FILENO, out.c_str(), O_WRONLY | O_CREAT, 0600);
  posix_spawn_file_actions_addopen(&actions, STDERR_FILENO, err.c_str(), O_WRONLY | O_CREAT, 0600);
  const int failure = ::posix_spawn(&m_Process, arguments[0], &actions, nullptr, arguments.data(), environ);
  posix_spawn_file_actions_destroy(&actions);
  if (failure)
    throw std::runtime_error("cannot start " + command.front());
}

RunningCommand::~RunningCommand()
{
  if (m_Process > 0)
    EndBy(SIGKILL);
}

bool RunningCommand::WaitUntil(const std::function<bool()> & happened)
{
  for (const auto end = std::chrono::steady_clock::now() + std::chrono::minutes(1); std::chrono::steady_clock::now() < end;)
  {
    siginfo_t ended{};
    if (::waitid(P_PID, static_cast<id_t>(m_Process), &ended, WEXITED | WNOHANG | WNOWAIT) == 0 && ended.si_pid != 0)
      return false;
    if (happened())
      return true;
    std::this_thread::sleep_for(std::chrono::milliseconds(5));
  }
  return false;
}

std::string RunningCommand::Output() const { return support::ReadFile(m_Streams / "out"); }

int RunningCommand::EndBy(int signal)
{
  int status = 0;
  ::kill(m_Process, signal);
  ::waitpid(m_Process, &status, 0);
  m_Process = -1;
  return WIFEXITED(status) ? WEXITSTATUS(status) : 128 + WTERMSIG(status);
}

std::vector<std::string> Modules()
{
  std::vector<std::string> modules;
  for (const auto & name : support::Names(std::string(SERVAL_BINARY_DIRECTORY) + "/cli-modules"))
    if (name.find('.') == std::string::npos)
      modules.push_back(name);
  return modules;
}

void WriteVolume(const fs::path & file, unsigned seed, const Phantom & p)
{
  std::mt19937       random(seed);
  std::vector<float> voxels;
  for (int i = 0; i < p.x * p.y * p.z; ++i)
    voxels.push_back(float(random() % 1000) / 1000 + (i / (p.x * p.y) < p.z / 2 ? 0.0F : 3.0F) + (i % p.x < 6 ? 6.0F : 0.0F));
  if (p.hasNaN)
    voxels[17] = std::numeric_limits<float>::quiet_NaN();
  WriteMetaImage(file, p, "MET_FLOAT", voxels);
}

void WriteLabels(const fs::path & file, const Phantom & p)
{
  std::vector<std::uint8_t> labels;
  for (int i = 0; i < p.x * p.y * p.z; ++i)
    labels.push_back(p.isEmpty || i % p.x < 6 ? 0 : i / (p.x * p.y) < p.z / 2 ? 1 : 2);
  WriteMetaImage(file, p, "MET_UCHAR", labels);
}

void WriteCohort(const fs::path & folder, int cases)
{
  std::string manifest = "case,patient,image,segmentation\n";
  for (int i = 0; i < cases; ++i)
  {
    const auto id = std::to_string(i);
    WriteVolume(folder / ("image" + id + ".mha"), static_cast<unsigned>(i));
    WriteLabels(folder / ("labels" + id + ".mha"));
    manifest += "c" + id + ",p" + id + ",image" + id + ".mha,labels" + id + ".mha\n";
  }
  support::WriteFile(folder / "m.csv", manifest);
}

Words Extraction(const fs::path & manifest, const fs::path & cache)
{
  return { "--manifest", manifest.string(), "--cache", cache.string(), "--size", "8,8,8", "--sampler", "class", "--count", "4", "--classFrom",
           "centre", "--classNames", "outside,lower,upper", "--dense", "segmentation", "--denseNames", "outside,lower,upper" };
}

std::vector<std::string> HiddenNames(const fs::path & folder)
{
  std::vector<std::string> hidden;
  for (const auto & name : support::Names(folder))
    if (name.starts_with('.'))
      hidden.push_back(name);
  return hidden;
}

} // namespace serval::commands
