#include "Checkpoint.h"
#include "Trainer.h"
#include "serval/Core/Error.h"
#include "serval/Core/Text.h"

#include <nlohmann/json.hpp>
#include <torch/utils.h>

#include <chrono>
#include <cmath>
#include <filesystem>
#include <sstream>

namespace serval
{

// All that the next step depends on. Where the disk fails, training goes on without.
void Trainer::Keep(int step)
{
  const auto now = std::chrono::steady_clock::now();
  if (m_Request.checkpoint.empty() || !m_Processes.IsFirst() || m_Boltzmann || step == m_Request.steps ||
      std::chrono::duration<double>(now - m_Kept).count() < m_Request.checkpointSeconds)
    return;
  TensorFile file;
  file.arrays = m_Net.Arrays();
  m_Optimiser->Save(file);
  m_Selection.Save(file);
  if (m_Scaler)
    m_Scaler->Save(file);
  if (m_Average)
    m_Average->Save(file);
  std::ostringstream random;
  random << m_Task.Random();
  nlohmann::json curve = nlohmann::json::array(), open = nlohmann::json::array();
  for (const auto & p : m_Result.curve) // numbers that are none become null
    curve.push_back({ p.step, p.loss, p.accuracy, p.rate, p.validationLoss, p.validationAccuracy });
  for (std::size_t i = 0; i < m_Losses.size(); ++i)
    open.push_back({ m_Losses[i].item<float>(), m_Accuracies[i].item<float>() });
  file.metadata.insert({ { "serval-checkpoint", m_Key }, { "step", std::to_string(step) }, { "batches", m_Batches.State() },
                         { "corruption", random.str() }, { "generator", GeneratorState(m_Chosen.device) }, { "curve", curve.dump() },
                         { "open", open.dump() }, { "threads", std::to_string(torch::get_num_threads()) }, { "processes", std::to_string(m_Processes.Count()) }, { "processor", m_Chosen.processor } });
  file.Write(m_Request.checkpoint);
  m_Kept = std::chrono::steady_clock::now();
}

// The step after which the checkpoint goes on; 0 without one of this run.
int Trainer::Resume()
{
  m_Kept = std::chrono::steady_clock::now();
  if (m_Request.checkpoint.empty() || m_Request.task == TrainRequest::Task::Boltzmann)
    return 0;
  m_Key = RunKey(m_Cache, m_Request, m_Chosen);
  if (!std::filesystem::exists(m_Request.checkpoint))
    return 0;
  const auto file = TensorFile::Read(m_Request.checkpoint);
  if (const auto key = file.metadata.find("serval-checkpoint"); key == file.metadata.end() || key->second != m_Key)
    return 0;
  const auto text = [&](const char * name) {
    const auto found = file.metadata.find(name);
    Require(found != file.metadata.end(), Fault::Input, "the checkpoint lacks '", name, "'");
    return found->second;
  };
  Require(m_Net.Load(file.arrays, {}).share == 1, Fault::Input, "the checkpoint's arrays do not fit the network");
  m_Optimiser->Restore(file);
  m_Selection.Restore(file);
  if (m_Scaler)
    m_Scaler->Restore(file);
  if (m_Average)
    m_Average->Restore(file);
  m_Batches.SetState(text("batches"));
  std::istringstream(text("corruption")) >> m_Task.Random();
  SetGeneratorState(m_Chosen.device, text("generator"));
  const auto number = [](const nlohmann::json & json) { return json.is_null() ? std::nan("") : json.get<double>(); };
  for (const auto & p : nlohmann::json::parse(text("curve")))
    m_Result.curve.push_back({ p.at(0), p.at(1), p.at(2), p.at(3), number(p.at(4)), number(p.at(5)) });
  for (const auto & pair : nlohmann::json::parse(text("open")))
  {
    m_Losses.push_back(torch::tensor(pair.at(0).get<float>(), m_Chosen.device));
    m_Accuracies.push_back(torch::tensor(pair.at(1).get<float>(), m_Chosen.device));
  }
  if (const auto threads = std::to_string(torch::get_num_threads()); threads != text("threads"))
    m_Result.otherBits = threads + " threads instead of " + text("threads");
  if (const auto processes = std::to_string(m_Processes.Count()); processes != text("processes"))
    m_Result.otherBits += (m_Result.otherBits.empty() ? "" : ", ") + processes + " processes instead of " + text("processes");
  if (m_Chosen.processor != text("processor"))
    m_Result.otherBits += (m_Result.otherBits.empty() ? "" : ", ") + m_Chosen.processor + " instead of " + text("processor");
  return static_cast<int>(ParseInteger(text("step")).value_or(0));
}

} // namespace serval
