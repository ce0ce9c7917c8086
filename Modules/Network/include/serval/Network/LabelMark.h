#pragma once

#include "serval/Core/Provenance.h"
#include "serval/Network/ModelFile.h"

namespace serval
{

/// Marks what is made under this provenance as learned from shuffled labels: a baseline, no model to use.
void MarkShuffledLabels(Provenance & provenance);
/// Whether the model's last stage, or one before it, learned from shuffled labels.
bool LearnedShuffledLabels(const ModelFile & model);
/// Hands the mark on from a source or teacher.
void KeepLabelMark(const ModelFile & source, Provenance & provenance);

} // namespace serval
