#pragma once

#include "DicomElements.h"
#include "serval/Volume/DicomFolder.h"

namespace serval
{

/// What a file's image is, by SOP class, image type, modality, and the words of its series description.
SeriesKind KindOf(const DicomElements & elements);

/// The word where it is one of DICOM's defined terms of modality, else nothing: other text may be anything.
std::string KnownModality(const std::string & word);
std::string ModalityOf(const DicomElements & elements);

/// CT, MR and PET images must tell where they lie (DICOM PS3.3: type 1).
bool MustHavePlace(const std::string & sopClass);

/// A CT or MR volume whose body part, description or protocol names head or neck.
bool MayShowFace(const DicomElements & elements, SeriesKind kind);

} // namespace serval
