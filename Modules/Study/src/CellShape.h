#pragma once

#include "serval/Study/Plan.h"

#include <map>
#include <set>
#include <string>

namespace serval
{

using Shapes = std::map<std::string, std::string>; ///< by cell

/// What decides how long a cell takes, by cell: its command lines without files, names, seeds and steps, those that made the models it
/// starts from, and the size of its patches. Cells of one shape take alike, whatever source, repeat or training set they are of.
Shapes ShapesOf(const StudyPlan & plan);

/// The first cell of each shape and all that these need.
std::set<std::string> OneOfEachShape(const StudyPlan & plan, const Shapes & shapes);

} // namespace serval
