#include "Axis.h"

#include "serval/Core/Error.h"
#include "serval/Core/Text.h"

#include <algorithm>
#include <cmath>

namespace serval
{

Axis::Axis(const std::vector<double> & values, AxisScale scale, int wanted)
  : m_Scale(scale)
{
  std::vector<double> finite;
  std::copy_if(values.begin(), values.end(), std::back_inserter(finite), [](double v) { return std::isfinite(v); });
  Require(!finite.empty(), Fault::Input, "the plot has no finite value to draw");
  std::sort(finite.begin(), finite.end());
  finite.erase(std::unique(finite.begin(), finite.end()), finite.end());
  Require(scale == AxisScale::Linear || finite.front() > 0, Fault::Input, "a logarithmic axis cannot show ", finite.front());
  m_Low = Scaled(finite.front());
  m_High = Scaled(finite.back());
  const double reach = m_High - m_Low;
  const double room = reach > 0 ? 0.05 * reach : std::max(0.5 * std::abs(m_Low), 0.5);
  m_Low -= room;
  m_High += room;
  if (scale == AxisScale::Linear)
    AddRoundTicks(wanted);
  else
    AddLogarithmicTicks(std::move(finite));
}

Axis::Axis(double low, double high, double step)
  : m_Low(low)
  , m_High(high)
{
  AddTicks(step);
}

Axis::Axis(const std::vector<std::string> & names)
  : m_Named(true)
  , m_Low(-0.5)
  , m_High(static_cast<double>(names.size()) - 0.5)
{
  for (std::size_t i = 0; i < names.size(); ++i)
    m_Ticks.push_back({ static_cast<double>(i), names[i] });
}

void Axis::Place(double first, double last)
{
  m_First = first;
  m_Last = last;
}

double Axis::Scaled(double value) const { return m_Scale == AxisScale::Linear ? value : std::log10(value); }

double Axis::Pixel(double value) const
{
  return m_First + (Scaled(value) - m_Low) / (m_High - m_Low) * (m_Last - m_First);
}

void Axis::AddRoundTicks(int wanted)
{
  const double rough = (m_High - m_Low) / wanted, power = std::pow(10, std::floor(std::log10(rough)));
  const double factor = rough <= 1.5 * power ? 1 : rough <= 3.5 * power ? 2 : rough <= 7.5 * power ? 5 : 10;
  AddTicks(factor * power);
}

void Axis::AddTicks(double step)
{
  const int    digits = std::clamp(static_cast<int>(-std::floor(std::log10(step * 1.0001))), 0, 12);
  for (double i = std::ceil(m_Low / step - 1e-9); i * step <= m_High + step * 1e-9; ++i)
    m_Ticks.push_back({ i * step, FormatFixed(i == 0 ? 0.0 : i * step, digits) });
}

void Axis::AddLogarithmicTicks(std::vector<double> distinct)
{
  constexpr std::size_t few = 10;
  if (distinct.size() > few)
  {
    distinct.clear();
    for (double power = std::pow(10, std::floor(m_Low)); std::log10(power) <= m_High; power *= 10)
      for (const double factor : { 1.0, 2.0, 5.0 })
        if (const double at = std::log10(factor * power); at >= m_Low && at <= m_High)
          distinct.push_back(factor * power);
  }
  for (const double value : distinct)
    m_Ticks.push_back({ value, FormatNumber(value) });
}

} // namespace serval
