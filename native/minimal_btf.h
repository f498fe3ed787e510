// Extracts the kernel types that a BPF object needs.
#pragma once

#include <cstdint>
#include <optional>
#include <string_view>
#include <unordered_set>
#include <vector>

#include "kernel_btf.h"

struct btf;

namespace tcptrace {

using NameSet = std::unordered_set<std::string_view>;

/** Returns the names of all types in an object's BTF, a superset of the kernel types it relocates against. */
NameSet TypeNames(const struct btf* btf);

/**
 * Builds a BTF file with the kernel's types of these names and the types of their members. Ids differ from
 * the kernel's, and pointers become pointers to void. libbpf relocates against it much faster than against
 * the kernel's 100,000 types, which it would copy and search once per name.
 *
 * @return nullopt if the kernel's BTF is broken or has a kind that this code does not know
 */
std::optional<std::vector<char>> MinimalBtf(const KernelBtf& kernel, const NameSet& names);

/** Returns the BTF id of a kernel function, or 0. */
uint32_t FindFunction(const KernelBtf& kernel, std::string_view name);

}  // namespace tcptrace
