#pragma once

#include "serval/CommandLine/Application.h"
#include "serval/Core/Error.h"

#include <spawn.h>
#include <sys/wait.h>
#include <unistd.h>

#include <cerrno>
#include <string>
#include <vector>

namespace serval
{

/// Runs another of our executables with its arguments and waits for it: its exit code, or 128 + signal.
inline int RunSibling(std::vector<std::string> words)
{
  words.front() = app::ExecutableFolder() / words.front();
  std::vector<char *> arguments;
  for (auto & word : words)
    arguments.push_back(word.data());
  arguments.push_back(nullptr);
  pid_t child = -1;
  int   status = 0;
  Require(::posix_spawn(&child, words[0].c_str(), nullptr, nullptr, arguments.data(), environ) == 0, Fault::Environment,
          "cannot start '", words[0], "'");
  while (::waitpid(child, &status, 0) < 0 && errno == EINTR)
    continue;
  return WIFEXITED(status) ? WEXITSTATUS(status) : 128 + WTERMSIG(status);
}

} // namespace serval
