#pragma once
// What `serval` itself can tell: its verbs, and completion of them in three shells.

#include "ShellWords.h"
#include "Verbs.h"
#include "serval/Core/Error.h"
#include "serval/Core/Provenance.h"
#include "serval/Core/Text.h"

#include <cstdio>
#include <filesystem>
#include <fstream>
#include <iterator>
#include <map>
#include <string>
#include <vector>

namespace serval
{

/// The folder of the modules, beside that of `serval`.
inline std::filesystem::path ModuleFolder() { return std::filesystem::read_symlink("/proc/self/exe").parent_path().parent_path() / "cli-modules"; }

/// Verbs of `serval` that are no modules.
inline const std::map<std::string, std::string> & OwnVerbs()
{
  static const std::map<std::string, std::string> own{ { "completion", "Completion script for a shell: serval completion bash|zsh|fish" },
                                                       { "help", "Help on a verb: serval help VERB" },
                                                       { "new", "A study file about a manifest: serval new study --from manifest.csv [study.toml]" } };
  return own;
}

/// The words of `serval study new` for those of `serval new study --from MANIFEST [FILE] [options]`: the file ends with .toml,
/// or follows no option.
inline std::vector<std::string> NewStudyWords(const std::vector<std::string> & words)
{
  std::string              file = "study.toml", manifest;
  std::vector<std::string> others;
  for (std::size_t i = 0; i < words.size(); ++i)
    if (words[i] == "--from" || words[i] == "--manifest")
      manifest = ++i < words.size() ? words[i] : std::string();
    else if (!words[i].starts_with("-") && (words[i].ends_with(".toml") || i == 0 || !words[i - 1].starts_with("--") || words[i - 1].find('=') != std::string::npos))
      file = words[i];
    else
      others.push_back(words[i]);
  std::vector<std::string> all{ "new", file };
  if (!manifest.empty())
    all.insert(all.end(), { "--manifest", manifest });
  all.insert(all.end(), others.begin(), others.end());
  return all;
}

/// An element of the description beside a module; empty when it is not there.
inline std::string InDescription(const std::string & executable, const std::string & element)
{
  std::ifstream     stream(ModuleFolder() / (executable + ".xml"));
  const std::string xml{ std::istreambuf_iterator<char>(stream), {} };
  const auto        begin = xml.find("<" + element + ">"), end = xml.find("</" + element + ">");
  return begin == std::string::npos || end == std::string::npos ? std::string() : xml.substr(begin + element.size() + 2, end - begin - element.size() - 2);
}

/// "  VERB   title" for each verb, by stage of the work.
inline std::string VerbList()
{
  const auto line = [](const std::string & verb, const std::string & text) { return "  " + verb + std::string(verb.size() < 24 ? 24 - verb.size() : 1, ' ') + text + "\n"; };
  std::map<std::string, std::string> stages;
  for (const auto & [verb, executable] : verbs)
  {
    const auto category = InDescription(executable, "category"), title = InDescription(executable, "title");
    stages[category.substr(category.find('.') + 1)] += line(verb, title.empty() ? executable : title);
  }
  std::string text;
  for (const char * stage : { "Preparation", "Learning", "Evaluation", "Study", "Visualization" })
    if (const auto found = stages.extract(stage))
      text += std::string("\n") + stage + ":\n" + found.mapped();
  for (const auto & [stage, lines] : stages)
    text += "\n" + (stage.empty() ? std::string("Others") : stage) + ":\n" + lines;
  text += "\nServal itself:\n";
  for (const auto & [verb, title] : OwnVerbs())
    text += line(verb, title);
  return text;
}

/// What a module says to `--completion SHELL`.
inline std::string CompletionPartOf(const std::string & executable, const std::string & shell)
{
  std::string  text;
  FILE * const pipe = ::popen((Quoted((ModuleFolder() / executable).string()) + " --completion " + shell).c_str(), "r");
  Require(pipe != nullptr, Fault::Environment, "cannot start ", executable);
  char bytes[4096];
  for (std::size_t count = 0; (count = std::fread(bytes, 1, sizeof bytes, pipe)) > 0;)
    text.append(bytes, count);
  Require(::pclose(pipe) == 0, Fault::Environment, executable, " does not say what it completes");
  return text;
}

inline std::string AllVerbs()
{
  std::vector<std::string> all;
  for (const auto & [verb, executable] : verbs)
    all.push_back(verb);
  for (const auto & [verb, text] : OwnVerbs())
    all.push_back(verb);
  return Join(all, " ");
}

/// The whole script; Fault::Usage for another shell than bash, zsh and fish.
inline std::string CompletionScript(const std::string & shell)
{
  Require(shell == "bash" || shell == "zsh" || shell == "fish", Fault::Usage, "there is no completion for '", shell, "'; there is one for bash, zsh and fish");
  std::string parts;
  for (const auto & [verb, executable] : verbs)
    parts += CompletionPartOf(executable, shell);
  if (shell == "fish")
    return "complete -c serval -f\ncomplete -c serval -n __fish_use_subcommand -a '" + AllVerbs() + "'\n" +
           "complete -c serval -n '__fish_seen_subcommand_from completion' -a 'bash zsh fish'\n" + "complete -c serval -n '__fish_seen_subcommand_from help' -a '" + AllVerbs() + "'\n" + parts;
  if (shell == "zsh")
    return "#compdef serval\nif (( CURRENT == 2 )); then\n  compadd " + AllVerbs() + "\nelse\n  shift words\n  (( CURRENT-- ))\n  case $words[1] in\n" + parts +
           "    completion) compadd bash zsh fish ;;\n    help) compadd " + AllVerbs() + " ;;\n  esac\nfi\n";
  return "_serval() {\n  local word=\"${COMP_WORDS[COMP_CWORD]}\" before=\"${COMP_WORDS[COMP_CWORD-1]}\" options='' values='' words='' kind=''\n"
         "  COMPREPLY=()\n  if [ \"$COMP_CWORD\" -eq 1 ]; then\n    COMPREPLY=($(compgen -W '" + AllVerbs() + "' -- \"$word\"))\n    return\n  fi\n"
         "  case \"${COMP_WORDS[1]}\" in\n" + parts + "    completion) words='bash zsh fish' ;;\n    help) words='" + AllVerbs() + "' ;;\n  esac\n"
         "  if [ -n \"$words\" ]; then COMPREPLY=($(compgen -W \"$words\" -- \"$word\"))\n"
         "  elif [ \"$kind\" = folder ]; then compopt -o filenames 2>/dev/null; mapfile -t COMPREPLY < <(compgen -d -- \"$word\")\n"
         "  elif [ \"$kind\" = text ]; then :\n"
         "  elif [ -z \"$kind\" ] && [[ \"$word\" == -* ]]; then COMPREPLY=($(compgen -W \"$options\" -- \"$word\"))\n"
         "  else\n    compopt -o filenames 2>/dev/null\n    mapfile -t COMPREPLY < <(compgen -f -- \"$word\")\n"
         "    [ -n \"$kind\" ] || COMPREPLY+=($(compgen -W \"$values\" -- \"$word\"))\n  fi\n}\ncomplete -F _serval serval\n";
}

/// The manual page serval(1).
inline std::string FrontManual()
{
  std::string text = ".TH SERVAL 1 \"\" \"Serval " + Version() + "\" \"Serval\"\n.SH NAME\nserval \\- learns to classify CT and MR volumes from few cases\n"
                     ".SH SYNOPSIS\n.B serval VERB\n[options]\n.SH VERBS\n";
  for (const auto & [verb, executable] : verbs)
    text += ".TP\n.BR serval\\-" + Join(Split(verb, '-'), "\\-") + " (1)\n" + InDescription(executable, "title") + "\n";
  return text + ".SH EXIT STATUS\n0 done, 2 usage, 3 input, 4 environment, 5 internal, 6 done but some cases were left out.\n"
                ".SH ENVIRONMENT\nWhat the command line says goes before these.\n.TP\n.B NO_COLOR\nNo colours, when it is not empty.\n"
                ".TP\n.B DISPLAY\nThe X display of pictures in three dimensions; a private Xvfb where it does not answer. view needs it.\n"
                ".TP\n.B OMP_NUM_THREADS\nThreads of learning where \\-\\-threads is 0.\n"
                ".TP\n.B WORLD_SIZE, RANK, LOCAL_RANK, MASTER_ADDR, MASTER_PORT, SLURM_*\nSeveral training processes, as torchrun and srun set them.\n";
}

} // namespace serval
