#include "serval/Core/LargeVector.h"

#include <sys/mman.h>

#include <cstdint>

namespace serval
{

void AdviseLargePages(void * begin, std::size_t bytes)
{
  constexpr std::uintptr_t page = 2U << 20;
  const auto               from = (reinterpret_cast<std::uintptr_t>(begin) + page - 1) / page * page;
  const auto               to = (reinterpret_cast<std::uintptr_t>(begin) + bytes) / page * page;
  if (from < to)
    ::madvise(reinterpret_cast<void *>(from), to - from, MADV_HUGEPAGE); // an advice: to be declined is no error
}

} // namespace serval
