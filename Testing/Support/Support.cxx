#include "Support.h"

#include <fcntl.h>
#include <gtest/gtest.h>
#include <spawn.h>
#include <stdlib.h>
#include <sys/wait.h>
#include <unistd.h>

#include <algorithm>
#include <fstream>
#include <iterator>
#include <stdexcept>

namespace serval::support
{

namespace fs = std::filesystem;

TemporaryFolder::TemporaryFolder()
{
  std::string name = (fs::temp_directory_path() / "serval-test-XXXXXX").string();
  if (!::mkdtemp(name.data()))
    throw std::runtime_error("cannot create a temporary folder");
  m_Path = name;
}

TemporaryFolder::~TemporaryFolder()
{
  std::error_code ignored;
  fs::remove_all(m_Path, ignored);
}

CommandResult RunCommand(const std::vector<std::string> & command)
{
  const TemporaryFolder streams;
  const std::string     out = (streams / "out").string(), err = (streams / "err").string();
  std::vector<char *>   arguments;
  for (const auto & word : command)
    arguments.push_back(const_cast<char *>(word.c_str()));
  arguments.push_back(nullptr);
  posix_spawn_file_actions_t actions;
  posix_spawn_file_actions_init(&actions);
  posix_spawn_file_actions_addopen(&actions, STDIN_FILENO, "/dev/null", O_RDONLY, 0);
  posix_spawn_file_actions_addopen(&actions, STDOUT_FILENO, out.c_str(), O_WRONLY | O_CREAT, 0600);
  posix_spawn_file_actions_addopen(&actions, STDERR_FILENO, err.c_str(), O_WRONLY | O_CREAT, 0600);
  pid_t     process = 0;
  const int failure = ::posix_spawnp(&process, arguments[0], &actions, nullptr, arguments.data(), environ);
  posix_spawn_file_actions_destroy(&actions);
  CommandResult result;
  if (failure)
    throw std::runtime_error("cannot start " + command.front());
  int status = 0;
  ::waitpid(process, &status, 0);
  result.code = WIFEXITED(status) ? WEXITSTATUS(status) : 128 + WTERMSIG(status);
  result.output = ReadFile(out);
  result.error = ReadFile(err);
  return result;
}

std::vector<std::string> Names(const fs::path & folder)
{
  std::vector<std::string> names;
  for (const auto & entry : fs::directory_iterator(folder))
    names.push_back(entry.path().filename().string());
  std::sort(names.begin(), names.end());
  return names;
}

void ExpectHas(const std::string & text, const std::string & part)
{
  EXPECT_NE(text.find(part), std::string::npos) << "'" << part << "' is not in: " << text;
}

std::string ErrorText(const std::function<void()> & act, Fault kind)
{
  try
  {
    act();
  }
  catch (const Error & e)
  {
    EXPECT_EQ(e.Kind(), kind) << e.what();
    return e.what();
  }
  ADD_FAILURE() << "nothing was refused";
  return {};
}

std::string ReadFile(const fs::path & file)
{
  std::ifstream stream(file, std::ios::binary);
  return { std::istreambuf_iterator<char>(stream), {} };
}

void WriteFile(const fs::path & file, const std::string & text)
{
  std::ofstream(file, std::ios::binary) << text;
}

} // namespace serval::support
