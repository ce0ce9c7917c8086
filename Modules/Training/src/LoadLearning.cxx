#include "serval/Training/Learning.h"

#include "serval/Core/Error.h"

#include <dlfcn.h>

#include <cstdlib>
#include <filesystem>

namespace serval
{

const Learning & LoadLearning()
{
  static const Learning & learning = []() -> const Learning & {
    namespace fs = std::filesystem;
    const fs::path library = fs::read_symlink("/proc/self/exe").parent_path().parent_path() / "lib" / SERVAL_LEARNING_LIBRARY;
    ::setenv("OMP_WAIT_POLICY", "passive", 0); // waiting threads must not spin: on a shared machine that costs 10x
    void *         handle = ::dlopen(library.c_str(), RTLD_NOW | RTLD_LOCAL);
    Require(handle != nullptr, Fault::Environment, "cannot load the learning library: ", handle ? "" : ::dlerror());
    using Entry = const Learning * (*)();
    const auto entry = reinterpret_cast<Entry>(::dlsym(handle, "ServalLearning"));
    Require(entry != nullptr, Fault::Environment, "'", library.string(), "' is not Serval's learning library");
    return *entry();
  }();
  return learning;
}

} // namespace serval
