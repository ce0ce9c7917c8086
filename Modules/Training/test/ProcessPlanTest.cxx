// What launchers say of several processes.
#include "serval/Training/ProcessPlan.h"

#include "serval/Core/Error.h"

#include <gtest/gtest.h>

#include <map>

namespace serval
{
namespace
{

using Environment = std::map<std::string, std::string>;

ProcessPlan PlanOf(const Environment & environment)
{
  return ProcessPlan::Of([&](const std::string & name) {
    const auto found = environment.find(name);
    return found == environment.end() ? std::nullopt : std::optional(found->second);
  });
}

TEST(ProcessPlan, IsOneProcessWithoutALauncher)
{
  EXPECT_EQ(PlanOf({}).count, 1);
  EXPECT_EQ(PlanOf({ { "SLURM_NTASKS", "8" }, { "SLURM_PROCID", "0" } }).count, 1) << "a batch script, not a step";
  EXPECT_EQ(PlanOf({ { "WORLD_SIZE", "1" } }).count, 1);
}

TEST(ProcessPlan, FollowsTorchrun)
{
  const auto plan = PlanOf({ { "RANK", "5" }, { "WORLD_SIZE", "8" }, { "LOCAL_RANK", "1" }, { "MASTER_ADDR", "n1" }, { "MASTER_PORT", "29500" },
                             { "TORCHELASTIC_USE_AGENT_STORE", "True" }, { "TORCHELASTIC_RESTART_COUNT", "2" } });
  EXPECT_EQ(plan.rank, 5);
  EXPECT_EQ(plan.count, 8);
  EXPECT_EQ(plan.local, 1);
  EXPECT_EQ(plan.address, "n1");
  EXPECT_EQ(plan.port, 29500);
  EXPECT_TRUE(plan.isServed);
  EXPECT_EQ(plan.prefix, "serval/2");
}

TEST(ProcessPlan, FollowsSrun)
{
  const auto plan = PlanOf({ { "SLURM_STEP_NUM_TASKS", "4" }, { "SLURM_PROCID", "3" }, { "SLURM_LOCALID", "1" }, { "SLURM_STEP_NODELIST", "gpu[07-08]" }, { "SLURM_JOB_ID", "100123" } });
  EXPECT_EQ(plan.rank, 3);
  EXPECT_EQ(plan.local, 1);
  EXPECT_EQ(plan.address, "gpu07");
  EXPECT_EQ(plan.port, 15000 + 100123 % 30000);
  EXPECT_FALSE(plan.isServed);
}

TEST(ProcessPlan, ReadsLists)
{
  EXPECT_EQ(FirstHost("alone"), "alone");
  EXPECT_EQ(FirstHost("a1,a2"), "a1");
  EXPECT_EQ(FirstHost("node[07-12,20],other3"), "node07");
  EXPECT_EQ(FirstHost("node[3]"), "node3");
}

TEST(ProcessPlan, RefusesWhatIsMissingOrNoNumber)
{
  EXPECT_THROW(PlanOf({ { "WORLD_SIZE", "two" } }), Error);
  EXPECT_THROW(PlanOf({ { "WORLD_SIZE", "2" }, { "RANK", "0" } }), Error) << "no port";
  EXPECT_THROW(PlanOf({ { "WORLD_SIZE", "2" }, { "RANK", "2" }, { "MASTER_PORT", "1" } }), Error);
}

} // namespace
} // namespace serval
