#include "RunLog.h"

#include "serval/Core/Error.h"
#include "serval/Core/Text.h"

#include <fcntl.h>
#include <sys/resource.h>
#include <unistd.h>

#include <algorithm>
#include <cerrno>
#include <cstring>
#include <ctime>

namespace serval::app
{
namespace
{

std::string Quoted(std::string_view text)
{
  std::string quoted = "\"";
  for (const char c : text)
    if (c == '"' || c == '\\')
      quoted += { '\\', c };
    else
      quoted += static_cast<unsigned char>(c) < 0x20 ? ' ' : c;
  return quoted + '"';
}

std::string Now()
{
  const std::time_t now = std::time(nullptr);
  std::tm           utc{};
  char              text[32];
  ::gmtime_r(&now, &utc);
  return { text, std::strftime(text, sizeof text, "%Y-%m-%dT%H:%M:%SZ", &utc) };
}

long PeakMebibytes()
{
  rusage used{};
  ::getrusage(RUSAGE_SELF, &used);
  return used.ru_maxrss / 1024;
}

} // namespace

RunLog::RunLog(const std::filesystem::path & file)
{
  if (file.empty())
    return;
  m_File = ::open(file.c_str(), O_WRONLY | O_CREAT | O_APPEND | O_CLOEXEC, 0666);
  Require(m_File >= 0, Fault::Environment, "--log: '", file.string(), "' cannot be written to: ", std::strerror(errno));
}

RunLog::~RunLog()
{
  if (m_File >= 0)
    ::close(m_File);
}

void RunLog::Begin(const Provenance & p)
{
  Write("start", { { "tool", Quoted(p.tool) }, { "provenance", p.ToJson() } });
}

void RunLog::Say(std::string_view line) { Write("say", { { "text", Quoted(line) } }); }

void RunLog::Advance(double fraction, std::string_view comment)
{
  const auto now = Clock::now();
  {
    const std::lock_guard lock(m_Mutex);
    if (now - m_Told < std::chrono::seconds(1) && fraction < 1)
      return;
    m_Told = now;
  }
  Write("progress", { { "fraction", FormatFixed(std::clamp(fraction, 0.0, 1.0), 4) }, { "comment", Quoted(comment) } });
}

void RunLog::End(int exitCode, std::string_view error)
{
  const double seconds = std::chrono::duration<double>(Clock::now() - m_Start).count();
  Write("end", { { "exit", std::to_string(exitCode) }, { "error", Quoted(error) }, { "seconds", FormatFixed(seconds, 3) }, { "peakMiB", std::to_string(PeakMebibytes()) } });
}

void RunLog::Write(std::string_view event, std::initializer_list<Field> fields)
{
  if (m_File < 0)
    return;
  std::string line = "{\"time\":\"" + Now() + "\",\"event\":" + Quoted(event);
  for (const auto & field : fields)
    line += "," + Quoted(field.name) + ":" + field.json;
  line += "}\n";
  const std::lock_guard lock(m_Mutex);
  Require(::write(m_File, line.data(), line.size()) == static_cast<ssize_t>(line.size()), Fault::Environment, "--log: a line cannot be written: ", std::strerror(errno));
}

} // namespace serval::app
