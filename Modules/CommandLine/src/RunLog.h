#pragma once

#include "serval/Core/Progress.h"
#include "serval/Core/Provenance.h"

#include <chrono>
#include <filesystem>
#include <initializer_list>
#include <mutex>
#include <string>
#include <string_view>

namespace serval::app
{

/// The file of --log: a JSON object a line, appended with one write each, so that a killed run leaves whole lines. Holds
/// what is said and no more: neither patients nor paths of parameters.
class RunLog
{
public:
  /// An empty path: nothing is logged. Fault::Environment when the file cannot be written.
  explicit RunLog(const std::filesystem::path & file);
  ~RunLog();
  RunLog(const RunLog &) = delete;
  RunLog & operator=(const RunLog &) = delete;

  void Begin(const Provenance & provenance);
  void Say(std::string_view line);
  /// At most once a second.
  void Advance(double fraction, std::string_view comment);
  void End(int exitCode, std::string_view error);

private:
  using Clock = std::chrono::steady_clock;
  struct Field
  {
    std::string_view name;
    std::string      json;
  };
  void Write(std::string_view event, std::initializer_list<Field> fields);

  int               m_File = -1;
  std::mutex        m_Mutex;
  Clock::time_point m_Start = Clock::now(), m_Told{};
};

/// Tells another progress and a log.
class LoggedProgress final : public Progress
{
public:
  LoggedProgress(Progress & shown, RunLog & log)
    : m_Shown(shown)
    , m_Log(log)
  {}
  void Report(double fraction, std::string_view comment) override
  {
    m_Shown.Report(fraction, comment);
    m_Log.Advance(fraction, comment);
  }

private:
  Progress & m_Shown;
  RunLog &   m_Log;
};

} // namespace serval::app
