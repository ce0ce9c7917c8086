#pragma once
// Tensor side of the Network module: for libservalLearning only.

#include "serval/Network/ModelFile.h"
#include "serval/Network/TransferPlan.h"

#include <torch/nn/module.h>
#include <torch/nn/modules/linear.h>
#include <torch/nn/pimpl.h>

#include <map>
#include <string>
#include <vector>

namespace serval
{

/// Convolution in 2D or 3D; computes in the type of its input, holds float32 parameters.
struct ConvolutionImpl : torch::nn::Module
{
  ConvolutionImpl(int dimension, int in, int out, int kernel, bool transposed = false);
  torch::Tensor forward(const torch::Tensor & input);

  torch::Tensor m_Weight, m_Bias;
  int           m_Dimension, m_Kernel;
  bool          m_Transposed;
};
TORCH_MODULE(Convolution);

struct BatchNormalisationImpl : torch::nn::Module
{
  explicit BatchNormalisationImpl(int maps);
  torch::Tensor forward(const torch::Tensor & input);

  torch::Tensor m_Weight, m_Bias, m_Mean, m_Variance;
};
TORCH_MODULE(BatchNormalisation);

/// Two [convolution, batch normalisation, ReLU]; `up` first doubles the size of its input and joins the skip.
struct LevelImpl : torch::nn::Module
{
  LevelImpl(int dimension, int in, int out, bool up);
  torch::Tensor forward(torch::Tensor input, const torch::Tensor & skip = {});

  Convolution        m_Up{ nullptr }, m_First{ nullptr }, m_Second{ nullptr };
  BatchNormalisation m_FirstNorm{ nullptr }, m_SecondNorm{ nullptr };
};
TORCH_MODULE(Level);

/// Convolution blocks with pooling (attachment decoder1), global average, dropout, linear layer.
struct ClassificationHeadImpl : torch::nn::Module
{
  ClassificationHeadImpl(const NetworkSpec & spec, int in, int blocks);
  torch::Tensor forward(const torch::Tensor & maps);
  torch::Tensor Classify(torch::Tensor pooled);

  int                             m_Dimension;
  double                          m_Dropout;
  std::vector<Convolution>        m_Blocks;
  std::vector<BatchNormalisation> m_Norms;
  torch::nn::Linear               m_Linear{ nullptr };
};
TORCH_MODULE(ClassificationHead);

/// The network of a NetworkSpec. Layer names are child names, so arrays are called `encoder1.first.weight`.
class UNet : public torch::nn::Module
{
public:
  explicit UNet(const NetworkSpec & spec);

  struct Output
  {
    torch::Tensor segmentation; ///< logits [N,K,(Z,)Y,X], when there is a head
    torch::Tensor classes;      ///< logits [N,K], when there is a classifier
  };
  /// `taps`: filled with the output of each layer named by its keys.
  Output Forward(torch::Tensor input, std::map<std::string, torch::Tensor> * taps = nullptr);

  /// Frozen layers keep parameters and running statistics.
  void Freeze(const std::vector<std::string> & layers);
  /// Training mode for all but the frozen layers.
  void SetTraining(bool training);

  /// Copies arrays by name and shape.
  LoadReport Load(const std::map<std::string, TensorFile::Array> & arrays, const std::vector<std::string> & reset);
  std::map<std::string, TensorFile::Array> Arrays() const;

private:
  torch::Tensor Decode(torch::Tensor maps, const std::vector<torch::Tensor> & skips, std::vector<torch::Tensor> & pooled,
                       std::map<std::string, torch::Tensor> * taps);

  NetworkSpec              m_Spec;
  std::vector<Level>       m_Encoders, m_Decoders;
  Level                    m_Bottleneck{ nullptr };
  Convolution              m_Head{ nullptr };
  ClassificationHead       m_Classifier{ nullptr };
  std::vector<std::string> m_Frozen;
};

/// Mean over all axes of space: [N,C,...] -> [N,C], float32.
torch::Tensor GlobalAverage(const torch::Tensor & maps);

} // namespace serval
