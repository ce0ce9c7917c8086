#pragma once

#include "serval/CommandLine/Parameters.h"
#include "serval/Core/Progress.h"
#include "serval/Core/Provenance.h"

#include <filesystem>
#include <string>

namespace serval::app
{

/// What an application is called. `name` is the executable, `verb` the subcommand of `serval`. `resume` says what the same
/// command line does after an interruption, where it does not begin again.
struct Description
{
  std::string name, verb, title, category, text, resume = {};
};

class Voice;

/// What a running application is given.
class Context
{
public:
  Context(Progress & progress, Provenance provenance, std::filesystem::path json, Voice & voice)
    : progress(progress)
    , provenance(std::move(provenance))
    , m_Json(std::move(json))
    , m_Voice(voice)
  {}

  Progress & progress;
  Provenance provenance;
  /// The run ends with exit code 6: it finished, but some cases were left out.
  bool casesExcluded = false;

  /// Writes the run's numbers, one JSON object as text that names its schema, where --json asks for them.
  void WriteNumbers(const std::string & json) const;
  /// One line for people: on stdout, never inside a progress element; escaped where progress is XML; not with --quiet.
  void Say(const std::string & line) const;

private:
  std::filesystem::path m_Json;
  Voice &               m_Voice;
};

/// An application declared once: parser, help, Slicer XML, completion, echo and provenance come from Declare.
class Application
{
public:
  virtual ~Application() = default;
  virtual Description Describe() const = 0;
  virtual void        Declare(Parameters & parameters) = 0;
  virtual void        Run(Context & context) = 0;
};

/// Parses, checks, runs, and turns every failure into one line on stderr and an exit code (0, 2 to 6).
int Run(Application & application, int argc, char ** argv);

/// The folder of the running executable.
std::filesystem::path ExecutableFolder();

template <typename TApplication>
int Main(int argc, char ** argv)
{
  TApplication application;
  return Run(application, argc, argv);
}

} // namespace serval::app
