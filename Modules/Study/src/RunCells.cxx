#include "serval/Study/RunCells.h"

#include "serval/Core/AtomicFile.h"
#include "serval/Core/Error.h"
#include "serval/Core/FolderLock.h"
#include "serval/Core/Hash.h"
#include "serval/Core/Text.h"

#include <fcntl.h>
#include <signal.h>
#include <sys/prctl.h>
#include <sys/wait.h>
#include <unistd.h>

#include <algorithm>
#include <chrono>
#include <cstring>

namespace serval
{
namespace
{

namespace fs = std::filesystem;
using Clock = std::chrono::steady_clock;

// Name, size and time of one of the user's files: where it lies does not matter, so that a study and its data can be moved.
std::string StampOf(const fs::path & file)
{
  std::error_code error;
  const auto      time = fs::last_write_time(file, error);
  const auto      size = error || fs::is_directory(file) ? 0 : fs::file_size(file, error);
  return Concat(file.filename().string(), ' ', size, ' ', error ? 0 : time.time_since_epoch().count(), '\n');
}

/// Paths become names that stay the same when the study, its data or Serval itself are moved.
class MovableText
{
public:
  MovableText(const Cell & cell, const fs::path & folder)
    : m_Folder(folder.string())
    , m_Reads(cell.reads)
  {}

  std::string OfWord(const std::string & word) const
  {
    if (std::find(m_Reads.begin(), m_Reads.end(), fs::path(word)) != m_Reads.end())
      return fs::path(word).filename().string();
    return word.starts_with(m_Folder + '/') ? word.substr(m_Folder.size()) : word;
  }

  /// A list or a manifest of the study, in which data stand by their path from the study's folder.
  std::string OfFile(std::string text) const
  {
    for (const auto & file : m_Reads)
    {
      const auto path = file.lexically_proximate(m_Folder).string();
      for (auto at = text.find(path); at != text.npos; at = text.find(path, at + 1))
        text.replace(at, path.size(), file.filename().string());
    }
    return text;
  }

private:
  std::string                   m_Folder;
  const std::vector<fs::path> & m_Reads;
};

// What a cell is made of: its command lines, the files they read, and the cells before it.
std::string KeyOf(const Cell & cell, const StudyPlan & plan, const fs::path & folder, const std::map<std::string, std::string> & keys)
{
  const MovableText movable(cell, folder);
  std::string       text;
  for (const auto & command : cell.commands)
  {
    text += fs::path(command.front()).filename().string() + '\n';
    for (auto word = command.begin() + 1; word != command.end(); ++word)
    {
      text += movable.OfWord(*word) + '\n';
      const auto file = plan.files.find(fs::path(*word).lexically_proximate(folder).string());
      if (file != plan.files.end())
        text += movable.OfFile(file->second);
    }
  }
  for (const auto & file : cell.reads)
    text += StampOf(file);
  for (const auto & need : cell.needs)
    text += keys.at(need) + '\n';
  return Sha256(text);
}

std::map<std::string, std::string> KeysOf(const StudyPlan & plan, const fs::path & folder)
{
  std::map<std::string, std::string> keys;
  for (const auto & cell : plan.cells)
    keys[cell.id] = KeyOf(cell, plan, folder, keys);
  return keys;
}

fs::path DoneFile(const fs::path & folder, const std::string & id) { return folder / "cells" / id / "done.txt"; }
fs::path FailureFile(const fs::path & folder, const std::string & id) { return folder / "cells" / id / "failed.txt"; }

bool IsDone(const Cell & cell, const fs::path & folder, const std::string & key)
{
  const auto file = DoneFile(folder, cell.id);
  return fs::exists(file) && Split(ReadTextFile(file), '\n').front() == key &&
         std::all_of(cell.outputs.begin(), cell.outputs.end(), [](const fs::path & output) { return fs::exists(output); });
}

double SecondsOf(const fs::path & done)
{
  const auto lines = Split(ReadTextFile(done), '\n');
  return lines.size() > 1 ? ParseDouble(lines[1]).value_or(0) : 0;
}

// A cell that needs a failed one fails with it; one that needs what is not run is not run, for the same reason.
void PassOn(CellState state, const StudyPlan & plan, std::map<std::string, CellOutcome> & outcomes)
{
  for (const auto & cell : plan.cells)
    for (const auto & need : cell.needs)
      if (auto & outcome = outcomes.at(cell.id); outcome.state == CellState::Open && outcomes.at(need).state == state)
        outcome = { state, state == CellState::Failed ? "it needs " + need + ", which failed" : outcomes.at(need).reason, 0 };
}

/// What a command of ours said last, from its name on, or else the end of its log; some 500 letters.
std::string LastWords(const std::string & log)
{
  constexpr std::size_t most = 500;
  const auto            text = "\n" + Trim(log);
  if (const auto name = text.rfind("\nServal"); name != text.npos)
  {
    const auto said = text.substr(name + 1);
    const auto lines = said.rfind('\n', most);
    return said.size() <= most ? said : said.substr(0, lines == said.npos ? most : lines) + " ...";
  }
  return text.size() <= most + 1 ? text.substr(1) : "... " + text.substr(text.size() - most);
}

/// A cell whose commands run one after another in child processes.
class RunningCell
{
public:
  RunningCell(const Cell & cell, const fs::path & folder)
    : m_Cell(&cell)
    , m_Log(folder / "cells" / cell.id / "log.txt")
    , m_Begin(Clock::now())
  {
    for (const auto & output : cell.outputs)
      fs::create_directories(output.parent_path());
    fs::create_directories(m_Log.parent_path());
    fs::remove(m_Log);
    fs::remove(DoneFile(folder, cell.id));
    fs::remove(FailureFile(folder, cell.id));
    Start();
  }

  const Cell & Which() const { return *m_Cell; }
  pid_t        Process() const { return m_Process; }
  double       Seconds() const { return std::chrono::duration<double>(Clock::now() - m_Begin).count(); }

  /// After its process ended: true when the cell is over, well or not.
  bool Over(int status)
  {
    if (!WIFEXITED(status) || WEXITSTATUS(status) != 0)
    {
      const auto log = fs::exists(m_Log) ? ReadTextFile(m_Log) : std::string();
      m_Failure = Concat(WIFEXITED(status) ? "exit code " : "signal ", WIFEXITED(status) ? WEXITSTATUS(status) : WTERMSIG(status), ": ",
                         LastWords(log));
      return true;
    }
    if (++m_At == m_Cell->commands.size())
      return true;
    Start();
    return false;
  }
  const std::string & Failure() const { return m_Failure; }

private:
  void Start()
  {
    std::vector<std::string> words = m_Cell->commands[m_At];
    words.insert(words.end(), { "--progress", "none" });
    std::vector<char *> arguments;
    for (auto & word : words)
      arguments.push_back(word.data());
    arguments.push_back(nullptr);
    const pid_t parent = ::getpid();
    m_Process = ::fork();
    Require(m_Process >= 0, Fault::Environment, "cannot start a process: ", std::strerror(errno));
    if (m_Process > 0)
      return;
    ::prctl(PR_SET_PDEATHSIG, SIGKILL);
    sigset_t none;
    sigemptyset(&none);
    ::sigprocmask(SIG_SETMASK, &none, nullptr);
    const int log = ::open(m_Log.c_str(), O_WRONLY | O_CREAT | O_APPEND | O_CLOEXEC, 0666);
    const int null = ::open("/dev/null", O_RDONLY | O_CLOEXEC);
    ::dup2(null, STDIN_FILENO);
    ::dup2(log, STDOUT_FILENO);
    ::dup2(log, STDERR_FILENO);
    if (::getppid() == parent)
      ::execv(arguments[0], arguments.data());
    ::dprintf(STDERR_FILENO, "cannot start %s: %s\n", arguments[0], std::strerror(errno));
    ::_exit(127);
  }

  const Cell *      m_Cell;
  fs::path          m_Log;
  Clock::time_point m_Begin;
  std::size_t       m_At = 0;
  pid_t             m_Process = -1;
  std::string       m_Failure;
};

/// Starts cells as they become ready and gathers their ends.
class Scheduler
{
public:
  Scheduler(const StudyPlan & plan, const fs::path & folder, int jobs, Progress & progress, const std::set<std::string> & only)
    : m_Plan(plan)
    , m_Folder(folder)
    , m_Jobs(static_cast<std::size_t>(jobs))
    , m_Progress(progress)
    , m_Only(only)
    , m_Keys(KeysOf(plan, folder))
    , m_Outcomes(StatesOf(plan, folder))
  {}

  std::map<std::string, CellOutcome> Run()
  {
    while (StartReady() || !m_Running.empty())
      WaitForOne();
    return m_Outcomes;
  }

private:
  bool IsMeant(const std::string & id) const { return m_Only.empty() || m_Only.contains(id); }

  bool Ready(const Cell & cell) const
  {
    const bool running = std::any_of(m_Running.begin(), m_Running.end(), [&](const auto & r) { return r.Which().id == cell.id; });
    return !running && IsMeant(cell.id) && m_Outcomes.at(cell.id).state == CellState::Open &&
           std::all_of(cell.needs.begin(), cell.needs.end(), [&](const auto & need) { return m_Outcomes.at(need).state == CellState::Done; });
  }

  bool StartReady()
  {
    bool started = false;
    for (const auto & cell : m_Plan.cells)
      if (m_Running.size() < m_Jobs && Ready(cell))
      {
        m_Running.emplace_back(cell, m_Folder);
        started = true;
      }
    return started;
  }

  void WaitForOne()
  {
    int         status = 0;
    const pid_t ended = ::waitpid(-1, &status, 0);
    const auto  at = std::find_if(m_Running.begin(), m_Running.end(), [&](const auto & r) { return r.Process() == ended; });
    if (at == m_Running.end() || !at->Over(status))
      return;
    auto & outcome = m_Outcomes.at(at->Which().id);
    outcome = { at->Failure().empty() ? CellState::Done : CellState::Failed, at->Failure(), at->Seconds() };
    if (outcome.state == CellState::Done)
      WriteTextFile(DoneFile(m_Folder, at->Which().id), m_Keys.at(at->Which().id) + "\n" + FormatNumber(outcome.seconds) + "\n");
    else
      WriteTextFile(FailureFile(m_Folder, at->Which().id), outcome.reason + "\n");
    Tell(at->Which().id);
    m_Running.erase(at);
  }

  // Failures are told while they happen: a user can mend one before the end.
  void Tell(const std::string & last)
  {
    PassOn(CellState::Failed, m_Plan, m_Outcomes);
    const auto all = m_Only.empty() ? m_Outcomes.size() : m_Only.size();
    const auto over = all - Count(CellState::Open), failed = Count(CellState::Failed);
    m_Progress.Report(double(over) / double(all), Concat(over, " of ", all, " cells, ", failed > 0 ? Concat(failed, " failed, ") : "", "last ", last));
  }
  std::size_t Count(CellState state) const
  {
    return static_cast<std::size_t>(std::count_if(m_Outcomes.begin(), m_Outcomes.end(), [&](const auto & o) { return o.second.state == state && IsMeant(o.first); }));
  }

  const StudyPlan &                  m_Plan;
  fs::path                           m_Folder;
  std::size_t                        m_Jobs;
  Progress &                         m_Progress;
  std::set<std::string>              m_Only; ///< empty: all
  std::map<std::string, std::string> m_Keys;
  std::map<std::string, CellOutcome> m_Outcomes;
  std::vector<RunningCell>           m_Running;
};

} // namespace

std::map<std::string, CellOutcome> StatesOf(const StudyPlan & plan, const fs::path & folder)
{
  const auto                         keys = KeysOf(plan, folder);
  std::map<std::string, CellOutcome> states;
  for (const auto & cell : plan.cells)
    if (IsDone(cell, folder, keys.at(cell.id)))
      states[cell.id] = { CellState::Done, "", SecondsOf(DoneFile(folder, cell.id)) };
    else if (!cell.hindrance.empty())
      states[cell.id] = { CellState::NotRun, cell.hindrance, 0 };
    else if (const auto failure = FailureFile(folder, cell.id); fs::exists(failure))
      states[cell.id] = { CellState::Open, Trim(ReadTextFile(failure)), 0 };
    else
      states[cell.id] = {};
  PassOn(CellState::NotRun, plan, states);
  return states;
}

std::map<std::string, CellOutcome> RunCells(const StudyPlan & plan, const fs::path & folder, int jobs, Progress & progress, const std::set<std::string> & only)
{
  fs::create_directories(folder);
  const FolderLock lock(folder);
  for (const auto & [name, text] : plan.files)
  {
    const auto file = folder / name;
    fs::create_directories(file.parent_path());
    if (!fs::exists(file) || ReadTextFile(file) != text)
      WriteTextFile(file, text);
  }
  return Scheduler(plan, folder, jobs, progress, only).Run();
}

} // namespace serval
