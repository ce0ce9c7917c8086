#include "HelpText.h"

#include "CommandParser.h"
#include "serval/Core/Error.h"
#include "serval/Core/Text.h"

#include <algorithm>
#include <cctype>

namespace serval::app
{
namespace
{

constexpr const char * exitCodes = "Exit codes: 0 done, 2 usage, 3 input, 4 environment, 5 internal, 6 done but some cases were left out.";

std::string Wrapped(const std::string & text, std::size_t indent, std::size_t width)
{
  std::string wrapped;
  std::size_t column = indent;
  for (const auto & word : Split(text, ' '))
  {
    if (column + word.size() + 1 > width && column > indent)
    {
      wrapped += "\n" + std::string(indent, ' ');
      column = indent;
    }
    else if (column > indent)
    {
      wrapped += ' ';
      ++column;
    }
    wrapped += word;
    column += word.size();
  }
  return wrapped;
}

std::string Placeholder(const Parameter & p)
{
  switch (p.kind)
  {
    case Kind::Boolean: return {};
    case Kind::Integer: return " N";
    case Kind::Double: return " X";
    case Kind::String: return p.choices.empty() ? " TEXT" : " " + Join(p.choices, "|");
    case Kind::Path: return p.data == "directory" ? " FOLDER" : " FILE";
    case Kind::Paths: return " FILE (may be repeated)";
    case Kind::IntegerVector: return " N,N,…";
    case Kind::DoubleVector: return " X,X,…";
    case Kind::StringVector: return " A,B,…";
  }
  return {};
}

std::string NameOf(const Parameter & p) { return p.index >= 0 ? p.name : "--" + p.name + Placeholder(p); }

std::string ExplanationOf(const Parameter & p)
{
  if (p.required)
    return p.description + " (needed)";
  const auto value = p.get();
  return p.kind == Kind::Boolean || p.isResult || value.empty() ? p.description : p.description + " [" + value + "]";
}

std::string HelpOf(const Parameter & p)
{
  if (p.isResult)
    return "  " + p.name + "\n      " + Wrapped("Found and handed back to a host: " + p.description, 6, 100) + "\n";
  return "  " + NameOf(p) + "\n      " + Wrapped(ExplanationOf(p), 6, 100) + "\n";
}


std::string Usage(const Description & d, const Parameters & parameters, bool asVerb)
{
  std::vector<const Parameter *> positional;
  for (const auto & p : parameters.All())
    if (p.index >= 0)
      positional.push_back(&p);
  std::sort(positional.begin(), positional.end(), [](auto a, auto b) { return a->index < b->index; });
  std::string text = (asVerb ? "serval " + d.verb : d.name) + " [options]";
  for (const auto * p : positional)
    text += p->required ? ' ' + p->name : " [" + p->name + ']';
  return text;
}

std::string Beginning(const Description & d, const Parameters & parameters, bool asVerb)
{
  return d.title + "\n\n" + Wrapped(d.text, 0, 100) + "\n\nUsage: " + Usage(d, parameters, asVerb) + "\n";
}

std::string Ending(const std::string & all)
{
  return "\nAlso: --help -h, " + all + "--xml (description for 3D Slicer), --version,\n"
         "--echo (show the parameters as understood), --quiet (say nothing but what is wrong),\n"
         "--showPaths (at a terminal: messages show whole paths and identifiers of patients).\n" + exitCodes + "\n";
}

// What must be known at once: the first group, and whatever is needed.
bool IsInShortHelp(const Parameter & p, const Parameters & parameters) { return p.required || p.group == parameters.All().front().group; }

// roff takes a backslash, and a dot or an apostrophe that begins a line, for its own.
std::string Roff(const std::string & text)
{
  std::string escaped = text.starts_with('.') || text.starts_with('\'') ? "\\&" : "";
  for (const char c : text)
    escaped += c == '\\' ? "\\e" : c == '-' ? "\\-" : std::string(1, c);
  return escaped;
}

} // namespace

std::string ShortHelp(const Description & d, const Parameters & parameters, bool asVerb)
{
  std::string text = Beginning(d, parameters, asVerb) + "\n", open, names;
  for (const auto & p : parameters.All())
    if (IsInShortHelp(p, parameters))
      text += HelpOf(p);
  text += "\nFurther options, explained by --help-all:\n";
  const auto close = [&] {
    if (!names.empty())
      text += "  " + open + "\n      " + Wrapped(names, 6, 100) + "\n";
    names.clear();
  };
  for (const auto & p : parameters.All())
  {
    if (IsInShortHelp(p, parameters) || p.isResult)
      continue;
    if (p.group != open)
      close();
    open = p.group;
    names += (names.empty() ? "--" : " --") + p.name;
  }
  close();
  return text + Ending("--help-all, ");
}

std::string WholeHelp(const Description & d, const Parameters & parameters, bool asVerb)
{
  std::string text = Beginning(d, parameters, asVerb), open;
  for (const auto & p : parameters.All())
  {
    if (p.group != open)
      text += "\n" + (open = p.group) + ":\n";
    text += HelpOf(p);
  }
  return text + Ending("");
}

std::string ManPage(const Description & d, const Parameters & parameters)
{
  std::string name = "serval-" + d.verb;
  std::transform(name.begin(), name.end(), name.begin(), [](unsigned char c) { return char(std::toupper(c)); });
  std::string text = ".TH " + name + " 1 \"\" \"Serval " + Version() + "\" \"Serval\"\n.SH NAME\nserval\\-" + Roff(d.verb) +
                     " \\- " + Roff(d.title) + "\n.SH SYNOPSIS\n.B " + Roff(Usage(d, parameters, true)) + "\n.SH DESCRIPTION\n" + Roff(d.text) +
                     "\n.SH OPTIONS\n";
  std::string open;
  for (const auto & p : parameters.All())
  {
    if (p.group != open)
      text += ".SS " + Roff(open = p.group) + "\n";
    text += ".TP\n.B " + Roff(NameOf(p)) + "\n" + Roff(ExplanationOf(p)) + "\n";
  }
  for (const auto & name : PersonOptions())
    text += ".TP\n.B " + Roff("--" + name) + "\n" + Roff(MeaningOf(name)) + "\n";
  return text + ".SH EXIT STATUS\n" + Roff(exitCodes) + "\n.SH SEE ALSO\n.BR serval (1)\n";
}

std::string MeaningOf(const std::string & personOption)
{
  return personOption == "echo"    ? "Show the parameters as understood"
         : personOption == "quiet" ? "Say nothing but what is wrong"
                                   : "At a terminal: messages show whole paths and identifiers of patients";
}

} // namespace serval::app
