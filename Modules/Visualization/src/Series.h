#pragma once

#include "Frame.h"

namespace serval
{

/// The interval of a curve as an area, with gaps where it is unknown.
void DrawBand(Sheet & sheet, const Frame & frame, const Curve & curve, const SeriesLook & look, double opacity);

/// How strongly the bands of so many curves are drawn so that all can be told apart.
double BandOpacity(std::size_t curves);

/// The curve with gaps where it is unknown, `shift` pixels to the right; a marker at each of few points, else at some.
/// Returns its end where that lies near the right of the frame, else not numbers.
Place DrawSeries(Sheet & sheet, const Frame & frame, const Curve & curve, const SeriesLook & look, double radius, double shift = 0);

/// A broken line across the frame at y.
void DrawReference(Sheet & sheet, const Frame & frame, const ReferenceLine & reference);
/// How reference lines look.
SeriesLook ReferenceLook(const Sheet & sheet);

inline constexpr std::size_t fewPoints = 12; ///< all with markers

} // namespace serval
