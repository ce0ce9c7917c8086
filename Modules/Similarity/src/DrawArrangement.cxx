#include "serval/Core/Error.h"
#include "serval/Core/Text.h"
#include "serval/Similarity/Arrangement.h"

#include <algorithm>
#include <cmath>
#include <numeric>
#include <locale>
#include <sstream>

namespace serval
{
namespace
{

constexpr double cell = 44, left = 250, top = 60, tree = 120, plane = 320;

std::string Number(double value) { return FormatFixed(value, 1); }

std::string Short(double value)
{
  std::ostringstream text;
  text.imbue(std::locale::classic());
  text.precision(3);
  text << value;
  return text.str();
}

void Write(std::ostringstream & svg, double x, double y, const std::string & anchor, double size, const std::string & text)
{
  svg << "<text x=\"" << Number(x) << "\" y=\"" << Number(y) << "\" text-anchor=\"" << anchor << "\" font-size=\"" << Number(size) << "\">"
      << EscapeXml(text) << "</text>\n";
}

void DrawLine(std::ostringstream & svg, double x1, double y1, double x2, double y2)
{
  svg << "<line x1=\"" << Number(x1) << "\" y1=\"" << Number(y1) << "\" x2=\"" << Number(x2) << "\" y2=\"" << Number(y2) << "\" stroke=\"#444\"/>\n";
}

/// The items of a dendrogram from top to bottom.
std::vector<std::size_t> LeafOrder(const std::vector<Merger> & mergers, std::size_t count)
{
  std::vector<std::vector<std::size_t>> items(count);
  for (std::size_t i = 0; i < count; ++i)
    items[i] = { i };
  for (const auto & merger : mergers)
  {
    auto joined = items[merger.first];
    joined.insert(joined.end(), items[merger.second].begin(), items[merger.second].end());
    items.push_back(std::move(joined));
  }
  return items.back();
}

void DrawMatrix(std::ostringstream & svg, const std::vector<std::string> & names, const std::vector<std::optional<double>> & matrix,
                const std::vector<std::size_t> & order)
{
  double low = INFINITY, high = -INFINITY;
  for (const auto & entry : matrix)
    if (entry)
    {
      low = std::min(low, *entry);
      high = std::max(high, *entry);
    }
  for (std::size_t i = 0; i < order.size(); ++i)
  {
    const double y = top + static_cast<double>(i) * cell;
    Write(svg, left - 6, y + cell / 2 + 4, "end", 12, names[order[i]]);
    Write(svg, left + (static_cast<double>(i) + 0.5) * cell, top - 6, "middle", 12, std::to_string(i + 1));
    Write(svg, left - 6, y + cell / 2 + 17, "end", 10, std::to_string(i + 1));
    for (std::size_t j = 0; j < order.size(); ++j)
    {
      const double x = left + static_cast<double>(j) * cell;
      const auto & entry = matrix[order[i] * order.size() + order[j]];
      const double share = entry && high > low ? (*entry - low) / (high - low) : 0;
      const auto   shade = static_cast<int>(std::lround(245 - 165 * share));
      svg << "<rect x=\"" << Number(x) << "\" y=\"" << Number(y) << "\" width=\"" << cell << "\" height=\"" << cell << "\" fill=\"rgb("
          << shade << ',' << shade << ",250)\" stroke=\"white\"/>\n";
      if (entry)
        Write(svg, x + cell / 2, y + cell / 2 + 4, "middle", 10, Short(*entry));
      else
        DrawLine(svg, x + 8, y + 8, x + cell - 8, y + cell - 8);
    }
  }
}

void DrawTree(std::ostringstream & svg, const std::vector<Merger> & mergers, const std::vector<std::size_t> & order)
{
  const double x0 = left + static_cast<double>(order.size()) * cell + 10, longest = std::max(mergers.back().distance, 1e-300);
  struct Place
  {
    double x, y;
  };
  std::vector<Place> places(order.size());
  for (std::size_t i = 0; i < order.size(); ++i)
    places[order[i]] = { x0, top + (static_cast<double>(i) + 0.5) * cell };
  for (const auto & merger : mergers)
  {
    const auto   a = places[merger.first], b = places[merger.second];
    const double x = x0 + tree * merger.distance / longest;
    DrawLine(svg, a.x, a.y, x, a.y);
    DrawLine(svg, b.x, b.y, x, b.y);
    DrawLine(svg, x, a.y, x, b.y);
    places.push_back({ x, (a.y + b.y) / 2 });
  }
}

void DrawPlane(std::ostringstream & svg, const std::vector<std::string> & names, const std::vector<std::array<double, 2>> & places, double x0)
{
  double widest = 1e-300;
  for (const auto & place : places)
    widest = std::max({ widest, std::abs(place[0]), std::abs(place[1]) });
  svg << "<rect x=\"" << Number(x0) << "\" y=\"" << top << "\" width=\"" << plane << "\" height=\"" << plane << "\" fill=\"none\" stroke=\"#bbb\"/>\n";
  for (std::size_t i = 0; i < places.size(); ++i)
  {
    const double x = x0 + plane / 2 + places[i][0] / widest * plane * 0.4, y = top + plane / 2 - places[i][1] / widest * plane * 0.4;
    svg << "<circle cx=\"" << Number(x) << "\" cy=\"" << Number(y) << "\" r=\"4\" fill=\"#3050c0\"/>\n";
    Write(svg, x, y - 7, "middle", 11, names[i]);
  }
}

} // namespace

std::string DrawArrangement(const std::string & title, const std::vector<std::string> & names, const std::vector<std::optional<double>> & matrix)
{
  const std::size_t count = names.size();
  Require(count >= 2 && matrix.size() == count * count, Fault::Input, "a matrix of ", matrix.size(), " entries is to be drawn for ", count, " names");
  const bool               isWhole = std::ranges::all_of(matrix, [](const auto & entry) { return entry.has_value(); });
  std::vector<std::size_t> order(count);
  std::iota(order.begin(), order.end(), std::size_t{ 0 });
  std::vector<double> distances;
  for (const auto & entry : matrix)
    distances.push_back(entry.value_or(0));
  const auto mergers = isWhole ? LinkByAverage(distances, count) : std::vector<Merger>{};
  if (isWhole)
    order = LeafOrder(mergers, count);
  const double       edge = left + static_cast<double>(count) * cell + (isWhole ? tree + 40 : 20);
  const double       width = edge + (isWhole ? plane + 20 : 0), height = top + std::max(static_cast<double>(count) * cell, isWhole ? plane : 0) + 20;
  std::ostringstream svg;
  svg.imbue(std::locale::classic());
  svg << "<svg xmlns=\"http://www.w3.org/2000/svg\" width=\"" << Number(width) << "\" height=\"" << Number(height)
      << "\" font-family=\"sans-serif\">\n<rect width=\"100%\" height=\"100%\" fill=\"white\"/>\n";
  Write(svg, 10, 24, "start", 15, title);
  DrawMatrix(svg, names, matrix, order);
  if (isWhole)
  {
    DrawTree(svg, mergers, order);
    DrawPlane(svg, names, ScaleToPlane(distances, count), edge);
  }
  svg << "</svg>\n";
  return svg.str();
}

} // namespace serval
