#include "ProgressOutput.h"

#include "Pace.h"
#include "serval/Core/Text.h"

#include <sys/ioctl.h>
#include <unistd.h>

#include <algorithm>
#include <chrono>
#include <condition_variable>
#include <cstdlib>
#include <iterator>
#include <mutex>
#include <string>
#include <thread>

namespace serval::app
{
namespace
{

using Clock = std::chrono::steady_clock;

// One write for one element: a torn element makes Slicer's bar jump.
void WriteWhole(int file, const std::string & text)
{
  std::size_t done = 0;
  while (done < text.size())
  {
    const auto written = ::write(file, text.data() + done, text.size() - done);
    if (written <= 0)
      return;
    done += static_cast<std::size_t>(written);
  }
}

class Throttled : public Progress
{
public:
  void Report(double fraction, std::string_view comment) final
  {
    const std::lock_guard lock(m_Mutex);
    fraction = std::clamp(fraction, m_Last, 1.0);
    const auto now = Clock::now();
    const bool due = m_First || now - m_Time >= std::chrono::milliseconds(200) || (fraction >= 1 && m_Last < 1);
    m_Last = fraction;
    if (!due)
      return;
    m_First = false;
    m_Time = now;
    std::string text;
    std::remove_copy_if(comment.begin(), comment.end(), std::back_inserter(text),
                        [](char c) { return c == '<' || c == '>' || c == '&' || c == '\n'; });
    Show(fraction, text.substr(0, 200), now);
  }

protected:
  double     Last() const { return m_Last; }
  /// The comment with rate and time left.
  std::string Paced(double fraction, const std::string & comment, Clock::time_point now)
  {
    const auto pace = m_Pace.Words(fraction, comment, now);
    return comment + (pace.empty() ? "" : ", " + pace);
  }

  std::mutex m_Mutex;

private:
  virtual void Show(double fraction, const std::string & comment, Clock::time_point now) = 0;

  Pace              m_Pace{ Clock::now() };
  double            m_Last = 0;
  bool              m_First = true;
  Clock::time_point m_Time;
};

// A host takes a module that is silent for long for a hanging one: the last element comes again each second. A new comment
// begins a new filter, as that is the only place for one.
class XmlProgress final : public Throttled
{
public:
  explicit XmlProgress(std::string name)
    : m_Name(std::move(name))
  {}
  ~XmlProgress() override
  {
    m_Beat = {}; // asks it to stop and waits
    if (m_Started)
      WriteWhole(STDOUT_FILENO, std::string("<filter-end>\n<filter-comment>") + (Last() >= 1 ? "Done" : "Stopped") + "</filter-comment>\n</filter-end>\n");
  }

private:
  void Show(double fraction, const std::string & comment, Clock::time_point now) override
  {
    if (!m_Started)
      m_Beat = std::jthread([this](const std::stop_token & stop) { Beat(stop); });
    const auto words = Paced(fraction, comment, now);
    if (!m_Started || (comment != m_Comment && fraction < 1 && now - m_Named >= std::chrono::seconds(1)))
    {
      WriteWhole(STDOUT_FILENO, std::string(m_Started ? "<filter-end>\n</filter-end>\n" : "") + "<filter-start>\n<filter-name>" + m_Name +
                                  "</filter-name>\n<filter-comment>" + words + "</filter-comment>\n</filter-start>\n");
      m_Named = now;
      m_Comment = comment;
    }
    m_Started = true;
    Tell(fraction, now);
  }

  void Tell(double fraction, Clock::time_point now)
  {
    WriteWhole(STDOUT_FILENO, "<filter-progress>" + FormatFixed(fraction, 4) + "</filter-progress>\n");
    m_Told = now;
  }

  void Beat(const std::stop_token & stop)
  {
    std::unique_lock lock(m_Mutex);
    while (!m_Wake.wait_for(lock, stop, std::chrono::milliseconds(500), [] { return false; }) && !stop.stop_requested())
      if (const auto now = Clock::now(); now - m_Told >= std::chrono::milliseconds(800))
        Tell(Last(), now);
  }

  std::string                 m_Name, m_Comment;
  bool                        m_Started = false;
  Clock::time_point           m_Named, m_Told;
  std::condition_variable_any m_Wake;
  std::jthread                m_Beat;
};

std::size_t WidthOf(int terminal)
{
  winsize size{};
  return ::ioctl(terminal, TIOCGWINSZ, &size) == 0 && size.ws_col > 0 ? size.ws_col : 80;
}

// Never in the midst of a letter of several bytes.
std::string Cut(std::string text, std::size_t bytes)
{
  if (text.size() <= bytes)
    return text;
  while (bytes > 0 && (static_cast<unsigned char>(text[bytes]) & 0xC0U) == 0x80U)
    --bytes;
  return text.substr(0, bytes);
}

class BarProgress final : public Throttled
{
public:
  ~BarProgress() override { WriteWhole(STDERR_FILENO, "\r\033[K"); }

private:
  void Show(double fraction, const std::string & comment, Clock::time_point now) override
  {
    constexpr std::size_t length = 30;
    const auto            full = static_cast<std::size_t>(fraction * length);
    const auto            words = Cut(FormatFixed(100 * fraction, 0) + "% " + Paced(fraction, comment, now), std::max(WidthOf(STDERR_FILENO), length + 10) - length - 4);
    const bool            colour = HasColour(STDERR_FILENO);
    WriteWhole(STDERR_FILENO, std::string("\r\033[K[") + (colour ? "\033[32m" : "") + std::string(full, '#') + (colour ? "\033[0m" : "") +
                                std::string(length - full, '-') + "] " + words);
  }
};

class LineProgress final : public Throttled
{
  void Show(double fraction, const std::string & comment, Clock::time_point now) override
  {
    const auto words = Paced(fraction, comment, now);
    const int  tenth = static_cast<int>(fraction * 10);
    if (tenth == m_Tenth)
      return;
    m_Tenth = tenth;
    WriteWhole(STDOUT_FILENO, FormatFixed(100 * fraction, 0) + "% " + words + "\n");
  }

  int m_Tenth = -1;
};

} // namespace

ProgressStyle StyleFrom(const std::string & mode, bool asVerb)
{
  const bool terminal = ::isatty(STDERR_FILENO) && ::isatty(STDOUT_FILENO);
  if (mode == "none")
    return ProgressStyle::Nothing;
  if (mode == "xml" || (mode == "auto" && !terminal && !asVerb))
    return ProgressStyle::Xml;
  return mode == "bar" || terminal ? ProgressStyle::Bar : ProgressStyle::Lines;
}

std::unique_ptr<Progress> MakeProgress(ProgressStyle style, const std::string & name)
{
  switch (style)
  {
    case ProgressStyle::Xml: return std::make_unique<XmlProgress>(name);
    case ProgressStyle::Bar: return std::make_unique<BarProgress>();
    case ProgressStyle::Lines: return std::make_unique<LineProgress>();
    case ProgressStyle::Nothing: break;
  }
  return std::make_unique<NoProgress>();
}

bool HasColour(int file)
{
  const char * refused = std::getenv("NO_COLOR");
  const char * terminal = std::getenv("TERM");
  return ::isatty(file) && !(refused && *refused) && terminal && std::string_view(terminal) != "dumb";
}

} // namespace serval::app
