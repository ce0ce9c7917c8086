#include "LoadLibrary.h"

#include "serval/Core/Error.h"

#include <dlfcn.h>

#include <filesystem>
#include <vector>

namespace serval
{

namespace fs = std::filesystem;

void * FunctionOfLibrary(const char * library, const char * function)
{
  std::error_code       ignored;
  std::vector<fs::path> places{ fs::read_symlink("/proc/self/exe", ignored).parent_path().parent_path() / "lib" };
  Dl_info               self{};
  if (::dladdr(reinterpret_cast<void *>(&FunctionOfLibrary), &self) != 0 && self.dli_fname)
    for (const char * folder : { "", "lib", "../lib" })
      places.push_back(fs::path(self.dli_fname).parent_path() / folder);
  void * handle = nullptr;
  for (const auto & place : places)
    if (!handle && fs::exists(place / library, ignored))
      handle = ::dlopen((place / library).c_str(), RTLD_NOW | RTLD_LOCAL);
  if (!handle)
    handle = ::dlopen(library, RTLD_NOW | RTLD_LOCAL);
  Require(handle != nullptr, Fault::Environment, "cannot load the library: ", handle ? "" : ::dlerror());
  void * address = ::dlsym(handle, function);
  Require(address != nullptr, Fault::Environment, "'", library, "' is not Serval's: it has no ", function);
  return address;
}

} // namespace serval
