// The few types of the kernel that a BPF object needs.
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

/** Names of the types that an object's BTF describes: what it reads of the kernel is among them. */
NameSet TypeNames(const struct btf* btf);

/**
 * A BTF file of the kernel's types with these names and of what they consist of, with other ids than the
 * kernel's; pointers point to void. libbpf relocates by it as by all 100,000 types, which it would copy and
 * search for each name.
 *
 * @return nothing where the kernel's BTF is broken, or of a kind that is not known
 */
std::optional<std::vector<char>> MinimalBtf(const KernelBtf& kernel, const NameSet& names);

/** The kernel's id of a function that is in its BTF; 0: there is none. */
uint32_t FindFunction(const KernelBtf& kernel, std::string_view name);

}  // namespace tcptrace
