#pragma once

#include <string>

namespace serval
{

/// How steps are made of gradients, how long and how far they go, and which network is kept.
struct OptimiserPlan
{
  enum class Method
  {
    AdamW,   ///< decoupled weight decay (Loshchilov 2019)
    Adam,    ///< Kingma 2015; weight decay is added to the gradient, as in the three below
    Nadam,   ///< Dozat 2016, with the momentum schedule of its section 2.2 (decay 0.004)
    Sgd,     ///< with momentum
    Nesterov ///< SGD with Nesterov's momentum (Sutskever 2013)
  };
  /// Course of the learning rate; an epoch is as many steps as draw every patch once.
  enum class Schedule
  {
    Cosine,      ///< half a cosine from the full rate to a thousandth of it (Loshchilov 2017)
    Constant,
    Step,        ///< times `factor` after every `every` epochs
    Exponential, ///< times `factor` after each epoch
    Polynomial,  ///< (1 - step / steps)^`power`
    Plateau      ///< times `factor` when the metric has not improved for `every` evaluations
  };
  /// What evaluations of the validation patches look at.
  enum class Metric
  {
    Loss,
    Accuracy ///< share of right patches or voxels; of tasks that give the input again, the explained share of its variance
  };
  Method   method = Method::AdamW;
  double   momentum = 0.9; ///< of Sgd and Nesterov; the others take 0.9 and 0.999
  Schedule schedule = Schedule::Cosine;
  double   factor = 0.1, power = 0.9;
  int      every = 10;
  int      rampUp = 0;       ///< first steps in which the rate rises linearly from nearly 0
  double   clipNorm = 0;     ///< gradients are scaled down to this Euclidean norm over all parameters; 0: never
  int      accumulation = 1; ///< batches whose mean gradient makes one step
  double   averaging = 0;    ///< decay of the moving average of all arrays that is evaluated and kept; 0: none
  int      evaluateEvery = 0; ///< steps from one evaluation to the next; 0: once an epoch
  Metric   metric = Metric::Loss;
  int      patience = 0;     ///< training ends when so many evaluations in a row did not improve the metric; 0: never
  bool     keepsBest = true; ///< the arrays of the best evaluation are kept, where there are validation patches; else the last

  /// Fault::Usage naming the value out of range.
  void Check(bool hasValidation) const;

  /// Factor of the learning rate at a step (from 1), of `steps`, `perEpoch` of which draw every patch once; `falls`: how
  /// often a plateau was met.
  double RateAt(int step, int steps, double perEpoch, int falls) const;

  /// Every option; part of what decides the bits of a run.
  std::string ToText() const;

  static Method   MethodFrom(const std::string & text);
  static Schedule ScheduleFrom(const std::string & text);
  static Metric   MetricFrom(const std::string & text);
};

} // namespace serval
