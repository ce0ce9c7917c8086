#pragma once

#include <span>

namespace serval
{

/// The share of m I in Ledoit and Wolf's estimate of a covariance S, 0 to 1 (2004, lemmas 3.2 to 3.5): min(b^2, d^2) / d^2 with
/// d^2 = |S - m I|^2, b^2 = sum_i w_i^2 |x_i x_i' - S|^2, m = tr S / columns. `weights` w sum to 1, usually 1 / rows;
/// `values`: the centred rows times the roots of their weights, column after column, so that S is their inner product. 1 where
/// S is a multiple of I. Fault::Input when the sizes do not fit.
double LedoitWolfShrinkage(std::span<const double> values, std::span<const double> weights);

} // namespace serval
