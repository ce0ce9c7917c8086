#pragma once
// The steps of `serval start`: each a command line of ours, said before it runs, and left out when it ran before on the
// same inputs.

#include "RunSibling.h"
#include "ShellWords.h"
#include "SiblingVoice.h"
#include "serval/CommandLine/Application.h"
#include "serval/Core/AtomicFile.h"
#include "serval/Core/Error.h"
#include "serval/Core/Hash.h"
#include "serval/Core/Progress.h"
#include "serval/Core/Text.h"

#include <nlohmann/json.hpp>

#include <algorithm>
#include <filesystem>
#include <set>
#include <string>
#include <vector>

namespace serval
{

/// Paths, and what is said for them and for what lies below them; the first that fits.
using StartNames = std::vector<std::pair<std::string, std::string>>;

inline void AddOption(std::vector<std::string> & words, const std::string & option, const std::string & value)
{
  if (!value.empty())
    words.insert(words.end(), { option, value });
}
inline void AddFlag(std::vector<std::string> & words, const std::string & option, bool isWanted)
{
  if (isWanted)
    words.push_back(option);
}

/// One step: `words` are an executable of ours and its arguments.
struct StartStep
{
  std::string                        name, verb;
  std::vector<std::string>           words;
  std::vector<std::filesystem::path> outputs;
  double                             until = 1;       ///< the share of the whole that is done after it
  std::set<int>                      good{ 0 };       ///< exit codes with which the rest goes on
  std::string                        changes{};       ///< a hash of what the words do not tell, such as an edited file
  bool                               isFollowed = true; ///< later steps are done again when this one is
  std::string                        advice{};          ///< what may help when it fails
};

class StartSteps
{
public:
  /// `names` stand in what is said for paths that may name a patient.
  StartSteps(app::Context & context, std::filesystem::path record, StartNames names)
    : m_Context(context)
    , m_Record(std::move(record))
    , m_Names(std::move(names))
  {
    if (std::filesystem::exists(m_Record))
      m_Done = nlohmann::json::parse(ReadTextFile(m_Record), nullptr, false);
    if (!m_Done.is_object() || m_Done.value("schema", "") != "serval-start/1" || !m_Done["steps"].is_object())
      m_Done = { { "schema", "serval-start/1" }, { "steps", nlohmann::json::object() } };
  }

  /// Runs the step, unless it ran before with the same words after the same steps: its exit code. Another code than the
  /// good ones is a failure of that kind.
  int Run(const StartStep & step)
  {
    const auto key = Sha256(m_Key + "\n" + Join(step.words, "\n") + "\n" + step.changes);
    const auto known = m_Done["steps"].value(step.name, nlohmann::json::object());
    const bool isDone = known.value("key", "") == key && std::all_of(step.outputs.begin(), step.outputs.end(), [](const auto & file) { return std::filesystem::exists(file); });
    m_Context.Say((isDone ? "# done before: " : "$ ") + CommandLine(step));
    const int code = isDone ? known.value("code", 0) : RunNow(step, key);
    m_Key = step.isFollowed ? key : m_Key;
    m_Share = step.until;
    m_Context.progress.Report(m_Share, step.name);
    return code;
  }

private:
  std::string Named(const std::string & word) const
  {
    for (const auto & [path, name] : m_Names)
      if (word == path || word.starts_with(path + "/"))
        return name + (word == path ? "" : "/" + Quoted(word.substr(path.size() + 1)));
    return Quoted(word);
  }

  std::string CommandLine(const StartStep & step) const
  {
    std::string line = "serval " + step.verb;
    for (auto word = step.words.begin() + 1; word != step.words.end(); ++word)
      line += " " + Named(*word);
    return line;
  }

  int RunNow(const StartStep & step, const std::string & key)
  {
    ProgressShare share(m_Context.progress, m_Share, step.until);
    SiblingVoice  voice(m_Context, share);
    auto          words = step.words;
    words.insert(words.end(), { "--progress", "xml" });
    const int code = HearSibling(words, [&voice](std::string_view said) { voice.Hear(said); });
    if (!step.good.contains(code))
      Fail(code >= 2 && code <= 5 ? static_cast<Fault>(code) : Fault::Internal, "the step '", step.name, "' failed (exit code ", code, "): ", voice.LastLine(),
           step.advice.empty() ? "" : ". " + step.advice, ". The same command line goes on after mending");
    m_Done["steps"][step.name] = { { "key", key }, { "code", code } };
    WriteTextFile(m_Record, m_Done.dump(1) + "\n");
    return code;
  }

  app::Context &        m_Context;
  std::filesystem::path m_Record;
  StartNames            m_Names;
  nlohmann::json        m_Done;
  std::string           m_Key;
  double                m_Share = 0.02;
};

} // namespace serval
