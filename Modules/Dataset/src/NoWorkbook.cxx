// The learning half is built without liborcus.
#include "Workbook.h"

#include "serval/Core/Error.h"

namespace serval
{

bool IsWorkbook(const std::string & bytes) { return bytes.starts_with("PK\x03\x04"); }

std::vector<TextRow> ReadWorkbook(const std::string &, const std::string & origin)
{
  Fail(Fault::Input, origin, " is a workbook, which this build cannot read; open it in a spreadsheet program and save it as CSV (UTF-8)");
}

} // namespace serval
