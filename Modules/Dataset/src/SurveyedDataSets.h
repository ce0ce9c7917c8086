#pragma once

#include "serval/Dataset/DataSetSources.h"

namespace serval
{

inline constexpr const char * seePublisher = "see publisher";

/// Those of the survey's Table 1, in its order.
std::vector<DataSetSource> SurveyedDataSets();

} // namespace serval
