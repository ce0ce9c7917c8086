#include "RunSibling.h"
#include "serval/CommandLine/Application.h"
#include "serval/Core/AtomicFile.h"
#include "serval/Core/Error.h"
#include "serval/Core/ScratchFolder.h"
#include "serval/Core/Text.h"
#include "serval/Training/Learning.h"

#include <nlohmann/json.hpp>

#include <chrono>
#include <cstdlib>
#include <fstream>
#include <map>
#include <thread>

namespace serval
{
namespace
{

namespace fs = std::filesystem;

// What is after "NAME :" in one of the kernel's tables.
std::string FieldOf(const char * table, const std::string & name)
{
  std::ifstream stream(table);
  for (std::string line; std::getline(stream, line);)
    if (line.starts_with(name) && line.find(':') != std::string::npos)
      return Trim(line.substr(line.find(':') + 1));
  return "unknown";
}

double Gibibytes(const std::string & kibibytes) { return ParseDouble(kibibytes.substr(0, kibibytes.find(' '))).value_or(0) / (1 << 20); }

struct CheckSystem final : app::Application
{
  fs::path work;

  app::Description Describe() const override
  {
    return { "ServalCheckSystem", "doctor", "Check the system", "Serval.System",
             "Shows versions, processor, memory, disk, devices and how pictures are drawn, starts every module once, and says what is "
             "wrong and how to mend it (exit code 4)." };
  }
  void Declare(app::Parameters & p) override { p.Add("work", &work, "Folder of the work, whose disk is looked at; the current one when left out").In("directory").Optional(); }

  void Run(app::Context & context) override
  {
    m_Context = &context;
    Tell("Serval", Version() + ", built with " SERVAL_BUILT_WITH);
    Machine();
    context.progress.Report(0.2, "Starting every module");
    Modules();
    context.progress.Report(0.6, "Loading the learning library");
    Learning();
    context.progress.Report(0.8, "Drawing");
    Pictures();
    context.WriteNumbers(nlohmann::json{ { "schema", "serval-system/1" }, { "facts", m_Facts }, { "problems", m_Problems } }.dump(1));
    for (const auto & problem : m_Problems)
      context.Say("! " + problem);
    Require(m_Problems.empty(), Fault::Environment, m_Problems.size(), m_Problems.size() == 1 ? " thing is" : " things are", " wrong, as said above");
    context.Say("Nothing is wrong.");
  }

private:
  void Tell(const std::string & what, const std::string & value)
  {
    m_Facts[what] = value;
    m_Context->Say(what + ": " + value);
  }
  void Problem(bool isWrong, const std::string & text) { m_Problems.insert(m_Problems.end(), isWrong ? 1 : 0, text); }

  void Machine()
  {
    const double free = Gibibytes(FieldOf("/proc/meminfo", "MemAvailable"));
    Tell("Processor", FieldOf("/proc/cpuinfo", "model name") + ", " + std::to_string(std::thread::hardware_concurrency()) + " threads");
    Tell("Memory", FormatFixed(free, 1) + " of " + FormatFixed(Gibibytes(FieldOf("/proc/meminfo", "MemTotal")), 1) + " GiB free");
    Problem(free < 2, "less than 2 GiB of memory are free; end other programs, or give commands --memory");
    for (const auto & [what, folder] : { std::pair{ "Disk of the work", work.empty() ? fs::current_path() : work }, { "Disk of temporary files", fs::temp_directory_path() } })
    {
      std::error_code failure;
      const double    space = double(fs::space(folder, failure).available) / (1 << 30);
      Tell(what, failure ? "unknown" : FormatFixed(space, 1) + " GiB free");
      Problem(!failure && space < 2, std::string(what) + ": less than 2 GiB are free; make room (TMPDIR chooses another place for temporary files)");
    }
  }

  void Modules()
  {
    int count = 0;
    for (const auto & entry : fs::directory_iterator(app::ExecutableFolder()))
    {
      const auto name = entry.path().filename().string();
      if (!name.starts_with("Serval") || name.find('.') != std::string::npos)
        continue;
      const auto answer = AskSibling({ name, "--version" });
      ++count;
      Problem(answer.code != 0, name + " does not start: " + Trim(answer.text) + "; install the library that it misses, or build again");
      Problem(answer.code == 0 && Trim(answer.text) != Version(), name + " is of version " + Trim(answer.text) + "; install all modules of one version");
    }
    Tell("Modules", std::to_string(count) + " start");
  }

  void Learning()
  {
    const bool  hasDriver = fs::exists("/proc/driver/nvidia/version");
    std::string text = "not loaded";
    try
    {
      LoadLearning();
      text = "loaded, " + std::string(SERVAL_TORCH_KIND);
    }
    catch (const Error & e)
    {
      Problem(true, std::string("LibTorch: ") + e.what());
    }
    Tell("LibTorch", text);
    Tell("GPU", hasDriver ? "a driver of NVIDIA is loaded" : "none that has a driver");
    Problem(hasDriver && std::string_view(SERVAL_TORCH_KIND) == "for processors only", "there is a GPU, but LibTorch computes on processors only; build with SERVAL_CUDA=1 to use it");
  }

  // A volume of 8 x 8 x 8 voxels, drawn as render-volume does.
  void Pictures()
  {
    const ScratchFolder folder;
    std::string         volume = "NRRD0004\ntype: unsigned char\ndimension: 3\nspace: left-posterior-superior\nsizes: 8 8 8\nspace directions: (1,0,0) (0,1,0) (0,0,1)\n"
                                 "kinds: domain domain domain\nencoding: raw\nspace origin: (0,0,0)\n\n";
    for (int i = 0; i < 512; ++i)
      volume += static_cast<char>(i % 100);
    WriteTextFile(folder.Path() / "v.nrrd", volume);
    const char * display = std::getenv("DISPLAY");
    const auto   begin = std::chrono::steady_clock::now();
    const auto   answer = AskSibling({ "ServalRenderVolume", (folder.Path() / "v.nrrd").string(), (folder.Path() / "p.png").string(), "--mode", "volume", "--progress", "none" });
    const double seconds = std::chrono::duration<double>(std::chrono::steady_clock::now() - begin).count();
    Tell("Display", display && *display ? std::string("DISPLAY is ") + display : "none; pictures are drawn off the screen");
    Tell("Pictures", answer.code == 0 ? "drawn in " + FormatFixed(seconds, 1) + " s" : "not drawn");
    Problem(answer.code != 0, "no picture can be drawn: " + Trim(answer.text));
  }

  app::Context *                     m_Context = nullptr;
  std::map<std::string, std::string> m_Facts;
  std::vector<std::string>           m_Problems;
};

} // namespace
} // namespace serval

int main(int argc, char ** argv) { return serval::app::Main<serval::CheckSystem>(argc, argv); }
