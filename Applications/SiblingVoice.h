#pragma once
// What a child of ours says, said again by us.

#include "serval/CommandLine/Application.h"
#include "serval/Core/Progress.h"
#include "serval/Core/Text.h"

#include <string>
#include <string_view>
#include <utility>

namespace serval
{

/// What a child of ours writes: its words are said, its progress becomes a share of ours.
class SiblingVoice
{
public:
  SiblingVoice(app::Context & context, Progress & progress)
    : m_Context(context)
    , m_Progress(progress)
  {}

  void Hear(std::string_view said)
  {
    m_Open += said;
    for (auto end = m_Open.find('\n'); end != std::string::npos; end = m_Open.find('\n'))
    {
      HearLine(m_Open.substr(0, end));
      m_Open.erase(0, end + 1);
    }
  }
  const std::string & LastLine() const { return m_Last; }

private:
  // The text of an element as ours write it; nothing in other lines.
  static std::string Inside(const std::string & line, const std::string & element)
  {
    const auto begin = "<" + element + ">", end = "</" + element + ">";
    return line.starts_with(begin) && line.ends_with(end) ? line.substr(begin.size(), line.size() - begin.size() - end.size()) : "";
  }

  static std::string Plain(std::string line)
  {
    for (const auto & [escaped, plain] : { std::pair{ "&lt;", "<" }, { "&gt;", ">" }, { "&quot;", "\"" }, { "&apos;", "'" }, { "&#39;", "'" }, { "&amp;", "&" } })
      for (auto at = line.find(escaped); at != std::string::npos; at = line.find(escaped, at + 1))
        line.replace(at, std::string_view(escaped).size(), plain);
    return line;
  }

  void HearLine(const std::string & line)
  {
    if (const auto share = ParseDouble(Inside(line, "filter-progress")))
      m_Progress.Report(*share, m_Comment);
    else if (const auto comment = Inside(line, "filter-comment"); !comment.empty())
      m_Comment = comment;
    else if (!line.starts_with("<filter-") && !line.starts_with("</filter-") && !line.empty())
      m_Context.Say("  " + (m_Last = Plain(line)));
  }

  app::Context & m_Context;
  Progress &     m_Progress;
  std::string    m_Open, m_Comment, m_Last;
};

} // namespace serval
