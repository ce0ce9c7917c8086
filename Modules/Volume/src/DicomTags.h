#pragma once

#include <algorithm>
#include <array>
#include <cstdint>

namespace serval::tag
{

// DICOM PS3.6: the elements that are used.
inline constexpr std::uint32_t transferSyntax = 0x00020010, imageType = 0x00080008, sopClass = 0x00080016, studyDate = 0x00080020, studyTime = 0x00080030, accessionNumber = 0x00080050, modality = 0x00080060, studyDescription = 0x00081030,
                               seriesDescription = 0x0008103e, frameType = 0x00089007, patientName = 0x00100010,
                               patientId = 0x00100020, bodyPart = 0x00180015, echoTime = 0x00180081, echoNumber = 0x00180086,
                               triggerTime = 0x00181060, protocolName = 0x00181030, convolutionKernel = 0x00181210, effectiveEchoTime = 0x00189082, diffusionBValue = 0x00189087,
                               gradientDirection = 0x00189089, mrEcho = 0x00189114, mrDiffusion = 0x00189117,
                               gradientSequence = 0x00189076, mrFrameType = 0x00189226, ctFrameType = 0x00189329,
                               cardiacSynchronization = 0x00189118, studyUid = 0x0020000d, seriesUid = 0x0020000e,
                               seriesNumber = 0x00200011, acquisitionNumber = 0x00200012, imagePosition = 0x00200032,
                               imageOrientation = 0x00200037, frameOfReference = 0x00200052, temporalPosition = 0x00200100,
                               frameStackId = 0x00209056, frameContent = 0x00209111, planePosition = 0x00209113,
                               planeOrientation = 0x00209116, temporalIndex = 0x00209128, cardiacDelay = 0x00209153,
                               dimensionIndex = 0x00209157, samplesPerPixel = 0x00280002, photometric = 0x00280004,
                               numberOfFrames = 0x00280008, rows = 0x00280010, columns = 0x00280011, pixelSpacing = 0x00280030,
                               bitsAllocated = 0x00280100, bitsStored = 0x00280101, highBit = 0x00280102,
                               pixelRepresentation = 0x00280103, paddingValue = 0x00280120, paddingLimit = 0x00280121,
                               burnedIn = 0x00280301, rescaleIntercept = 0x00281052, rescaleSlope = 0x00281053,
                               rescaleType = 0x00281054, pixelMeasures = 0x00289110, valueTransformation = 0x00289145,
                               units = 0x00541001, sharedGroups = 0x52009229, perFrameGroups = 0x52009230,
                               floatPixels = 0x7fe00008, doublePixels = 0x7fe00009, pixels = 0x7fe00010, item = 0xfffee000,
                               itemEnd = 0xfffee00d, sequenceEnd = 0xfffee0dd;

/// What a used element holds; the others are passed over.
enum class Holds
{
  Nothing,
  Text,
  Shorts,
  Longs,
  Doubles,
  Items
};

struct Used
{
  std::uint32_t tag;
  Holds         holds;
};

inline constexpr std::array all{
  Used{ imageType, Holds::Text },          Used{ sopClass, Holds::Text },
  Used{ studyDate, Holds::Text },          Used{ studyTime, Holds::Text },          Used{ accessionNumber, Holds::Text },
  Used{ modality, Holds::Text },           Used{ studyDescription, Holds::Text },   Used{ seriesDescription, Holds::Text },
  Used{ frameType, Holds::Text },          Used{ patientName, Holds::Text },        Used{ patientId, Holds::Text },
  Used{ bodyPart, Holds::Text },           Used{ echoTime, Holds::Text },           Used{ echoNumber, Holds::Text },
  Used{ protocolName, Holds::Text },       Used{ triggerTime, Holds::Text },        Used{ convolutionKernel, Holds::Text },
  Used{ gradientSequence, Holds::Items },  Used{ effectiveEchoTime, Holds::Doubles },
  Used{ diffusionBValue, Holds::Doubles }, Used{ gradientDirection, Holds::Doubles },
  Used{ mrEcho, Holds::Items },            Used{ mrDiffusion, Holds::Items },       Used{ cardiacSynchronization, Holds::Items },
  Used{ mrFrameType, Holds::Items },       Used{ ctFrameType, Holds::Items },       Used{ studyUid, Holds::Text },
  Used{ seriesUid, Holds::Text },          Used{ seriesNumber, Holds::Text },       Used{ acquisitionNumber, Holds::Text },
  Used{ imagePosition, Holds::Text },      Used{ imageOrientation, Holds::Text },   Used{ frameOfReference, Holds::Text },
  Used{ temporalPosition, Holds::Text },   Used{ frameStackId, Holds::Text },       Used{ frameContent, Holds::Items },
  Used{ planePosition, Holds::Items },     Used{ planeOrientation, Holds::Items },  Used{ temporalIndex, Holds::Longs },
  Used{ cardiacDelay, Holds::Doubles },    Used{ dimensionIndex, Holds::Longs },    Used{ samplesPerPixel, Holds::Shorts },
  Used{ photometric, Holds::Text },        Used{ numberOfFrames, Holds::Text },     Used{ rows, Holds::Shorts },
  Used{ columns, Holds::Shorts },          Used{ pixelSpacing, Holds::Text },       Used{ bitsAllocated, Holds::Shorts },
  Used{ bitsStored, Holds::Shorts },       Used{ highBit, Holds::Shorts },          Used{ pixelRepresentation, Holds::Shorts },
  Used{ paddingValue, Holds::Shorts },     Used{ paddingLimit, Holds::Shorts },     Used{ burnedIn, Holds::Text },
  Used{ rescaleIntercept, Holds::Text },   Used{ rescaleSlope, Holds::Text },       Used{ rescaleType, Holds::Text },
  Used{ pixelMeasures, Holds::Items },     Used{ valueTransformation, Holds::Items },
  Used{ units, Holds::Text },              Used{ sharedGroups, Holds::Items },      Used{ perFrameGroups, Holds::Items }
};
static_assert(std::is_sorted(all.begin(), all.end(), [](Used a, Used b) { return a.tag < b.tag; }));

inline Holds WhatHolds(std::uint32_t tag)
{
  const auto found = std::lower_bound(all.begin(), all.end(), tag, [](Used a, std::uint32_t b) { return a.tag < b; });
  return found != all.end() && found->tag == tag ? found->holds : Holds::Nothing;
}

} // namespace serval::tag
