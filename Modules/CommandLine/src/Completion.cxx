#include "Completion.h"

#include "CommandParser.h"
#include "HelpText.h"
#include "serval/Core/Error.h"
#include "serval/Core/Text.h"

namespace serval::app
{
namespace
{

enum class Values
{
  Words,
  Files,
  Folders,
  Text
};

// One option or value as all shells see it.
struct Item
{
  std::string              name, text;
  std::vector<std::string> words;
  Values                   values = Values::Text;
  bool                     hasValue = true, isPositional = false;
};

Item ItemOf(const Parameter & p)
{
  Item item{ p.name, p.description, p.choices, Values::Text, p.kind != Kind::Boolean, p.index >= 0 };
  if (!p.choices.empty())
    item.values = Values::Words;
  else if (p.kind == Kind::Path || p.kind == Kind::Paths)
    item.values = p.data == "directory" ? Values::Folders : Values::Files;
  return item;
}

std::vector<Item> ItemsOf(const Parameters & parameters)
{
  std::vector<Item> items;
  for (const auto & p : parameters.All())
    if (!p.isResult)
      items.push_back(ItemOf(p));
  for (const auto & name : PersonOptions())
    items.push_back({ name, MeaningOf(name), {}, Values::Text, false, false });
  for (const auto & [name, text] : { std::pair{ "help", "Short help" }, { "help-all", "All options explained" }, { "version", "Version" } })
    items.push_back({ name, text, {}, Values::Text, false, false });
  return items;
}

// Inside single quotes nothing is special but the quote itself.
std::string Quoted(const std::string & text)
{
  std::string quoted = "'";
  for (const char c : text)
    quoted += c == '\'' ? std::string("'\\''") : std::string(1, c);
  return quoted + "'";
}

// A branch of the function's case: the options, the choices of each, and what stands without an option.
std::string BashPart(const std::string & verb, const std::vector<Item> & items)
{
  std::string options, branches, positional;
  for (const auto & item : items)
  {
    if (item.isPositional)
    {
      positional += (positional.empty() ? "" : " ") + Join(item.words, " ");
      continue;
    }
    options += (options.empty() ? "--" : " --") + item.name;
    if (item.hasValue)
      branches += "        --" + item.name + ") " +
                  (item.values == Values::Words     ? "words=" + Quoted(Join(item.words, " "))
                   : item.values == Values::Folders ? "kind=folder"
                   : item.values == Values::Files   ? "kind=file"
                                                    : "kind=text") +
                  " ;;\n";
  }
  return "    " + verb + ")\n      options=" + Quoted(options) + "\n      values=" + Quoted(Trim(positional)) + "\n      case \"$before\" in\n" + branches +
         "      esac ;;\n";
}

// In a specification of _arguments, colons and brackets part its fields.
std::string ZshText(const std::string & text)
{
  std::string escaped;
  for (const char c : text)
    escaped += c == ':' || c == '[' || c == ']' || c == '\\' ? std::string{ '\\', c } : std::string(1, c);
  return escaped;
}

std::string ZshAction(const Item & item)
{
  return item.values == Values::Words     ? "(" + Join(item.words, " ") + ")"
         : item.values == Values::Folders ? "_files -/"
         : item.values == Values::Files   ? "_files"
                                          : " ";
}

std::string ZshPart(const std::string & verb, const std::vector<Item> & items)
{
  std::string text = "    " + verb + ")\n      _arguments";
  for (const auto & item : items)
  {
    const auto value = item.hasValue ? ":" + item.name + ":" + ZshAction(item) : std::string();
    text += " \\\n        " + Quoted(item.isPositional ? value : "--" + item.name + "[" + ZshText(item.text) + "]" + value);
  }
  return text + " ;;\n";
}

std::string FishPart(const std::string & verb, const std::vector<Item> & items)
{
  std::string text;
  for (const auto & item : items)
  {
    const std::string begin = "complete -c serval -n '__fish_seen_subcommand_from " + verb + "'";
    if (item.isPositional)
      text += item.words.empty() ? begin + " -F\n" : begin + " -a " + Quoted(Join(item.words, " ")) + "\n";
    else
      text += begin + " -l " + item.name +
              (!item.hasValue                   ? ""
               : item.values == Values::Words   ? " -x -a " + Quoted(Join(item.words, " "))
               : item.values == Values::Folders ? " -x -a '(__fish_complete_directories)'"
               : item.values == Values::Files   ? " -r -F"
                                                : " -x") +
              " -d " + Quoted(item.text) + "\n";
  }
  return text;
}

} // namespace

std::string CompletionPart(const std::string & shell, const Description & description, const Parameters & parameters)
{
  const auto items = ItemsOf(parameters);
  if (shell == "bash")
    return BashPart(description.verb, items);
  if (shell == "zsh")
    return ZshPart(description.verb, items);
  Require(shell == "fish", Fault::Usage, "there is no completion for '", shell, "'; there is one for bash, zsh and fish");
  return FishPart(description.verb, items);
}

} // namespace serval::app
