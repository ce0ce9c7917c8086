#pragma once

#include "serval/Similarity/Sample.h"

#include <span>

namespace serval
{

/// How well source features or predictions may serve a target's classes; larger is better for each. `classes` count from 0.
/// All are None, with the reason, where fewer than two classes have rows; Fault::Input when sizes do not fit or values are
/// not finite.

/// LEEP (Nguyen 2020): mean log of sum_z p(y|z) p(z|x) with the source's class probabilities p(z|x), [rows x sourceClasses],
/// which must sum to 1. A source class that no row predicts has no p(y|z) and no part in the sum. At most 0.
Answer Leep(std::span<const float> probabilities, std::size_t sourceClasses, const std::vector<int> & classes);

/// NCE (Tran 2019): minus the conditional entropy, in nats, of the target's class given the predicted source class. At most 0.
Answer NegativeConditionalEntropy(std::span<const float> probabilities, std::size_t sourceClasses, const std::vector<int> & classes);

/// NLEEP (Li 2021): LEEP with, as source classes, the posteriors of a Gaussian mixture (diagonal covariances, 5 components a
/// class but at most rows / 2, begun at farthest points, 100 steps of EM) on the principal components that hold 80 % of the
/// variance.
Answer GaussianLeep(const LabelledSample & target);

/// LogME (You 2021): log evidence a row of Bayesian linear regression from features to one-hot classes, mean over classes.
/// None when the features fit the classes without any rest.
Answer LogEvidence(const LabelledSample & target);

/// H-score with the covariance shrunk after Ledoit and Wolf (Ibrahim 2021): (1 - s) tr(S_s^-1 B), B the covariance of the
/// class means; 0 to classes - 1.
Answer ShrunkHScore(const LabelledSample & target);

/// PARC (Bolya 2021): Spearman correlation of 1 - Pearson(features) with 1 - Pearson(one-hot classes) over pairs of rows, of
/// at most 500 evenly spaced rows; -1 to 1.
Answer PairwiseCorrelation(const LabelledSample & target);

/// TransRate (Huang 2022): coding rate R(Z) - sum_c n_c / n R(Z_c), R(Z) = logdet(I + Z'Z / (rows epsilon)) / 2 with all
/// rows centred by the common mean, epsilon 1e-4.
Answer TransRate(const LabelledSample & target);

/// Feature quality times gradient agreement, 0 to 1: ShrunkHScore / (classes - 1) times |mean g|^2 / mean |g|^2, g the
/// gradient of a row's cross-entropy by the weights of a new linear head at 0. Ours, after the idea of Juodelyte 2024
/// (suitability and adaptability), whose score needs gradients of the whole network; these are not in feature files.
Answer FeaturesAndGradients(const LabelledSample & target);

} // namespace serval
