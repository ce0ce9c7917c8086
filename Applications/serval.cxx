// serval <verb> ...: runs the application of that name beside it, with the same arguments.
#include "Verbs.h"
#include "serval/Core/Provenance.h"
#include "serval/Core/Text.h"

#include <unistd.h>

#include <cerrno>
#include <cstring>
#include <filesystem>
#include <iostream>
#include <vector>

namespace
{

namespace fs = std::filesystem;

constexpr int usage = 2, environment = 4;

int ShowVerbs(std::ostream & stream, int code)
{
  stream << "Usage: serval VERB [options]     serval VERB --help\n\nVerbs:\n";
  for (const auto & [verb, executable] : verbs)
    stream << "  " << verb << std::string(verb.size() < 24 ? 24 - verb.size() : 1, ' ') << executable << '\n';
  stream << "\nAlso: serval --version, serval --help\n";
  return code;
}

int UnknownVerb(const std::string & verb)
{
  std::vector<std::string> known;
  for (const auto & entry : verbs)
    known.push_back(entry.first);
  const auto near = serval::NearestWord(verb, known);
  std::cerr << "serval: there is no verb '" << verb << "'" << (near.empty() ? "" : "; did you mean '" + near + "'?")
            << " (serval --help lists the verbs)\n";
  return usage;
}

} // namespace

int main(int argc, char ** argv)
{
  const std::string verb = argc > 1 ? argv[1] : "";
  if (verb.empty())
    return ShowVerbs(std::cerr, usage);
  if (verb == "--help" || verb == "-h")
    return ShowVerbs(std::cout, 0);
  if (verb == "--version")
    return (std::cout << serval::Version() << std::endl).good() ? 0 : environment;
  const auto found = verbs.find(verb);
  if (found == verbs.end())
    return UnknownVerb(verb);
  const fs::path executable = fs::read_symlink("/proc/self/exe").parent_path().parent_path() / "cli-modules" / found->second;
  std::string    name = "serval " + verb; // tells the application how it was called
  argv[1] = name.data();
  ::execv(executable.c_str(), argv + 1);
  std::cerr << "serval: cannot start '" << executable.string() << "': " << std::strerror(errno) << '\n';
  return environment;
}
