#include "Gate.h"

#include "serval/Core/Error.h"
#include "serval/Core/Text.h"

namespace serval
{
namespace
{

std::string Percent(double share) { return FormatFixed(100 * share, 2) + " %"; }

std::string WhyEmpty(const PseudoSummary & summary, const GateLimits & limits, double all)
{
  for (std::size_t i = 1; i < summary.classes.size(); ++i)
    if (const double share = static_cast<double>(summary.classes[i].voxels) / all; !(share >= limits.emptyShare))
      return Concat("label ", i, " (", summary.classes[i].name, ") has ", summary.classes[i].voxels, " voxels, ",
                    Percent(share), " of the volume; at least ", Percent(limits.emptyShare), " is expected");
  return {};
}

std::string WhyFull(const PseudoSummary & summary, const GateLimits & limits, double all)
{
  const double share = static_cast<double>(summary.classes.front().voxels) / all;
  return share >= limits.fullShare ? std::string()
                                   : Concat("label 0 (", summary.classes.front().name, ") has ", Percent(share),
                                            " of the volume; at least ", Percent(limits.fullShare), " is expected");
}

std::string WhyUnstable(const PseudoSummary & summary, const GateLimits & limits)
{
  return summary.changed <= limits.unstableShare
           ? std::string()
           : Concat(Percent(summary.changed), " of the voxels change their label when the thresholds shift by ",
                    Percent(limits.jitter), " of the intensity range; at most ", Percent(limits.unstableShare),
                    " is expected");
}

} // namespace

std::string ToText(Verdict verdict)
{
  switch (verdict)
  {
    case Verdict::Ok: return "ok";
    case Verdict::Outlier: return "outlier";
    case Verdict::Unstable: return "unstable";
    case Verdict::Full: return "full";
    case Verdict::Empty: return "empty";
    default: return "failed";
  }
}

void Judge(PseudoSummary & summary, const GateLimits & limits)
{
  double all = 0;
  for (const auto & label : summary.classes)
    all += static_cast<double>(label.voxels);
  summary.verdict = Verdict::Ok;
  summary.reason.clear();
  const std::pair<Verdict, std::string> checks[]{ { Verdict::Empty, WhyEmpty(summary, limits, all) },
                                                  { Verdict::Full, WhyFull(summary, limits, all) },
                                                  { Verdict::Unstable, WhyUnstable(summary, limits) } };
  for (const auto & [verdict, reason] : checks)
    if (summary.verdict == Verdict::Ok && !reason.empty())
    {
      summary.verdict = verdict;
      summary.reason = reason;
    }
}

} // namespace serval
