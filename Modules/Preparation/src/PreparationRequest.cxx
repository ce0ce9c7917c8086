#include "serval/Core/Error.h"
#include "serval/Core/Text.h"
#include "serval/Preparation/CohortPreparation.h"

namespace serval
{

void SetSpacing(PreparationRequest & request, const std::vector<double> & spacing, const std::filesystem::path & planFile)
{
  Require((spacing.empty() ? 0 : 1) + (planFile.empty() ? 0 : 1) + (request.fitsSpacing ? 1 : 0) <= 1, Fault::Usage,
          "--spacing, --spacingPlan and --fitSpacing exclude each other");
  Require(spacing.empty() || spacing.size() == 3, Fault::Usage, "--spacing has ", spacing.size(), " numbers; x,y,z in mm are expected");
  if (!spacing.empty())
    request.plan.spacing = SpacingPlan{ { spacing[0], spacing[1], spacing[2] }, {}, 0, false };
  if (planFile.empty())
    return;
  request.plan.spacing = PreparationPlan::Read(planFile).spacing;
  Require(request.plan.spacing.has_value(), Fault::Input, "'", planFile.string(), "' has no spacing");
}

void SetClip(PreparationRequest & request, const std::vector<double> & percentages, bool isFitted)
{
  Require(percentages.empty() || (percentages.size() == 2 && percentages[0] < percentages[1]), Fault::Usage,
          "--percentileClip expects two percentages, the lower one first");
  Require(!isFitted || !percentages.empty(), Fault::Usage, "--clipFrom train needs --percentileClip");
  (isFitted ? request.clipFitted : request.plan.percentileClip) = percentages;
}

void SetReference(PreparationRequest & request, const std::filesystem::path & volume)
{
  Require(volume.empty() || !request.fitsStandard, Fault::Usage, "--matchHistogram and --fitHistogram exclude each other");
  if (volume.empty())
    return;
  request.reference = ReadVolume(volume);
  request.plan.reference = VoxelFingerprint(*request.reference);
}

} // namespace serval
