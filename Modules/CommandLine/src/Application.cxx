#include "serval/CommandLine/Application.h"

#include "CommandParser.h"
#include "Completion.h"
#include "HelpText.h"
#include "PathChecks.h"
#include "ProgressOutput.h"
#include "RunLog.h"
#include "SlicerXml.h"
#include "serval/Core/AtomicFile.h"
#include "serval/Core/Error.h"
#include "serval/Core/Interruption.h"
#include "serval/Core/PathDisplay.h"
#include "serval/Core/Text.h"

#include <sys/prctl.h>
#include <unistd.h>

#include <algorithm>
#include <csignal>
#include <cstdlib>
#include <iostream>
#include <memory>
#include <new>
#include <optional>

namespace serval::app
{

/// Where the lines for people go.
class Voice
{
public:
  Voice(ProgressStyle style, bool isQuiet, RunLog & log)
    : m_Style(style)
    , m_IsQuiet(isQuiet)
    , m_Log(log)
  {}

  void Say(const std::string & line)
  {
    m_Log.Say(line);
    if (m_IsQuiet)
      return;
    if (m_Style == ProgressStyle::Bar)
      std::cerr << "\r\033[K" << std::flush; // the bar comes again below the line
    std::cout << (m_Style == ProgressStyle::Xml ? EscapeXml(line) : line) << std::endl;
  }

private:
  ProgressStyle m_Style;
  bool          m_IsQuiet;
  RunLog &      m_Log;
};

namespace
{

namespace fs = std::filesystem;

struct Standard
{
  std::string progress = "auto";
  fs::path    json, log;
};

void DeclareStandard(Parameters & parameters, Standard & standard)
{
  parameters.Group("Running");
  parameters.Add("progress", &standard.progress, "How progress is shown; auto: a bar on a terminal, elements for 3D Slicer on a pipe, lines for a verb")
    .Choices({ "auto", "bar", "xml", "none" });
  parameters.Add("json", &standard.json, "Also write the run's numbers to this file").Out("file", ".json").Optional();
  parameters.Add("log", &standard.log, "Also append what happens to this file, a JSON object a line").Out("file", ".jsonl").Optional();
}

// What goes into a file or a pipeline's log never names a patient.
void ShowPathsAsAsked(bool isAsked)
{
  Require(!isAsked || (::isatty(STDOUT_FILENO) != 0 && ::isatty(STDERR_FILENO) != 0), Fault::Usage,
          "--showPaths shows names of patients and is for a terminal only; here the output goes to a file or a program");
  ShowWholePaths(isAsked);
}

// Results and inputs are told apart by their content, so that equal runs in other folders give equal provenance.
Provenance ProvenanceOf(const Description & description, const Parameters & parameters)
{
  Provenance provenance;
  provenance.tool = description.name;
  for (const auto & p : parameters.All())
    if (p.channel == Channel::None && !p.isResult && p.group != "Running")
    {
      provenance.parameters[p.name] = p.get();
      if (p.name == "seed")
        provenance.seed = static_cast<std::uint64_t>(ParseInteger(p.get()).value_or(0));
    }
  return provenance;
}

int Complain(const std::string & name, Fault fault, const std::string & message)
{
  const bool colour = HasColour(STDERR_FILENO);
  std::cout.flush();
  std::cerr << (colour ? "\033[31m" : "") << name << ":" << (colour ? "\033[0m " : " ") << message << (HidesPath(message) ? " (at a terminal --showPaths names it)" : "") << std::endl;
  return static_cast<int>(fault);
}

std::optional<std::string> Asked(int argc, char ** argv, std::initializer_list<std::string_view> words)
{
  for (int i = 1; i < argc; ++i)
    for (const auto word : words)
      if (argv[i] == word)
        return i + 1 < argc ? argv[i + 1] : "";
  return std::nullopt;
}

// What is answered without running: descriptions for hosts, people, shells and manuals.
std::optional<std::string> Answer(int argc, char ** argv, const Description & description, const Parameters & parameters, bool asVerb)
{
  if (Asked(argc, argv, { "--xml" }))
    return SlicerXml(description, parameters);
  if (Asked(argc, argv, { "--version" }))
    return Version() + "\n";
  if (Asked(argc, argv, { "--help", "-h" }))
    return ShortHelp(description, parameters, asVerb);
  if (Asked(argc, argv, { "--help-all" }))
    return WholeHelp(description, parameters, asVerb);
  if (Asked(argc, argv, { "--man" }))
    return ManPage(description, parameters);
  if (const auto shell = Asked(argc, argv, { "--completion" }))
    return CompletionPart(*shell, description, parameters);
  return std::nullopt;
}

// Of our own children: the death of the parent, by whatever signal, ends them too.
void DieWithParent()
{
  constexpr const char * variable = "SERVAL_PARENT";
  const char * const     parent = std::getenv(variable);
  if (parent && std::to_string(::getppid()) == parent)
    ::prctl(PR_SET_PDEATHSIG, SIGTERM);
  ::setenv(variable, std::to_string(::getpid()).c_str(), 1);
}

void WriteResults(const Parameters & parameters, const std::string & file)
{
  std::string text;
  for (const auto & p : parameters.All())
    if (p.isResult)
    {
      auto value = p.get();
      std::replace(value.begin(), value.end(), '\n', ' ');
      text += p.name + " = " + value + "\n";
    }
  if (!file.empty() && !text.empty())
    WriteTextFile(file, text);
}

// What an interruption ends with, as long as the run lasts.
class LastWords
{
public:
  LastWords(const std::string & name, const Description & description, RunLog & log)
  {
    const std::string words =
      "interrupted; no output is half-written. " + (description.resume.empty() ? "The same command line begins again" : description.resume);
    SetFarewell([name, words, &log](int signal) {
      log.End(128 + signal, words);
      const std::string line = (::isatty(STDERR_FILENO) ? "\r\033[K" : "") + name + ": " + words + "\n";
      [[maybe_unused]] const auto written = ::write(STDERR_FILENO, line.data(), line.size());
    });
  }
  ~LastWords() { SetFarewell({}); }
  LastWords(const LastWords &) = delete;
  LastWords & operator=(const LastWords &) = delete;
};

struct Call
{
  Application &       application;
  const Description & description;
  std::string         name;
  bool                asVerb;
};

int RunChecked(const Call & call, const Parameters & parameters, const Standard & standard, const CommandParser & parser, RunLog & log)
{
  const auto style = parser.Has("quiet") ? ProgressStyle::Nothing : StyleFrom(standard.progress, call.asVerb);
  Voice      voice(style, parser.Has("quiet"), log);
  if (parser.Has("echo"))
    for (const auto & p : parameters.All())
      if (!p.isResult)
        std::cout << (style == ProgressStyle::Xml ? EscapeXml(p.name + " = " + p.get()) : p.name + " = " + p.get()) << '\n';
  std::cout.flush();
  InstallInterruptCleanup();
  const LastWords words(call.name, call.description, log);
  auto provenance = ProvenanceOf(call.description, parameters);
  log.Begin(provenance);
  const auto     shown = MakeProgress(style, call.description.title);
  LoggedProgress progress(*shown, log);
  Context        context(progress, std::move(provenance), standard.json, voice);
  call.application.Run(context);
  WriteResults(parameters, parser.ReturnFile());
  progress.Report(1, "Done");
  return context.casesExcluded ? static_cast<int>(Fault::Excluded) : 0;
}

int RunLogged(const Call & call, int argc, char ** argv)
{
  Parameters parameters;
  Standard   standard;
  call.application.Declare(parameters);
  DeclareStandard(parameters, standard);
  if (const auto answer = Answer(argc, argv, call.description, parameters, call.asVerb))
    return (std::cout << *answer << std::flush).good() ? 0 : static_cast<int>(Fault::Environment);
  CommandParser parser(call.description, parameters);
  parser.Parse(argc, argv);
  ShowPathsAsAsked(parser.Has("showPaths"));
  CheckPaths(parameters);
  DieWithParent();
  RunLog log(standard.log);
  try
  {
    const int code = RunChecked(call, parameters, standard, parser, log);
    log.End(code, "");
    return code;
  }
  catch (const Error & e)
  {
    log.End(static_cast<int>(e.Kind()), e.what());
    throw;
  }
  catch (const std::exception & e)
  {
    log.End(static_cast<int>(Fault::Internal), e.what());
    throw;
  }
}

} // namespace

void Context::WriteNumbers(const std::string & json) const
{
  if (!m_Json.empty())
    WriteTextFile(m_Json, json + "\n");
}

void Context::Say(const std::string & line) const { m_Voice.Say(line); }

fs::path ExecutableFolder() { return fs::read_symlink("/proc/self/exe").parent_path(); }

int Run(Application & application, int argc, char ** argv)
{
  const Description description = application.Describe();
  const bool        asVerb = argc > 0 && std::string_view(argv[0]).starts_with("serval ");
  const std::string name = asVerb ? argv[0] : description.name;
  try
  {
    return RunLogged({ application, description, name, asVerb }, argc, argv);
  }
  catch (const Error & e)
  {
    return Complain(name, e.Kind(), e.what());
  }
  catch (const std::bad_alloc &)
  {
    return Complain(name, Fault::Environment, "out of memory");
  }
  catch (const fs::filesystem_error & e)
  {
    return Complain(name, Fault::Environment, e.what());
  }
  catch (const std::exception & e)
  {
    return Complain(name, Fault::Internal, Concat("unexpected failure: ", e.what()));
  }
  catch (...)
  {
    return Complain(name, Fault::Internal, "unexpected failure of unknown kind");
  }
}

} // namespace serval::app
