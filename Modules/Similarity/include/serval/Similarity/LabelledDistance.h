#pragma once

#include "serval/Similarity/Sample.h"

namespace serval
{

/// Energy distance 2 E|X - Y| - E|X - X'| - E|Y - Y'| over all pairs (Szekely and Rizzo 2013, the squared form); never
/// negative, 0 for a data set and itself, unchanged by rotation and shift of both. Fault::Input as MaximumMeanDiscrepancy.
double EnergyDistance(const FeatureSample & a, const FeatureSample & b);

/// Sliced 2-Wasserstein distance (Bonneel 2015): root of the mean over random directions of the squared distance of the
/// projections' quantile functions. Unit of the features. Fault::Input as above.
double SlicedWasserstein(const FeatureSample & a, const FeatureSample & b, int directions = 128, std::uint64_t seed = 1);

/// Linear centred kernel alignment of two sets of features of the same rows, 0 to 1 (Kornblith 2019): |A'B|^2 / (|A'A| |B'B|)
/// of centred columns. Unchanged by rotation and scale. None when one is constant. Fault::Input for unequal rows.
Answer LinearAlignment(const FeatureSample & a, const FeatureSample & b);

/// Optimal transport between data sets with labels (Alvarez-Melis and Fusi 2020): the cost of rows is |x - x'|^2 plus the
/// squared Frechet distance of their classes' Gaussians. The transport is the debiased entropic one (Feydy 2019) at 0.05 of
/// the mean cost, hence 0 for a data set and itself; squared unit of the features. Of more than 300 rows, evenly spaced ones
/// are taken. None when a class has one row. Fault::Input as above.
Answer LabelledTransport(const LabelledSample & a, const LabelledSample & b);

} // namespace serval
