#include "Networks.h"

#include <array>

namespace serval::networks
{
namespace
{

// Maps of the branches 1, 3 (reduced, full), 5 (reduced, full), pool (Szegedy 2015, table 1).
struct Inception
{
  const char * name;
  int          one, reduced3, three, reduced5, five, pooled;
};
constexpr std::array table{ Inception{ "inception3a", 64, 96, 128, 16, 32, 32 },  Inception{ "inception3b", 128, 128, 192, 32, 96, 64 },
                            Inception{ "inception4a", 192, 96, 208, 16, 48, 64 }, Inception{ "inception4b", 160, 112, 224, 24, 64, 64 },
                            Inception{ "inception4c", 128, 128, 256, 24, 64, 64 }, Inception{ "inception4d", 112, 144, 288, 32, 64, 64 },
                            Inception{ "inception4e", 256, 160, 320, 32, 128, 128 }, Inception{ "inception5a", 256, 160, 320, 32, 128, 128 },
                            Inception{ "inception5b", 384, 192, 384, 48, 128, 128 } };

/// As published (biases, 5^d branch, response normalisation), or as torchvision trained it (batch norm, 3^d there).
class Builder
{
public:
  Builder(const NetworkSpec & spec, bool isNormalised)
    : m_Spec(spec)
    , m_Graph(spec.dimension, spec.channels)
    , m_IsNormalised(isNormalised)
  {}

  LayerGraph Build()
  {
    const Window half{ 3, 2, 0, true };
    int          at = Respond("conv1", m_Graph.Pool("conv1.pool", Unit("conv1", 0, 64, { 7, 2, 3 }), Operation::MaxPool, half));
    at = Respond("conv3", Unit("conv3", Unit("conv2", at, 64, { 1, 1, 0 }), 192, { 3, 1, 1 }));
    at = m_Graph.Pool("conv3.pool", at, Operation::MaxPool, half);
    std::map<std::string, int> outputs;
    for (const auto & entry : table)
    {
      at = Module(entry, at);
      const std::string name = entry.name;
      if (m_Spec.deepSupervision && (name == "inception4a" || name == "inception4d"))
        outputs[name == "inception4a" ? "auxiliary1" : "auxiliary2"] = Auxiliary(name == "inception4a" ? "auxiliary1" : "auxiliary2", at);
      if (name == "inception3b")
        at = m_Graph.Pool(name + ".pool", at, Operation::MaxPool, half);
      if (name == "inception4e")
        at = m_Graph.Pool(name + ".pool", at, Operation::MaxPool, m_IsNormalised ? Window{ 2, 2, 0, true } : half);
    }
    at = m_Graph.Drop("classifier.dropout", m_Graph.Reduce("classifier.average", at, Operation::GlobalAverage), m_IsNormalised ? 0.2 : 0.4);
    outputs["classes"] = m_Graph.Dense("classifier", at, m_Spec.classes);
    return m_Graph.Finish(std::move(outputs));
  }

private:
  int Unit(const std::string & name, int from, int maps, Window window)
  {
    int at = m_Graph.Convolve(name, from, maps, window, !m_IsNormalised);
    if (m_IsNormalised)
      at = m_Graph.Normalise(name + "_norm", at, Operation::BatchNorm, 1, true, 1e-3); // as in torchvision
    return m_Graph.Activate(name + "_relu", at);
  }

  int Respond(const std::string & layer, int from)
  {
    return m_IsNormalised ? from : m_Graph.RespondLocally(layer + ".response", from, 5, 1, 1e-4, 0.75);
  }

  int Module(const Inception & m, int from)
  {
    const std::string name = std::string(m.name) + '.';
    const Window      point{ 1, 1, 0 }, wide = m_IsNormalised ? Window{ 3, 1, 1 } : Window{ 5, 1, 2 };
    const int         one = Unit(name + "one", from, m.one, point);
    const int         three = Unit(name + "three", Unit(name + "three_reduce", from, m.reduced3, point), m.three, { 3, 1, 1 });
    const int         five = Unit(name + "five", Unit(name + "five_reduce", from, m.reduced5, point), m.five, wide);
    const int         pooled = Unit(name + "project", m_Graph.Pool(name + "pool", from, Operation::MaxPool, { 3, 1, 1 }), m.pooled, point);
    return m_Graph.Join(name + "join", { one, three, five, pooled });
  }

  int Auxiliary(const std::string & name, int from)
  {
    int at = m_Graph.Pool(name + ".pool", from, Operation::AveragePool, { 5, 3, 0 });
    at = m_Graph.Reduce(name + ".flatten", Unit(name + ".conv", at, 128, { 1, 1, 0 }), Operation::Flatten);
    at = DenseRelu(m_Graph, name + ".fc", at, 1024, 0.7);
    return m_Graph.Dense(name + ".classifier", at, m_Spec.classes);
  }

  const NetworkSpec & m_Spec;
  GraphBuilder        m_Graph;
  bool                m_IsNormalised;
};

} // namespace

LayerGraph GoogLeNet(const NetworkSpec & spec) { return Builder(spec, spec.name == "googlenet-bn").Build(); }

} // namespace serval::networks
