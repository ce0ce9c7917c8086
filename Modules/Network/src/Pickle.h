#pragma once

#include <cstddef>
#include <cstdint>
#include <memory>
#include <span>
#include <string>
#include <string_view>
#include <utility>
#include <variant>
#include <vector>

namespace serval::pickle
{

struct Value;
using Pointer = std::shared_ptr<Value>;

struct None
{};
struct List ///< a list or a tuple
{
  std::vector<Pointer> items;
};
struct Dictionary ///< a dict, an OrderedDict, or the state of a module of TorchScript
{
  std::vector<std::pair<Pointer, Pointer>> items;
};
struct Class ///< a class or function by name; it is never looked up
{
  std::string name;
};
struct Storage ///< the memory of tensors: raw bytes that stand elsewhere in the file
{
  std::string  key, type; ///< "0"; FloatStorage, HalfStorage, ...
  std::int64_t count = 0;
};
struct Tensor
{
  Storage                   storage;
  std::int64_t              offset = 0; ///< in elements
  std::vector<std::int64_t> shape, strides;
};

struct Value
{
  std::variant<None, bool, std::int64_t, double, std::string, List, Dictionary, Class, Storage, Tensor> held;
};

/// One pickle (protocols 0 to 4, the opcodes that torch.save and torch.jit.save write). `bytes` is moved behind it.
/// Fault::Input when it is truncated, holds another opcode, or calls anything but the rebuilding of tensors.
Pointer Load(std::span<const std::byte> & bytes, const std::string & origin);

} // namespace serval::pickle
