#pragma once

#include "serval/Study/Results.h"

#include <filesystem>
#include <map>
#include <string>
#include <vector>

namespace serval
{

/// What the open cells of a study will take.
struct StudyForecast
{
  double                        seconds = 0;   ///< of all open cells one after another
  double                        wall = 0;      ///< with so many at a time
  double                        megabytes = 0; ///< on disk
  std::map<std::string, double> secondsOf;     ///< by cell
  std::vector<std::string>      dropped;       ///< cells beyond the budget
  int                           keptRepeats = 0; ///< of all, within the budget
};

/// How the time of a cell was learned, by shape: cells whose command lines differ by files, seeds and names alone take alike.
/// Times of done cells are taken as they are. Other shapes are tried: one cell of each is run in a folder of its own
/// with two small numbers of steps, so that start and steps are told apart; then nothing of it is kept.
StudyForecast ForecastStudy(const StudyFile & study, const StudyPlan & plan, const std::filesystem::path & folder, int jobs, Progress & progress);

/// The repeats, from the last, and then the largest training sizes whose cells go beyond so many seconds.
void KeepWithin(StudyForecast & forecast, const StudyFile & study, const StudyPlan & plan, double seconds, int jobs);

/// Expected half width of the 95 % interval of an AUC of 0.8 (Hanley and McNeil 1982) with these patients of two classes.
double ExpectedHalfWidth(int positives, int negatives);

/// Lines of advice on sizes that cannot show much.
std::vector<std::string> Advice(const StudyFile & study, const StudyPlan & plan);

} // namespace serval
