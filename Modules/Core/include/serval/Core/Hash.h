#pragma once

#include <cstddef>
#include <cstdint>
#include <filesystem>
#include <span>
#include <string>
#include <string_view>

namespace serval
{

/// XXH3, 64 bits: checksums and derived seeds, not security.
std::uint64_t FastHash(std::span<const std::byte> bytes);

/// XXH3, 128 bits, as 32 hexadecimal digits: content keys.
std::string ContentHash(std::span<const std::byte> bytes);

/// SHA-256 as 64 hexadecimal digits.
std::string Sha256(std::string_view text);
std::string Sha256OfFile(const std::filesystem::path & file);

/// HMAC-SHA-256 of `text` under `key`, as 64 hexadecimal digits: pseudonyms.
std::string KeyedHash(std::string_view key, std::string_view text);

} // namespace serval
