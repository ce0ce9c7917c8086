#include "Pickle.h"

#include "serval/Core/Error.h"

#include <algorithm>
#include <bit>
#include <cstring>
#include <map>

namespace serval::pickle
{
namespace
{

constexpr std::size_t maximumDepth = 200'000; // of the stack, against hostile files

Pointer Make(auto value) { return std::make_shared<Value>(Value{ std::move(value) }); }

/// A little stack machine after CPython's pickletools documentation. Only data can come out of it.
class Machine
{
public:
  Machine(std::span<const std::byte> bytes, const std::string & origin)
    : m_Bytes(bytes)
    , m_Origin(origin)
  {}

  Pointer Run()
  {
    for (;;)
    {
      const auto op = static_cast<unsigned char>(Take(1)[0]);
      if (op == '.')
        return Pop();
      const bool known = Number(op) || Text(op) || Container(op) || Memory(op) || Call(op);
      Require(known, Fault::Input, Where(), ": the pickle opcode ", int(op), " is not among those that torch.save writes");
      Require(m_Stack.size() < maximumDepth, Fault::Input, Where(), ": the pickle nests too deeply");
    }
  }
  std::size_t Position() const { return m_At; }

private:
  std::string Where() const { return Concat(m_Origin, ", byte ", m_At); }

  std::span<const std::byte> Take(std::size_t count)
  {
    Require(count <= m_Bytes.size() - m_At, Fault::Input, Where(), ": the pickle is truncated");
    const auto part = m_Bytes.subspan(m_At, count);
    m_At += count;
    return part;
  }

  template <typename T>
  T TakeNumber()
  {
    T value;
    std::memcpy(&value, Take(sizeof(T)).data(), sizeof(T));
    return value;
  }

  std::string TakeText(std::size_t count)
  {
    const auto part = Take(count);
    return { reinterpret_cast<const char *>(part.data()), part.size() };
  }

  std::string TakeLine()
  {
    std::string line;
    for (char letter = TakeText(1)[0]; letter != '\n'; letter = TakeText(1)[0])
      line += letter;
    return line;
  }

  Pointer Pop()
  {
    Require(!m_Stack.empty() && (m_Marks.empty() || m_Stack.size() > m_Marks.back()), Fault::Input, Where(),
            ": the pickle takes a value where none is");
    auto top = std::move(m_Stack.back());
    m_Stack.pop_back();
    return top;
  }

  std::vector<Pointer> PopToMark()
  {
    Require(!m_Marks.empty() && m_Marks.back() <= m_Stack.size(), Fault::Input, Where(), ": the pickle lacks a mark");
    const auto           begin = m_Stack.begin() + static_cast<std::ptrdiff_t>(m_Marks.back());
    std::vector<Pointer> items(begin, m_Stack.end());
    m_Stack.erase(begin, m_Stack.end());
    m_Marks.pop_back();
    return items;
  }

  template <typename T>
  T & Held(const Pointer & value, const char * what)
  {
    T * const held = std::get_if<T>(&value->held);
    Require(held != nullptr, Fault::Input, Where(), ": the pickle has another value where ", what, " is expected");
    return *held;
  }

  bool Push(auto value)
  {
    m_Stack.push_back(Make(std::move(value)));
    return true;
  }

  bool Number(unsigned char op)
  {
    switch (op)
    {
      case 'N': return Push(None{});
      case 0x88: return Push(true);
      case 0x89: return Push(false);
      case 'K': return Push(std::int64_t{ TakeNumber<std::uint8_t>() });
      case 'M': return Push(std::int64_t{ TakeNumber<std::uint16_t>() });
      case 'J': return Push(std::int64_t{ TakeNumber<std::int32_t>() });
      case 'G': // big-endian
      {
        auto bytes = TakeNumber<std::uint64_t>();
        bytes = __builtin_bswap64(bytes);
        return Push(std::bit_cast<double>(bytes));
      }
      case 0x8a: // LONG1: little-endian two's complement of up to 255 bytes
      {
        const auto         part = Take(TakeNumber<std::uint8_t>());
        std::uint64_t      value = !part.empty() && (std::to_integer<int>(part.back()) & 0x80) ? ~0ULL : 0;
        for (std::size_t i = std::min<std::size_t>(part.size(), 8); i-- > 0;)
          value = (value << 8) | std::to_integer<std::uint64_t>(part[i]);
        return Push(static_cast<std::int64_t>(value)); // longer ones are magic numbers: their low part
      }
      default: return false;
    }
  }

  bool Text(unsigned char op)
  {
    switch (op)
    {
      case 'X': return Push(TakeText(TakeNumber<std::uint32_t>()));
      case 'U':
      case 0x8c: return Push(TakeText(TakeNumber<std::uint8_t>()));
      case 'T': return Push(TakeText(TakeNumber<std::uint32_t>()));
      case 'c':
      {
        std::string name = TakeLine();
        name += '.' + TakeLine();
        return Push(Class{ std::move(name) });
      }
      case 0x93: // STACK_GLOBAL
      {
        const auto name = Held<std::string>(Pop(), "a name"), module = Held<std::string>(Pop(), "a module");
        return Push(Class{ module + '.' + name });
      }
      default: return false;
    }
  }

  bool Container(unsigned char op)
  {
    switch (op)
    {
      case '(': m_Marks.push_back(m_Stack.size()); return true;
      case ')':
      case ']': return Push(List{});
      case '}': return Push(Dictionary{});
      case 't':
      case 'l': return Push(List{ PopToMark() });
      case 0x85:
      case 0x86:
      case 0x87:
      {
        List tuple{ std::vector<Pointer>(op - 0x84U) };
        for (auto item = tuple.items.rbegin(); item != tuple.items.rend(); ++item)
          *item = Pop();
        return Push(std::move(tuple));
      }
      case 'a': return Append({ Pop() });
      case 'e': return Append(PopToMark());
      case 's':
      {
        auto value = Pop(), key = Pop();
        return Set({ std::move(key), std::move(value) });
      }
      case 'u': return Set(PopToMark());
      default: return false;
    }
  }

  const Pointer & Top()
  {
    Require(!m_Stack.empty(), Fault::Input, Where(), ": the pickle takes a value where none is");
    return m_Stack.back();
  }

  bool Append(std::vector<Pointer> items)
  {
    auto & list = Held<List>(Top(), "a list").items;
    list.insert(list.end(), items.begin(), items.end());
    return true;
  }

  bool Set(const std::vector<Pointer> & items)
  {
    Require(items.size() % 2 == 0, Fault::Input, Where(), ": the pickle has a key without value");
    auto & dictionary = Held<Dictionary>(Top(), "a dictionary").items;
    for (std::size_t i = 0; i < items.size(); i += 2)
      dictionary.emplace_back(items[i], items[i + 1]);
    return true;
  }

  bool Memory(unsigned char op)
  {
    switch (op)
    {
      case 0x80: Take(1); return true; // PROTO
      case 0x95: Take(8); return true; // FRAME
      case '0': Pop(); return true;
      case 'q': m_Memory[TakeNumber<std::uint8_t>()] = Top(); return true;
      case 'r': m_Memory[TakeNumber<std::uint32_t>()] = Top(); return true;
      case 0x94: m_Memory[static_cast<std::uint32_t>(m_Memory.size())] = Top(); return true;
      case 'h': return Recall(TakeNumber<std::uint8_t>());
      case 'j': return Recall(TakeNumber<std::uint32_t>());
      default: return false;
    }
  }

  bool Recall(std::uint32_t index)
  {
    const auto found = m_Memory.find(index);
    Require(found != m_Memory.end(), Fault::Input, Where(), ": the pickle recalls a value it never stored");
    m_Stack.push_back(found->second);
    return true;
  }

  bool Call(unsigned char op)
  {
    switch (op)
    {
      case 'Q': return PersistentId();
      case 'R': return Reduce();
      case 0x81: // NEWOBJ: a module of TorchScript, or a container subclass; BUILD fills it
        Pop();
        RequireModule(Held<Class>(Pop(), "a class").name);
        return Push(Dictionary{});
      case 'b': return Build();
      default: return false;
    }
  }

  void RequireModule(const std::string & name)
  {
    Require(name.starts_with("__torch__."), Fault::Input, Where(), ": the file makes an object of the class ", name,
            ", which is refused: only tensors and plain containers are read; save the state_dict alone");
  }

  // ("storage", class, key, device, count[, view])
  bool PersistentId()
  {
    const auto   id = Pop();
    const auto & parts = Held<List>(id, "a storage").items;
    Require(parts.size() >= 5 && Held<std::string>(parts[0], "a text") == "storage", Fault::Input, Where(),
            ": the pickle refers to something other than a storage");
    const auto * view = parts.size() > 5 ? &parts[5]->held : nullptr;
    Require(!view || std::holds_alternative<None>(*view), Fault::Input, Where(),
            ": a storage is a view of another one, as PyTorch before 0.4 wrote them; load and save it with a newer PyTorch");
    const std::string type = Held<Class>(parts[1], "a type").name;
    return Push(Storage{ Held<std::string>(parts[2], "a key"), type.substr(type.rfind('.') + 1),
                         Held<std::int64_t>(parts[4], "a count") });
  }

  bool Reduce()
  {
    const auto        arguments = Pop();
    const auto &      items = Held<List>(arguments, "arguments").items;
    const std::string name = Held<Class>(Pop(), "a function").name;
    if (name == "torch._utils._rebuild_tensor_v2" || name == "torch._utils._rebuild_tensor")
      return Push(Rebuild(items));
    if (name == "torch._utils._rebuild_parameter" && !items.empty())
      return Push(Held<Tensor>(items[0], "a tensor"));
    if (name == "collections.OrderedDict")
      return Push(Dictionary{});
    if ((name == "torch.Size" || name.starts_with("torch.jit._pickle.build_")) && items.size() == 1)
      return Push(Held<List>(items[0], "a list"));
    if (name == "torch.jit._pickle.restore_type_tag" && !items.empty())
      return m_Stack.push_back(items[0]), true;
    if (name == "torch.device" && !items.empty())
      return m_Stack.push_back(items[0]), true;
    Fail(Fault::Input, Where(), ": the file calls ", name, ", which is refused: nothing in a weight file is executed");
  }

  std::vector<std::int64_t> Integers(const Pointer & value)
  {
    std::vector<std::int64_t> numbers;
    for (const auto & item : Held<List>(value, "a list of numbers").items)
      numbers.push_back(Held<std::int64_t>(item, "a number"));
    return numbers;
  }

  Tensor Rebuild(const std::vector<Pointer> & items) // storage, offset, shape, strides, ...
  {
    Require(items.size() >= 4, Fault::Input, Where(), ": a tensor has ", items.size(), " parts; at least 4 are expected");
    return { Held<Storage>(items[0], "a storage"), Held<std::int64_t>(items[1], "an offset"), Integers(items[2]), Integers(items[3]) };
  }

  // A module gets its state; attributes set on an OrderedDict (its _metadata) or a tensor say nothing about values.
  bool Build()
  {
    const auto   state = Pop();
    auto * const object = std::get_if<Dictionary>(&Top()->held);
    if (const auto * items = std::get_if<Dictionary>(&state->held); object && items && object->items.empty())
      object->items = items->items;
    return true;
  }

  std::span<const std::byte>       m_Bytes;
  const std::string &              m_Origin;
  std::size_t                      m_At = 0;
  std::vector<Pointer>             m_Stack;
  std::vector<std::size_t>         m_Marks;
  std::map<std::uint32_t, Pointer> m_Memory;
};

} // namespace

Pointer Load(std::span<const std::byte> & bytes, const std::string & origin)
{
  Machine machine(bytes, origin);
  auto    value = machine.Run();
  bytes = bytes.subspan(machine.Position());
  return value;
}

} // namespace serval::pickle
