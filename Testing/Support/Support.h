#pragma once

#include "serval/Core/Error.h"

#include <filesystem>
#include <functional>
#include <string>
#include <vector>

namespace serval::support
{

/// A fresh folder under the system's temporary folder, removed with its content at the end of the scope.
class TemporaryFolder
{
public:
  TemporaryFolder();
  ~TemporaryFolder();
  TemporaryFolder(const TemporaryFolder &) = delete;
  TemporaryFolder & operator=(const TemporaryFolder &) = delete;
  const std::filesystem::path & Path() const { return m_Path; }
  std::filesystem::path         operator/(const std::string & name) const { return m_Path / name; }

private:
  std::filesystem::path m_Path;
};

/// What a command did: exit code (128 + signal when killed), stdout and stderr.
struct CommandResult
{
  int         code = -1;
  std::string output, error;
};

/// Runs a program with its arguments, without a shell.
CommandResult RunCommand(const std::vector<std::string> & command);

/// Names of the files and folders in a folder, hidden ones too, sorted.
std::vector<std::string> Names(const std::filesystem::path & folder);

/// The message of the Error of this kind that `act` throws; the test fails when it throws none or another kind.
std::string ErrorText(const std::function<void()> & act, Fault kind);
/// The test fails unless `part` stands in `text`.
void ExpectHas(const std::string & text, const std::string & part);

std::string ReadFile(const std::filesystem::path & file);
void        WriteFile(const std::filesystem::path & file, const std::string & text);

} // namespace serval::support
