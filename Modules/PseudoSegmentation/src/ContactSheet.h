#pragma once

#include "serval/PseudoSegmentation/Cohort.h"

#include <string>

namespace serval
{

/// Positions in `cases` from the worst to the best: by verdict, then by how near the case is to the limits.
std::vector<std::size_t> WorstFirst(const std::vector<CohortCase> & cases, const CohortPlan & plan);

/// One HTML page with its pictures inside, worst case first; names cases by their ids only.
std::string ContactSheet(const std::vector<CohortCase> & cases, const CohortPlan & plan);

} // namespace serval
