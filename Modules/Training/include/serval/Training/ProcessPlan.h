#pragma once

#include <functional>
#include <optional>
#include <string>

namespace serval
{

/// The place of this process among those that train together.
struct ProcessPlan
{
  int         rank = 0, count = 1;
  int         local = 0;         ///< rank on this machine; which GPU it takes
  std::string address;           ///< where the processes meet
  int         port = 0;
  bool        isServed = false;  ///< the launcher keeps the meeting place; else rank 0 does
  std::string prefix;            ///< of what is left at the meeting place; another after a restart

  /// What torchrun (RANK, WORLD_SIZE, LOCAL_RANK, MASTER_ADDR, MASTER_PORT) or srun (SLURM_STEP_NUM_TASKS, SLURM_PROCID,
  /// SLURM_LOCALID, SLURM_STEP_NODELIST, SLURM_JOB_ID) say; one process where neither does. Fault::Usage naming a variable
  /// that is missing or no number. `variable`: the environment.
  static ProcessPlan Of(const std::function<std::optional<std::string>(const std::string & name)> & variable);
  static ProcessPlan OfEnvironment();
};

/// "node07" of "node[07-12,20],other3"; a list of SLURM.
std::string FirstHost(const std::string & list);

} // namespace serval
