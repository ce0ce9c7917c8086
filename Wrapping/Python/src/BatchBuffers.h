#pragma once

#include "serval/Core/LargeVector.h"

#include <memory>
#include <mutex>
#include <vector>

namespace serval::python
{

/// Memory of batches whose arrays are gone, for the next batches: fresh pages for each would cost more than the reading.
class BatchBuffers
{
public:
  using Buffer = std::vector<float, UninitialisedAllocator<float>>;

  /// `size` numbers of any value.
  static std::unique_ptr<Buffer> Take(std::size_t size)
  {
    const std::lock_guard lock(s_Mutex);
    for (auto buffer = s_Free.begin(); buffer != s_Free.end(); ++buffer)
      if ((*buffer)->capacity() >= size && (*buffer)->capacity() <= 2 * size)
      {
        auto taken = std::move(*buffer);
        s_Free.erase(buffer);
        taken->resize(size);
        return taken;
      }
    return std::make_unique<Buffer>(size);
  }
  static void GiveBack(std::unique_ptr<Buffer> buffer) noexcept
  {
    const std::lock_guard lock(s_Mutex);
    if (buffer->capacity() > largest)
      return;
    if (s_Free.size() == kept)
      s_Free.erase(s_Free.begin()); // the oldest
    s_Free.push_back(std::move(buffer));
  }

private:
  static constexpr std::size_t kept = 2, largest = (64U << 20) / sizeof(float); // so much stays unused at most: 128 MiB
  static inline std::mutex     s_Mutex;
  static inline std::vector<std::unique_ptr<Buffer>> s_Free = [] {
    std::vector<std::unique_ptr<Buffer>> none;
    none.reserve(kept);
    return none;
  }();
};

} // namespace serval::python
