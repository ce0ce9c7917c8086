#pragma once

#include <cstddef>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

namespace serval
{

std::string              Trim(std::string_view text);
std::vector<std::string> Split(std::string_view text, char separator);
std::string              Join(const std::vector<std::string> & items, std::string_view separator);

/// The whole text as a number with a dot, whatever the locale; nothing when it is not one.
std::optional<double>    ParseDouble(std::string_view text);
std::optional<long long> ParseInteger(std::string_view text);

/// Shortest text that reads back to the same number, or `digits` after the dot.
std::string FormatNumber(double value);
std::string FormatFixed(double value, int digits);

/// "1 patient", "5 patients", "2 patches".
std::string Counted(long long count, std::string_view noun);

/// Escapes & < > " ' for XML and HTML.
std::string EscapeXml(std::string_view text);

/// The items of `known` nearest to `word`, for "did you mean"; empty when none is near.
std::string NearestWord(std::string_view word, const std::vector<std::string> & known);

} // namespace serval
