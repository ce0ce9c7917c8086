// serval <verb> ...: runs the application of that name beside it, with the same arguments.
#include "FrontDoor.h"

#include <unistd.h>

#include <cerrno>
#include <cstring>
#include <iostream>

namespace
{

constexpr int usage = 2, environment = 4;

int Tell(std::ostream & stream, const std::string & text, int code = 0)
{
  return (stream << text << std::flush).good() ? code : environment;
}

int ShowVerbs(std::ostream & stream, int code)
{
  return Tell(stream, "Usage: serval VERB [options]     serval VERB --help\n" + serval::VerbList() + "\nAlso: serval --version, serval --help\n", code);
}

int UnknownVerb(const std::string & verb)
{
  const auto near = serval::NearestWord(verb, serval::Split(serval::AllVerbs(), ' '));
  return Tell(std::cerr, "serval: there is no verb '" + verb + "'" + (near.empty() ? "" : "; did you mean '" + near + "'?") + " (serval --help lists the verbs)\n", usage);
}

// Only comes back when it fails.
int RunModule(const std::string & verb, const std::string & executable, char ** arguments)
{
  const auto  path = serval::ModuleFolder() / executable;
  std::string name = "serval " + verb; // tells the application how it was called
  arguments[0] = name.data();
  ::execv(path.c_str(), arguments);
  return Tell(std::cerr, "serval: cannot start '" + path.string() + "': " + std::strerror(errno) + "\n", environment);
}

// `serval new study` is `serval study new` with names that are easier to guess.
int RunNew(int argc, char ** argv)
{
  if (argc < 3 || std::string(argv[2]) != "study")
    return Tell(std::cerr, "serval new: what? `serval new study --from manifest.csv [study.toml]` writes a study file\n", usage);
  auto                words = serval::NewStudyWords({ argv + 3, argv + argc });
  std::vector<char *> arguments{ argv[0] };
  for (auto & word : words)
    arguments.push_back(word.data());
  arguments.push_back(nullptr);
  return RunModule("study", verbs.at("study"), arguments.data());
}

int Run(int argc, char ** argv)
{
  const std::string verb = argc > 1 ? argv[1] : "", word = argc > 2 ? argv[2] : "";
  if (verb.empty())
    return ShowVerbs(std::cerr, usage);
  if (verb == "--help" || verb == "-h" || verb == "--help-all" || (verb == "help" && word.empty()))
    return ShowVerbs(std::cout, 0);
  if (verb == "--version")
    return Tell(std::cout, serval::Version() + "\n");
  if (verb == "--man")
    return Tell(std::cout, serval::FrontManual());
  if (verb == "completion")
    return Tell(std::cout, serval::CompletionScript(word));
  if (verb == "new")
    return RunNew(argc, argv);
  const auto found = verbs.find(verb == "help" ? word : verb);
  if (found == verbs.end())
    return UnknownVerb(verb == "help" ? word : verb);
  static char help[] = "--help";
  if (verb == "help")
    argv[2] = help;
  return RunModule(found->first, found->second, argv + 1);
}

} // namespace

int main(int argc, char ** argv)
{
  try
  {
    return Run(argc, argv);
  }
  catch (const serval::Error & e)
  {
    return Tell(std::cerr, std::string("serval: ") + e.what() + "\n", static_cast<int>(e.Kind()));
  }
  catch (const std::exception & e)
  {
    return Tell(std::cerr, std::string("serval: unexpected failure: ") + e.what() + "\n", static_cast<int>(serval::Fault::Internal));
  }
}
