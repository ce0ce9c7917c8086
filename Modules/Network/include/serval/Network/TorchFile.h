#pragma once

#include "serval/Core/TensorFile.h"

#include <filesystem>
#include <map>
#include <string>

namespace serval
{

/// The arrays of a PyTorch file as float32, named by the keys that lead to them, joined by dots ("state_dict.conv.weight").
struct TorchFile
{
  enum class Kind
  {
    Zip,        ///< torch.save since 1.6
    Legacy,     ///< torch.save before 1.6: pickles, then raw storages
    TorchScript ///< torch.jit.save: only its tensors are taken
  };
  Kind                                     kind = Kind::Zip;
  std::map<std::string, TensorFile::Array> arrays;

  /// Reads .pth, .pt and .th without executing anything: the pickle may hold containers, numbers, texts and tensors (on
  /// any device), and of classes only those that torch.save writes for them. Fault::Input names the byte, opcode or
  /// class that is refused, and a truncated or foreign file.
  static TorchFile Read(const std::filesystem::path & file);
};

} // namespace serval
