#include "serval/CommandLine/Application.h"

#include "ProgressOutput.h"
#include "SlicerXml.h"
#include "serval/Core/AtomicFile.h"
#include "serval/Core/Error.h"
#include "serval/Core/PathDisplay.h"
#include "serval/Core/Text.h"

#include <tclap/CmdLine.h>
#include <unistd.h>

#include <cerrno>
#include <cstring>
#include <iostream>
#include <map>
#include <memory>
#include <new>

namespace serval::app
{
namespace
{

namespace fs = std::filesystem;

struct Standard
{
  std::string progress = "auto";
  fs::path    json;
};

void DeclareStandard(Parameters & parameters, Standard & standard)
{
  parameters.Group("Running", true);
  parameters.Add("progress", &standard.progress, "How progress is shown")
    .Choices({ "auto", "bar", "xml", "none" });
  parameters.Add("json", &standard.json, "Also write the run's numbers to this file").Out("file", ".json").Optional();
}

// What goes into a file or a pipeline's log never names a patient.
void ShowPathsAsAsked(bool isAsked)
{
  Require(!isAsked || (::isatty(STDOUT_FILENO) != 0 && ::isatty(STDERR_FILENO) != 0), Fault::Usage,
          "--showPaths shows names of patients and is for a terminal only; here the output goes to a file or a program");
  ShowWholePaths(isAsked);
}

// For people, not for hosts: they stand in the help and not in the Slicer XML.
const std::vector<std::string> & PersonOptions()
{
  static const std::vector<std::string> options{ "echo", "showPaths" };
  return options;
}

const std::vector<std::string> & HostOptions() // of Slicer; taken by every module, used by none
{
  static const std::vector<std::string> options{ "processinformationaddress", "returnparameterfile" };
  return options;
}

const Parameter * FindFlag(const Parameters & parameters, const std::string & word)
{
  for (const auto & p : parameters.All())
    if (p.index < 0 && (word == "--" + p.name || (p.letter && word == std::string{ '-', p.letter })))
      return &p;
  return nullptr;
}

[[noreturn]] void FailUnknown(const Parameters & parameters, const std::string & word)
{
  std::vector<std::string> known;
  for (const auto & p : parameters.All())
    known.push_back("--" + p.name);
  const std::string near = NearestWord(word, known);
  Fail(Fault::Usage, "there is no option ", word, near.empty() ? "" : "; did you mean " + near + "?",
       "; --help lists the options");
}

// The command line for TCLAP, which would take an unknown option for a positional value: those are refused here.
// "--name=value" becomes two words, as Slicer writes them.
std::vector<std::string> Words(int argc, char ** argv, const Parameters & parameters)
{
  std::vector<std::string> words{ argv[0] };
  for (int i = 1; i < argc; ++i)
  {
    std::string word = argv[i];
    const auto  equal = word.starts_with("--") ? word.find('=') : std::string::npos;
    const bool  joined = equal != std::string::npos && FindFlag(parameters, word.substr(0, equal));
    const auto  flag = FindFlag(parameters, joined ? word.substr(0, equal) : word);
    const auto  isOf = [&](const auto & options) {
      return std::any_of(options.begin(), options.end(), [&](auto & o) { return word == "--" + o; });
    };
    const bool host = isOf(HostOptions());
    if (!flag && !host && !isOf(PersonOptions()) && word.size() > 1 && word[0] == '-' && !ParseDouble(word))
      FailUnknown(parameters, word);
    words.push_back(joined ? word.substr(0, equal) : word);
    if (joined)
      words.push_back(word.substr(equal + 1));
    else if (host || (flag && flag->kind != Kind::Boolean))
    {
      Require(i + 1 < argc, Fault::Usage, word, " needs a value; --help lists the options");
      words.push_back(argv[++i]);
    }
  }
  return words;
}

/// TCLAP's arguments for the declared parameters; values stay text until our own checks.
class Parser
{
public:
  Parser(const Description & description, const Parameters & parameters)
    : m_Parameters(parameters)
    , m_Command(description.text, ' ', Version(), false)
  {
    m_Command.setExceptionHandling(false);
    for (const auto & p : parameters.All())
      if (p.index < 0)
        AddFlag(p);
    // One argument for all values without a flag: TCLAP lets nothing follow one that may be left out. Take asks for those
    // that are missing.
    m_Positional = std::make_unique<TCLAP::UnlabeledMultiArg<std::string>>("values", "", false, "text", m_Command);
    for (const auto & name : PersonOptions())
      m_Switches[name] = std::make_unique<TCLAP::SwitchArg>("", name, "", m_Command, false);
    for (const auto & name : HostOptions())
      m_Ignored.push_back(std::make_unique<TCLAP::ValueArg<std::string>>("", name, "", false, "", "text", m_Command));
  }

  void Parse(std::vector<std::string> words)
  {
    try
    {
      m_Command.parse(words);
    }
    catch (const TCLAP::ArgException & e)
    {
      Fail(Fault::Usage, e.error(), " (", Trim(e.argId()), "); --help lists the options");
    }
    const auto   isPositional = [](const Parameter & p) { return p.index >= 0; };
    const auto & all = m_Parameters.All();
    const auto   most = static_cast<std::size_t>(std::count_if(all.begin(), all.end(), isPositional));
    Require(m_Positional->getValue().size() <= most, Fault::Usage, "there are ", m_Positional->getValue().size(),
            " values without an option, at most ", most, " are expected; --help lists the options");
    for (const auto & p : all)
      Take(p);
  }

  /// Whether a switch was given.
  bool Has(const std::string & name) const { return m_Switches.at(name)->getValue(); }

private:
  void AddFlag(const Parameter & p)
  {
    const std::string letter(p.letter ? 1 : 0, p.letter);
    if (p.kind == Kind::Boolean)
      m_Switches[p.name] = std::make_unique<TCLAP::SwitchArg>(letter, p.name, p.description, m_Command, false);
    else
      m_Values[p.name] =
        std::make_unique<TCLAP::MultiArg<std::string>>(letter, p.name, p.description, false, "text", m_Command);
  }

  void Take(const Parameter & p)
  {
    std::vector<std::string> texts;
    if (p.kind == Kind::Boolean)
    {
      if (m_Switches.at(p.name)->getValue())
        p.set({});
      return;
    }
    if (p.index >= 0)
    {
      const auto & values = m_Positional->getValue();
      if (static_cast<std::size_t>(p.index) < values.size())
        texts = { values[static_cast<std::size_t>(p.index)] };
    }
    else
      texts = m_Values.at(p.name)->getValue();
    const bool many = p.kind == Kind::Paths || p.kind == Kind::StringVector;
    Require(texts.size() < 2 || many, Fault::Usage, "--", p.name, " is given ", texts.size(), " times");
    if (!texts.empty())
      p.set(texts);
    Require(!p.required || !p.get().empty(), Fault::Usage, p.index >= 0 ? "" : "--", p.name, " is missing: ",
            p.description, "; --help lists the options");
  }

  const Parameters &                                                              m_Parameters;
  TCLAP::CmdLine                                                                  m_Command;
  std::map<std::string, std::unique_ptr<TCLAP::SwitchArg>>                        m_Switches;
  std::map<std::string, std::unique_ptr<TCLAP::MultiArg<std::string>>>            m_Values;
  std::unique_ptr<TCLAP::UnlabeledMultiArg<std::string>>                          m_Positional;
  std::vector<std::unique_ptr<TCLAP::ValueArg<std::string>>>                      m_Ignored;
};

// Folders and files of a hospital's images are named by patients.
std::string NameOf(const Parameter & p, const fs::path & path)
{
  return p.identifying || p.data == "image" ? Shown(path) : "'" + path.string() + "'";
}

// An output that cannot be written is found before the work, not after it.
void CheckOutput(const Parameter & p)
{
  const fs::path path = p.get(), folder = fs::absolute(path).lexically_normal().parent_path();
  const bool     makesFolder = p.data == "directory";
  Require(fs::is_directory(folder) || (makesFolder && fs::is_directory(folder.parent_path())), Fault::Input, "--", p.name, ": the folder ",
          NameOf(p, folder), " does not exist; create it first");
  Require(!fs::is_directory(folder) || ::access(folder.c_str(), W_OK) == 0 || fs::exists(path), Fault::Environment, "--", p.name, ": the folder ",
          NameOf(p, folder), " cannot be written to: ", std::strerror(errno));
  Require(makesFolder || !fs::is_directory(path), Fault::Usage, "--", p.name, ": ", NameOf(p, path), " is a folder; name a file");
}

void CheckPaths(const Parameters & parameters)
{
  for (const auto & p : parameters.All())
  {
    if (p.kind != Kind::Path || p.channel == Channel::None || p.get().empty())
      continue;
    if (p.channel == Channel::Output)
      CheckOutput(p);
    else
      Require(fs::exists(p.get()), Fault::Input, "--", p.name, ": ", NameOf(p, p.get()), " does not exist");
  }
}

// Results and inputs are told apart by their content, so that equal runs in other folders give equal provenance.
Provenance ProvenanceOf(const Description & description, const Parameters & parameters)
{
  Provenance provenance;
  provenance.tool = description.name;
  for (const auto & p : parameters.All())
    if (p.channel == Channel::None && p.group != "Running")
    {
      provenance.parameters[p.name] = p.get();
      if (p.name == "seed")
        provenance.seed = static_cast<std::uint64_t>(ParseInteger(p.get()).value_or(0));
    }
  return provenance;
}

int Complain(const std::string & name, Fault fault, const std::string & message)
{
  std::cout.flush();
  std::cerr << name << ": " << message << std::endl;
  return static_cast<int>(fault);
}

bool Asked(int argc, char ** argv, std::initializer_list<std::string_view> words)
{
  for (int i = 1; i < argc; ++i)
    for (const auto word : words)
      if (argv[i] == word)
        return true;
  return false;
}

int RunChecked(Application & application, const Description & description, int argc, char ** argv, bool asVerb)
{
  Parameters parameters;
  Standard   standard;
  application.Declare(parameters);
  DeclareStandard(parameters, standard);
  if (Asked(argc, argv, { "--xml" }))
    return (std::cout << SlicerXml(description, parameters) << std::flush).good() ? 0 : 4;
  if (Asked(argc, argv, { "--version" }))
    return (std::cout << Version() << std::endl).good() ? 0 : 4;
  if (Asked(argc, argv, { "--help", "-h" }))
    return (std::cout << HelpText(description, parameters, asVerb) << std::flush).good() ? 0 : 4;
  Parser parser(description, parameters);
  parser.Parse(Words(argc, argv, parameters));
  ShowPathsAsAsked(parser.Has("showPaths"));
  CheckPaths(parameters);
  if (parser.Has("echo"))
    for (const auto & p : parameters.All())
      std::cout << (ShowsXml(standard.progress, asVerb) ? EscapeXml(p.name + " = " + p.get()) : p.name + " = " + p.get()) << '\n';
  std::cout.flush();
  InstallInterruptCleanup();
  const auto progress = MakeProgress(standard.progress, description.title, asVerb);
  Context    context(*progress, ProvenanceOf(description, parameters), standard.json, ShowsXml(standard.progress, asVerb));
  application.Run(context);
  progress->Report(1, "Done");
  return context.casesExcluded ? static_cast<int>(Fault::Excluded) : 0;
}

} // namespace

void Context::WriteNumbers(const std::string & json) const
{
  if (!m_Json.empty())
    WriteTextFile(m_Json, json + "\n");
}

void Context::Say(const std::string & line) const { std::cout << (m_ShowsXml ? EscapeXml(line) : line) << std::endl; }

fs::path ExecutableFolder() { return fs::read_symlink("/proc/self/exe").parent_path(); }

int Run(Application & application, int argc, char ** argv)
{
  const Description description = application.Describe();
  const bool        asVerb = argc > 0 && std::string_view(argv[0]).starts_with("serval ");
  const std::string name = asVerb ? argv[0] : description.name;
  try
  {
    return RunChecked(application, description, argc, argv, asVerb);
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
