#pragma once

#include "serval/Study/Plan.h"

#include <filesystem>
#include <string>
#include <vector>

namespace serval
{

/// One stage of a transfer: a network learns a task on a cache, from nothing or from another stage's model.
struct TransferStage
{
  std::string           name, task; ///< segment, classify, reconstruct, restore, masked or boltzmann
  std::filesystem::path cache, patients;
  std::string           init = "scratch"; ///< scratch, previous, the name of an earlier stage, or a model file
  Words                 options;          ///< of the transfer and the optimisation: --freeze, --reset, --rates, --steps, ...
};

/// Stages in a row: double transfer and longer ones.
struct TransferFile
{
  std::string                title;
  std::vector<TransferStage> stages;

  /// Of a TOML file of schema serval-transfer/1; paths are relative to it. Fault::Input naming the key for anything
  /// missing, unknown or contradictory.
  static TransferFile Read(const std::filesystem::path & file);
};

/// One cell a stage, which makes NAME.safetensors and NAME-curve.csv in `folder`. `modules` is the folder of the executables.
StudyPlan PlanTransfer(const TransferFile & transfer, const std::filesystem::path & folder, const std::filesystem::path & modules);

} // namespace serval
