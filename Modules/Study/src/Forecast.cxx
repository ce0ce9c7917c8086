#include "serval/Study/Forecast.h"

#include "CellShape.h"
#include "StudyDeclarations.h"
#include "serval/Core/Error.h"
#include "serval/Core/ScratchFolder.h"
#include "serval/Core/Text.h"

#include <algorithm>
#include <cmath>
#include <regex>

namespace serval
{
namespace
{

namespace fs = std::filesystem;

/// Seconds in which a command that loads LibTorch starts, where nothing was measured.
constexpr double startSeconds = 0.4;

int RepeatOf(const std::string & id)
{
  static const std::regex repeat("-r([0-9]+)(-f[0-9]+)?$");
  std::smatch             found;
  return std::regex_search(id, found, repeat) ? std::stoi(found[1]) : -1;
}

int SizeOf(const std::string & id)
{
  static const std::regex size("-n([0-9]+)-r[0-9]+(-f[0-9]+)?$");
  std::smatch             found;
  return std::regex_search(id, found, size) ? std::stoi(found[1]) : 0;
}

double StepsOf(const Cell & cell)
{
  double steps = 0;
  for (const auto & command : cell.commands)
    for (std::size_t i = 0; i + 1 < command.size(); ++i)
      if (command[i] == "--steps")
        steps += ParseDouble(command[i + 1]).value_or(0);
  return steps;
}

double Megabytes(const fs::path & path)
{
  std::error_code error;
  if (!fs::exists(path, error))
    return 0;
  if (!fs::is_directory(path, error))
    return double(fs::file_size(path, error)) / 1e6;
  double sum = 0;
  for (const auto & entry : fs::recursive_directory_iterator(path, error))
    if (entry.is_regular_file(error))
      sum += double(entry.file_size(error)) / 1e6;
  return sum;
}

/// How many volumes a cell works through, for the kinds that are not trainings.
double WorkOf(const Cell & cell, const StudyPlan & plan, const fs::path & folder)
{
  if (!cell.reads.empty())
    return double(cell.reads.size());
  double patients = 0;
  for (const auto & command : cell.commands)
    for (const auto & word : command)
      if (const auto list = plan.files.find(fs::path(word).lexically_proximate(folder).string()); list != plan.files.end())
        patients += double(std::count(list->second.begin(), list->second.end(), '\n'));
  return std::max(1.0, patients);
}

/// What trials say of one kind of cell: a + b steps, or start + b volumes.
struct Rate
{
  double start = startSeconds, perStep = 0, perWork = 0, megabytes = 0, megabytesPerWork = 0;
};

struct Trial
{
  double steps = 0, work = 0, seconds = 0, megabytes = 0;
};

StudyFile InSmall(const StudyFile & study, int steps)
{
  auto small = study;
  small.runRepeats = small.runFolds = 1;
  small.minimumPerClass = 1;
  small.pictures = 0;
  small.hasSimilarity = false;
  small.trainPatients = { study.trainPatients.front() };
  for (auto & source : small.sources)
    source.steps = std::min(source.steps, steps);
  for (auto & arm : small.arms)
  {
    arm.steps = std::min(arm.steps, steps);
    for (auto & [target, changes] : arm.changes)
      changes.steps = std::min(changes.steps, steps);
  }
  return small;
}

/// Runs one cell of each shape with so few steps.
void Try(const StudyFile & study, int steps, const StudyPlan & whole, const fs::path & folder, int jobs, Progress & progress, std::map<std::string, std::vector<Trial>> & trials)
{
  const auto small = InSmall(study, steps);
  const fs::path modules = fs::path(whole.cells.front().commands.front().front()).parent_path();
  NoProgress     quiet;
  RunCells(PlanPreparation(small, folder, modules), folder, jobs, quiet);
  const auto plan = PlanStudy(small, folder, modules);
  const auto shapes = ShapesOf(plan);
  for (const auto & [id, outcome] : RunCells(plan, folder, jobs, progress, OneOfEachShape(plan, shapes)))
  {
    const auto & cell = plan.At(id);
    Require(outcome.state != CellState::Failed, Fault::Input, "the trial of ", id, " failed: ", outcome.reason);
    if (outcome.state != CellState::Done)
      continue;
    double megabytes = 0;
    for (const auto & output : cell.outputs)
      megabytes += Megabytes(output);
    trials[shapes.at(id)].push_back({ StepsOf(cell), WorkOf(cell, plan, folder), outcome.seconds, megabytes });
  }
}

Rate RateOf(const std::vector<Trial> & trials)
{
  Rate         rate;
  const auto & a = trials.front();
  const auto & b = trials.back();
  rate.megabytes = b.megabytes;
  if (b.steps > a.steps)
  {
    rate.perStep = std::max(0.0, (b.seconds - a.seconds) / (b.steps - a.steps));
    rate.start = std::max(0.1, b.seconds - rate.perStep * b.steps);
  }
  else if (b.steps == 0)
  {
    rate.perWork = std::max(0.0, b.seconds - startSeconds) / b.work;
    rate.start = std::min(startSeconds, b.seconds);
    rate.megabytesPerWork = b.megabytes / b.work;
    rate.megabytes = 0;
  }
  else
    rate.start = b.seconds;
  return rate;
}

/// Cells at a time, each after those it needs, in the plan's order.
double WallOf(const StudyPlan & plan, const std::map<std::string, double> & secondsOf, int jobs)
{
  std::vector<double>           worker(static_cast<std::size_t>(std::max(1, jobs)), 0);
  std::map<std::string, double> ends;
  for (const auto & cell : plan.cells)
  {
    double ready = 0;
    for (const auto & need : cell.needs)
      ready = std::max(ready, ends[need]);
    const auto   duration = secondsOf.find(cell.id);
    const auto   free = std::min_element(worker.begin(), worker.end());
    const double start = std::max(ready, *free);
    ends[cell.id] = start;
    if (duration != secondsOf.end())
      *free = ends[cell.id] = start + duration->second;
  }
  return *std::max_element(worker.begin(), worker.end());
}

void Sum(StudyForecast & forecast, const StudyPlan & plan, int jobs)
{
  forecast.seconds = 0;
  for (const auto & [id, seconds] : forecast.secondsOf)
    forecast.seconds += seconds;
  forecast.wall = WallOf(plan, forecast.secondsOf, jobs);
}

/// Cells of one shape and as many steps.
std::string KindOf(const Cell & cell, const Shapes & shapes) { return Concat(shapes.at(cell.id), StepsOf(cell)); }

/// Times of the cells that are done, by kind.
std::map<std::string, std::vector<double>> DoneSeconds(const StudyPlan & plan, const Shapes & shapes, const std::map<std::string, CellOutcome> & states)
{
  std::map<std::string, std::vector<double>> done;
  for (const auto & cell : plan.cells)
    if (const auto & outcome = states.at(cell.id); outcome.state == CellState::Done && StepsOf(cell) > 0)
      done[KindOf(cell, shapes)].push_back(outcome.seconds);
  return done;
}

} // namespace

StudyForecast ForecastStudy(const StudyFile & study, const StudyPlan & plan, const fs::path & folder, int jobs, Progress & progress)
{
  StudyForecast forecast;
  forecast.keptRepeats = study.resampling.Repeats();
  const auto states = StatesOf(plan, folder);
  const auto shapes = ShapesOf(plan);
  const auto known = DoneSeconds(plan, shapes, states);
  std::map<std::string, std::vector<Trial>> trials;
  const bool isKnown = std::all_of(plan.cells.begin(), plan.cells.end(), [&](const Cell & cell) { return states.at(cell.id).state != CellState::Open || known.contains(KindOf(cell, shapes)); });
  if (!isKnown)
  {
    ScratchFolder trial;
    ProgressShare first(progress, 0, 0.3), second(progress, 0.3, 1);
    Try(study, 10, plan, trial.Path(), jobs, first, trials);
    Try(study, 50, plan, trial.Path(), jobs, second, trials);
  }
  for (const auto & cell : plan.cells)
  {
    if (states.at(cell.id).state != CellState::Open)
      continue;
    const auto kind = KindOf(cell, shapes);
    if (const auto done = known.find(kind); done != known.end())
      for (const double seconds : done->second)
        forecast.secondsOf[cell.id] += seconds / double(done->second.size());
    const auto tried = trials.find(shapes.at(cell.id));
    const auto rate = tried == trials.end() ? Rate{} : RateOf(tried->second);
    const auto work = WorkOf(cell, plan, folder);
    if (!known.contains(kind))
      forecast.secondsOf[cell.id] = rate.start + rate.perStep * StepsOf(cell) + rate.perWork * work;
    forecast.megabytes += rate.megabytes + rate.megabytesPerWork * work;
  }
  Sum(forecast, plan, jobs);
  return forecast;
}

void KeepWithin(StudyForecast & forecast, const StudyFile & study, const StudyPlan & plan, double seconds, int jobs)
{
  const auto drop = [&](auto && isDropped) {
    for (auto one = forecast.secondsOf.begin(); one != forecast.secondsOf.end();)
      if (isDropped(one->first))
      {
        forecast.dropped.push_back(one->first);
        one = forecast.secondsOf.erase(one);
      }
      else
        ++one;
    Sum(forecast, plan, jobs);
  };
  for (int repeat = forecast.keptRepeats - 1; repeat > 0 && forecast.wall > seconds; --repeat)
  {
    drop([&](const std::string & id) { return RepeatOf(id) == repeat; });
    forecast.keptRepeats = repeat;
  }
  auto sizes = study.trainPatients;
  std::sort(sizes.rbegin(), sizes.rend());
  for (std::size_t s = 0; s + 1 < sizes.size() && forecast.wall > seconds; ++s)
    drop([&](const std::string & id) { return SizeOf(id) == sizes[s]; });
}

double ExpectedHalfWidth(int positives, int negatives)
{
  if (positives < 1 || negatives < 1)
    return std::nan("");
  const double auc = 0.8, q1 = auc / (2 - auc), q2 = 2 * auc * auc / (1 + auc);
  const double variance = (auc * (1 - auc) + (positives - 1) * (q1 - auc * auc) + (negatives - 1) * (q2 - auc * auc)) / (double(positives) * negatives);
  return 1.959963984540054 * std::sqrt(variance);
}

std::vector<std::string> Advice(const StudyFile & study, const StudyPlan & plan)
{
  std::vector<std::string> lines;
  for (const auto & target : plan.targets)
  {
    int        tested = 0, least = 0, most = 0;
    const auto words = study.TargetInWords(target.name);
    for (const auto & [name, counts] : target.patients)
    {
      const int count = counts.contains("test") ? counts.at("test") : 0;
      tested += count;
      least = least == 0 ? count : std::min(least, count);
      most = std::max(most, count);
    }
    const bool   isOfPatients = target.patients.size() > 1;
    const int    positives = isOfPatients ? least : tested / 2, negatives = tested - positives;
    const double width = ExpectedHalfWidth(positives, negatives);
    if (!isOfPatients)
    {
      lines.push_back(Concat(words, ": ", tested, " test patients, whose patches have classes of their own; patches of one patient are no independent evidence, intervals come from the patients."));
      continue;
    }
    lines.push_back(Concat(words, ": ", tested, " test patients a fold, ", least, " in the rarest class; an AUC of 0.8 is known to about +- ", FormatFixed(width, 3), " there."));
    if (width > 0.1)
      lines.push_back(Concat(words, ": arms that differ by less than that will hardly be told apart; take more test patients, or k-fold cross-validation, in which every patient is tested."));
    for (const int size : study.trainPatients)
      if (size > 0 && size < 2 * static_cast<int>(target.patients.size()))
        lines.push_back(Concat(words, ": ", size, " training patients are fewer than two a class."));
  }
  return lines;
}

} // namespace serval
