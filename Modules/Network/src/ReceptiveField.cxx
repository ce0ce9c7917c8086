#include "serval/Core/Error.h"
#include "serval/Network/ReceptiveField.h"

#include <algorithm>
#include <numeric>

namespace serval
{
namespace
{

/// Of a node's voxel: input voxels before and behind its own, and how many input voxels lie between neighbours.
struct Field
{
  double before = 0, behind = 0, jump = 1;
  bool   isBounded = true;
};

bool SeesAll(Operation operation)
{
  return operation == Operation::InstanceNorm || operation == Operation::GroupNorm || operation == Operation::GlobalAverage || operation == Operation::Flatten ||
         operation == Operation::Linear || operation == Operation::LocallyConnected;
}

Field Through(const Node & node, Field field)
{
  switch (node.operation)
  {
    case Operation::Convolution:
    case Operation::MaxPool:
    case Operation::AveragePool:
      field.before += node.padding * field.jump;
      field.behind += ((node.kernel - 1) * node.dilation - node.padding) * field.jump;
      field.jump *= node.stride;
      break;
    case Operation::Subsample: field.jump *= node.stride; break;
    case Operation::TransposedConvolution:
    case Operation::Upsample: // a voxel stands anywhere within its source's, and may come from a neighbour
      field.before += field.jump * ((node.operation == Operation::Upsample ? node.stride : node.kernel) - 1) / double(node.stride) + field.jump;
      field.behind += field.jump;
      field.jump /= node.stride;
      break;
    default: field.isBounded = field.isBounded && !SeesAll(node.operation);
  }
  return field;
}

} // namespace

ReceptiveField ReceptiveFieldOf(const LayerGraph & graph, const std::string & output)
{
  std::vector<Field> fields{ Field() };
  double             coarsest = 1;
  for (std::size_t i = 1; i < graph.nodes.size(); ++i)
  {
    Field joined = fields[static_cast<std::size_t>(graph.nodes[i].inputs.front())];
    for (const int from : graph.nodes[i].inputs)
    {
      const Field & other = fields[static_cast<std::size_t>(from)];
      joined.before = std::max(joined.before, other.before);
      joined.behind = std::max(joined.behind, other.behind);
      joined.isBounded = joined.isBounded && other.isBounded && other.jump == joined.jump;
    }
    fields.push_back(Through(graph.nodes[i], joined));
    if (fields.back().isBounded)
      coarsest = std::max(coarsest, fields.back().jump);
  }
  const auto found = graph.outputs.find(output);
  Require(found != graph.outputs.end(), Fault::Usage, "the network has no output '", output, '\'');
  const Field & field = fields[static_cast<std::size_t>(found->second)];
  return { field.isBounded && field.jump == 1, static_cast<int>(std::max(field.before, field.behind) + 0.999), static_cast<int>(coarsest) };
}

} // namespace serval
