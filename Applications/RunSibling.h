#pragma once

#include "serval/CommandLine/Application.h"
#include "serval/Core/Error.h"

#include <fcntl.h>
#include <spawn.h>
#include <sys/wait.h>
#include <unistd.h>

#include <cerrno>
#include <functional>
#include <string>
#include <string_view>
#include <vector>

namespace serval
{

/// Starts another of our executables, by its name in the first word.
inline pid_t StartSibling(std::vector<std::string> words, const posix_spawn_file_actions_t * actions = nullptr)
{
  words.front() = app::ExecutableFolder() / words.front();
  std::vector<char *> arguments;
  for (auto & word : words)
    arguments.push_back(word.data());
  arguments.push_back(nullptr);
  pid_t child = -1;
  Require(::posix_spawn(&child, words[0].c_str(), actions, nullptr, arguments.data(), environ) == 0, Fault::Environment, "cannot start '",
          words[0], "'");
  return child;
}

/// Its exit code, or 128 + signal.
inline int WaitFor(pid_t child)
{
  int status = 0;
  while (::waitpid(child, &status, 0) < 0 && errno == EINTR)
    continue;
  return WIFEXITED(status) ? WEXITSTATUS(status) : 128 + WTERMSIG(status);
}

/// Runs another of our executables with its arguments and waits for it: its exit code, or 128 + signal.
inline int RunSibling(const std::vector<std::string> & words) { return WaitFor(StartSibling(words)); }

/// The same; hands on what it writes to stdout and stderr as it comes.
inline int HearSibling(const std::vector<std::string> & words, const std::function<void(std::string_view)> & hear)
{
  int ends[2];
  Require(::pipe2(ends, O_CLOEXEC) == 0, Fault::Environment, "cannot make a pipe");
  posix_spawn_file_actions_t actions;
  ::posix_spawn_file_actions_init(&actions);
  ::posix_spawn_file_actions_adddup2(&actions, ends[1], STDOUT_FILENO);
  ::posix_spawn_file_actions_adddup2(&actions, ends[1], STDERR_FILENO);
  const pid_t child = StartSibling(words, &actions);
  ::posix_spawn_file_actions_destroy(&actions);
  ::close(ends[1]);
  char bytes[4096];
  for (ssize_t count = 0; (count = ::read(ends[0], bytes, sizeof bytes)) > 0;)
    hear({ bytes, static_cast<std::size_t>(count) });
  ::close(ends[0]);
  return WaitFor(child);
}

/// The same, with all that it says.
struct SiblingAnswer
{
  int         code = 0;
  std::string text;
};
inline SiblingAnswer AskSibling(const std::vector<std::string> & words)
{
  SiblingAnswer answer;
  answer.code = HearSibling(words, [&answer](std::string_view said) { answer.text += said; });
  return answer;
}

} // namespace serval
