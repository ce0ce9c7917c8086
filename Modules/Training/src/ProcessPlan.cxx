#include "serval/Training/ProcessPlan.h"

#include "serval/Core/Error.h"
#include "serval/Core/Text.h"

#include <cstdlib>

namespace serval
{
namespace
{

using Variables = std::function<std::optional<std::string>(const std::string &)>;

int NumberOf(const Variables & variable, const std::string & name, std::optional<int> otherwise = {})
{
  const auto text = variable(name);
  const auto number = text ? ParseInteger(*text) : std::nullopt;
  Require(number || (!text && otherwise), Fault::Usage, "several processes: the environment variable ", name, " is ", text ? "'" + *text + "', no number" : "missing",
          "; start with torchrun or srun");
  return number ? static_cast<int>(*number) : *otherwise;
}

// The port of a step is not given by SLURM: one that other jobs on the machine are unlikely to take.
int PortOfJob(int job) { return 15000 + job % 30000; }

} // namespace

std::string FirstHost(const std::string & list)
{
  const auto end = list.find_first_of(",[");
  auto       host = list.substr(0, end);
  if (end != std::string::npos && list[end] == '[')
    host += list.substr(end + 1, list.find_first_of(",-]", end) - end - 1);
  return host;
}

ProcessPlan ProcessPlan::Of(const Variables & variable)
{
  ProcessPlan plan;
  if (variable("WORLD_SIZE"))
  {
    plan.count = NumberOf(variable, "WORLD_SIZE");
    if (plan.count <= 1)
      return {};
    plan.rank = NumberOf(variable, "RANK");
    plan.local = NumberOf(variable, "LOCAL_RANK", plan.rank);
    plan.address = variable("MASTER_ADDR").value_or("127.0.0.1");
    plan.port = NumberOf(variable, "MASTER_PORT");
    plan.isServed = variable("TORCHELASTIC_USE_AGENT_STORE").value_or("") == "True";
    plan.prefix = "serval/" + variable("TORCHELASTIC_RESTART_COUNT").value_or("0");
  }
  else if (variable("SLURM_STEP_NUM_TASKS"))
  {
    plan.count = NumberOf(variable, "SLURM_STEP_NUM_TASKS");
    if (plan.count <= 1)
      return {};
    plan.rank = NumberOf(variable, "SLURM_PROCID");
    plan.local = NumberOf(variable, "SLURM_LOCALID", 0);
    plan.address = variable("MASTER_ADDR").value_or(FirstHost(variable("SLURM_STEP_NODELIST").value_or("127.0.0.1")));
    plan.port = NumberOf(variable, "MASTER_PORT", PortOfJob(NumberOf(variable, "SLURM_JOB_ID", 0)));
    plan.prefix = "serval/" + variable("SLURM_STEP_ID").value_or("0");
  }
  Require(plan.rank >= 0 && plan.rank < plan.count, Fault::Usage, "several processes: the rank ", plan.rank, " is not one of ", plan.count);
  return plan;
}

ProcessPlan ProcessPlan::OfEnvironment()
{
  return Of([](const std::string & name) {
    const char * value = std::getenv(name.c_str());
    return value != nullptr && *value != '\0' ? std::optional<std::string>(value) : std::nullopt;
  });
}

} // namespace serval
