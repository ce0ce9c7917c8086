#pragma once

#include "serval/Core/Table.h"

#include <filesystem>

namespace serval
{

/// A table as hospitals have it, every cell as text: CSV parted by comma, semicolon or tab (found out; a first line
/// `sep=;` is obeyed), in UTF-8, UTF-16 (byte order mark, or zero bytes) or Latin-1 / Windows-1252 (whatever is no
/// UTF-8), with CRLF, LF or CR; or the first sheet of an .xlsx or .ods workbook. Blanks around cells, empty rows and
/// empty columns at the end are dropped, short rows filled; ids keep their leading zeros. In text parted by semicolon
/// or tab, a column of numbers with decimal commas gets dots. Dates of an .xlsx stay the numbers that it stores.
/// Fault::Input names the line, never the text of a cell: an unnamed or repeated column, a row longer than the header,
/// an open quote, a damaged workbook, another kind of file.
Table ReadSpreadsheet(const std::filesystem::path & file);

} // namespace serval
