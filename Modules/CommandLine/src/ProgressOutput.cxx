#include "ProgressOutput.h"

#include "serval/Core/Text.h"

#include <unistd.h>

#include <algorithm>
#include <chrono>
#include <iterator>
#include <string>

namespace serval::app
{
namespace
{

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
    fraction = std::clamp(fraction, m_Last, 1.0);
    const auto now = std::chrono::steady_clock::now();
    const bool due = m_First || now - m_Time >= std::chrono::milliseconds(200) || (fraction >= 1 && m_Last < 1);
    m_Last = fraction;
    if (!due)
      return;
    m_First = false;
    m_Time = now;
    std::string text;
    std::remove_copy_if(comment.begin(), comment.end(), std::back_inserter(text),
                        [](char c) { return c == '<' || c == '>' || c == '&' || c == '\n'; });
    Show(fraction, text.substr(0, 200));
  }

protected:
  bool Finished() const { return m_Last >= 1; }

private:
  virtual void Show(double fraction, const std::string & comment) = 0;

  double                                m_Last = 0;
  bool                                  m_First = true;
  std::chrono::steady_clock::time_point m_Time;
};

class XmlProgress final : public Throttled
{
public:
  explicit XmlProgress(std::string name)
    : m_Name(std::move(name))
  {}
  ~XmlProgress() override
  {
    if (m_Started)
      WriteWhole(STDOUT_FILENO, std::string("<filter-end>\n<filter-comment>") + (Finished() ? "Done" : "Stopped") + "</filter-comment>\n</filter-end>\n");
  }

private:
  void Show(double fraction, const std::string & comment) override
  {
    if (!m_Started)
      WriteWhole(STDOUT_FILENO, "<filter-start>\n<filter-name>" + m_Name + "</filter-name>\n<filter-comment>" + comment +
                                  "</filter-comment>\n</filter-start>\n");
    m_Started = true;
    WriteWhole(STDOUT_FILENO, "<filter-progress>" + FormatFixed(fraction, 4) + "</filter-progress>\n");
  }

  std::string m_Name;
  bool        m_Started = false;
};

class BarProgress final : public Throttled
{
public:
  ~BarProgress() override { WriteWhole(STDERR_FILENO, "\r\033[K"); }

private:
  void Show(double fraction, const std::string & comment) override
  {
    const auto full = static_cast<std::size_t>(fraction * 30);
    WriteWhole(STDERR_FILENO, "\r\033[K[" + std::string(full, '#') + std::string(30 - full, '-') + "] " +
                                FormatFixed(100 * fraction, 0) + "% " + comment);
  }
};

class LineProgress final : public Throttled
{
  void Show(double fraction, const std::string & comment) override
  {
    const int tenth = static_cast<int>(fraction * 10);
    if (tenth == m_Tenth)
      return;
    m_Tenth = tenth;
    WriteWhole(STDOUT_FILENO, FormatFixed(100 * fraction, 0) + "% " + comment + "\n");
  }
  int m_Tenth = -1;
};

} // namespace

bool ShowsXml(const std::string & mode, bool asVerb)
{
  const bool terminal = ::isatty(STDERR_FILENO) && ::isatty(STDOUT_FILENO);
  return mode == "xml" || (mode == "auto" && !terminal && !asVerb);
}

std::unique_ptr<Progress> MakeProgress(const std::string & mode, const std::string & name, bool asVerb)
{
  const bool terminal = ::isatty(STDERR_FILENO) && ::isatty(STDOUT_FILENO);
  if (ShowsXml(mode, asVerb))
    return std::make_unique<XmlProgress>(name);
  if (mode == "bar" || (mode == "auto" && terminal))
    return std::make_unique<BarProgress>();
  if (mode == "auto")
    return std::make_unique<LineProgress>();
  return std::make_unique<NoProgress>();
}

} // namespace serval::app
