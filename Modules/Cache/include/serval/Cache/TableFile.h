#pragma once

#include "serval/Core/Table.h"

#include <filesystem>

namespace serval
{

/// A table as HDF5 (schema serval-table/1): a data set a column, numbers where every cell that is not empty is one (empty
/// ones are NaN), else texts. The columns' order stands in the attribute `columns`.
void WriteTableFile(const Table & table, const std::filesystem::path & file);

} // namespace serval
