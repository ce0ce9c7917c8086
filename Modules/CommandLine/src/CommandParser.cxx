#include "CommandParser.h"

#include "serval/Core/Error.h"
#include "serval/Core/Text.h"

#include <tclap/CmdLine.h>

#include <algorithm>
#include <map>

namespace serval::app
{
namespace
{

const std::string returnFile = "returnparameterfile";

const std::vector<std::string> & HostOptions() // of Slicer; taken by every module
{
  static const std::vector<std::string> options{ "processinformationaddress", returnFile };
  return options;
}

const Parameter * FindFlag(const Parameters & parameters, const std::string & word)
{
  for (const auto & p : parameters.All())
    if (p.index < 0 && !p.isResult && (word == "--" + p.name || (p.letter && word == std::string{ '-', p.letter })))
      return &p;
  return nullptr;
}

[[noreturn]] void FailUnknown(const Parameters & parameters, const std::string & word)
{
  std::vector<std::string> known{ "--help", "--help-all", "--version" };
  for (const auto & name : PersonOptions())
    known.push_back("--" + name);
  for (const auto & p : parameters.All())
    if (p.index < 0 && !p.isResult)
      known.push_back("--" + p.name);
  const std::string near = NearestWord(word, known);
  Fail(Fault::Usage, "there is no option ", word, near.empty() ? "" : "; did you mean " + near + "?", "; --help lists the options");
}

bool IsOneOf(const std::string & word, const std::vector<std::string> & options)
{
  return std::any_of(options.begin(), options.end(), [&](const auto & option) { return word == "--" + option; });
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
    const bool  host = IsOneOf(word, HostOptions());
    if (!flag && !host && !IsOneOf(word, PersonOptions()) && word.size() > 1 && word[0] == '-' && !ParseDouble(word))
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

} // namespace

const std::vector<std::string> & PersonOptions()
{
  static const std::vector<std::string> options{ "echo", "quiet", "showPaths" };
  return options;
}

struct CommandParser::Arguments
{
  explicit Arguments(const std::string & text)
    : command(text, ' ', Version(), false)
  {
    command.setExceptionHandling(false);
  }

  TCLAP::CmdLine                                                       command;
  std::map<std::string, std::unique_ptr<TCLAP::SwitchArg>>             switches;
  std::map<std::string, std::unique_ptr<TCLAP::MultiArg<std::string>>> values;
  std::unique_ptr<TCLAP::UnlabeledMultiArg<std::string>>               positional;
  std::map<std::string, std::unique_ptr<TCLAP::ValueArg<std::string>>> ofHosts;
};

CommandParser::CommandParser(const Description & description, const Parameters & parameters)
  : m_Parameters(parameters)
  , m_Arguments(std::make_unique<Arguments>(description.text))
{
  auto & a = *m_Arguments;
  for (const auto & p : parameters.All())
    if (p.index < 0 && !p.isResult)
      AddFlag(p);
  // One argument for all values without a flag: TCLAP lets nothing follow one that may be left out. Take asks for those
  // that are missing.
  a.positional = std::make_unique<TCLAP::UnlabeledMultiArg<std::string>>("values", "", false, "text", a.command);
  for (const auto & name : PersonOptions())
    a.switches[name] = std::make_unique<TCLAP::SwitchArg>("", name, "", a.command, false);
  for (const auto & name : HostOptions())
    a.ofHosts[name] = std::make_unique<TCLAP::ValueArg<std::string>>("", name, "", false, "", "text", a.command);
}

CommandParser::~CommandParser() = default;

void CommandParser::AddFlag(const Parameter & p)
{
  auto &            a = *m_Arguments;
  const std::string letter(p.letter ? 1 : 0, p.letter);
  if (p.kind == Kind::Boolean)
    a.switches[p.name] = std::make_unique<TCLAP::SwitchArg>(letter, p.name, p.description, a.command, false);
  else
    a.values[p.name] = std::make_unique<TCLAP::MultiArg<std::string>>(letter, p.name, p.description, false, "text", a.command);
}

void CommandParser::Parse(int argc, char ** argv)
{
  auto words = Words(argc, argv, m_Parameters);
  try
  {
    m_Arguments->command.parse(words);
  }
  catch (const TCLAP::ArgException & e)
  {
    Fail(Fault::Usage, e.error(), " (", Trim(e.argId()), "); --help lists the options");
  }
  const auto & all = m_Parameters.All();
  const auto   most = static_cast<std::size_t>(std::count_if(all.begin(), all.end(), [](const Parameter & p) { return p.index >= 0; }));
  const auto   given = m_Arguments->positional->getValue().size();
  Require(given <= most, Fault::Usage, "there are ", given, " values without an option, at most ", most, " are expected; --help lists the options");
  for (const auto & p : all)
    if (!p.isResult)
      Take(p);
}

void CommandParser::Take(const Parameter & p)
{
  const auto &             a = *m_Arguments;
  std::vector<std::string> texts;
  if (p.kind == Kind::Boolean)
  {
    if (a.switches.at(p.name)->getValue())
      p.set({});
    return;
  }
  if (p.index >= 0)
  {
    const auto & values = a.positional->getValue();
    if (static_cast<std::size_t>(p.index) < values.size())
      texts = { values[static_cast<std::size_t>(p.index)] };
  }
  else
    texts = a.values.at(p.name)->getValue();
  const bool many = p.kind == Kind::Paths || p.kind == Kind::StringVector;
  Require(texts.size() < 2 || many, Fault::Usage, "--", p.name, " is given ", texts.size(), " times");
  if (!texts.empty())
    p.set(texts);
  Require(!p.required || !p.get().empty(), Fault::Usage, p.index >= 0 ? "" : "--", p.name, " is missing: ", p.description,
          "; --help lists the options");
}

bool        CommandParser::Has(const std::string & name) const { return m_Arguments->switches.at(name)->getValue(); }
std::string CommandParser::ReturnFile() const { return m_Arguments->ofHosts.at(returnFile)->getValue(); }

} // namespace serval::app
