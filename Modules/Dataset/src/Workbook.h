#pragma once

#include "serval/Core/Table.h"

#include <string>
#include <vector>

namespace serval
{

/// Whether the bytes are a ZIP archive, as .xlsx and .ods are.
bool IsWorkbook(const std::string & bytes);

/// The rows of the first sheet of a workbook, numbers as their shortest text; Fault::Input with `origin` when it is
/// neither .xlsx nor .ods, or damaged.
std::vector<TextRow> ReadWorkbook(const std::string & bytes, const std::string & origin);

/// The same of an .xlsx file's bytes; throws what tells of damage.
std::vector<TextRow> ReadExcelWorkbook(const std::string & bytes);

/// A number as a sheet shows it by default: whole ones without decimals.
std::string CellText(double value);

/// Of a sheet.
inline constexpr int maximumRows = 1048576, maximumColumns = 16384;

} // namespace serval
