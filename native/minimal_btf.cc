#include "minimal_btf.h"

#include <bpf/btf.h>

#include <bitset>
#include <cstring>
#include <unordered_map>

namespace tcptrace {

namespace {

constexpr size_t kUnknown = SIZE_MAX;
constexpr size_t kTypicalSize = 24;  // average bytes of a type, to reserve memory

// Size in bytes of the data that follows `struct btf_type`.
size_t TailSize(const struct btf_type* type) {
  switch (btf_kind(type)) {
    case BTF_KIND_PTR:
    case BTF_KIND_FWD:
    case BTF_KIND_TYPEDEF:
    case BTF_KIND_VOLATILE:
    case BTF_KIND_CONST:
    case BTF_KIND_RESTRICT:
    case BTF_KIND_FUNC:
    case BTF_KIND_FLOAT:
    case BTF_KIND_TYPE_TAG:
      return 0;
    case BTF_KIND_INT:
    case BTF_KIND_VAR:
    case BTF_KIND_DECL_TAG:
      return sizeof(uint32_t);
    case BTF_KIND_ARRAY:
      return sizeof(struct btf_array);
    case BTF_KIND_STRUCT:
    case BTF_KIND_UNION:
      return btf_vlen(type) * sizeof(struct btf_member);
    case BTF_KIND_ENUM:
      return btf_vlen(type) * sizeof(struct btf_enum);
    case BTF_KIND_ENUM64:
      return btf_vlen(type) * sizeof(struct btf_enum64);
    case BTF_KIND_FUNC_PROTO:
      return btf_vlen(type) * sizeof(struct btf_param);
    case BTF_KIND_DATASEC:
      return btf_vlen(type) * sizeof(struct btf_var_secinfo);
    default:
      return kUnknown;
  }
}

// True for the kinds of types that a CO-RE relocation can refer to.
bool IsRelocatable(const struct btf_type* type) {
  switch (btf_kind(type)) {
    case BTF_KIND_STRUCT:
    case BTF_KIND_UNION:
    case BTF_KIND_ENUM:
    case BTF_KIND_ENUM64:
    case BTF_KIND_TYPEDEF:
      return true;
    default:
      return false;
  }
}

/** Calls `visit` with each type and its id; returns false at a truncated type or one of unknown kind. */
template <typename Visit>
bool ForEachType(std::string_view types, Visit visit) {
  uint32_t id = 1;
  for (size_t at = 0; at < types.size(); id++) {
    if (types.size() - at < sizeof(struct btf_type)) return false;
    auto* type = reinterpret_cast<const struct btf_type*>(types.data() + at);
    size_t tail = TailSize(type);
    at += sizeof(struct btf_type);
    if (tail > types.size() - at) return false;
    at += tail;
    visit(type, id);
  }
  return true;
}

// Rejects most of the kernel's names by their first two bytes, before the costlier set lookup.
class PrefixFilter {
 public:
  explicit PrefixFilter(const NameSet& names) {
    for (std::string_view name : names) known_.set(PrefixOf(name.data()));
  }
  bool Has(const char* name) const { return known_.test(PrefixOf(name)); }

 private:
  static uint16_t PrefixOf(const char* name) {
    uint16_t two = 0;
    memcpy(&two, name, *name == '\0' ? 1 : 2);
    return two;
  }

  std::bitset<1 << 16> known_;
};

// Copies chosen types, and the types of their members, to a new BTF file.
class MinimalBtfBuilder {
 public:
  explicit MinimalBtfBuilder(const KernelBtf& kernel) : names_(kernel.strings()), all_{nullptr} {
    all_.reserve(1 + kernel.types().size() / kTypicalSize);
  }

  /** Chooses the types with these names; returns false if `types` is malformed. */
  bool Choose(std::string_view types, const NameSet& names) {
    PrefixFilter prefixes(names);
    return ForEachType(types, [&](const struct btf_type* type, uint32_t id) {
      all_.push_back(type);
      if (!IsRelocatable(type)) return;
      const char* name = Name(type->name_off);
      if (prefixes.Has(name) && names.count(name)) Add(id);
    });
  }

  /**
   * Returns the file's contents; nullopt if the kernel's BTF is broken. Copying a type chooses the types of
   * its members, which are copied in turn.
   */
  std::optional<std::vector<char>> Write() {
    for (size_t i = 0; i < chosen_.size(); i++) Copy(all_[chosen_[i]]);
    if (is_broken_) return std::nullopt;
    struct btf_header header = {};
    header.magic = BTF_MAGIC;
    header.version = BTF_VERSION;
    header.hdr_len = sizeof(header);
    header.type_len = types_.size();
    header.str_off = types_.size();
    header.str_len = strings_.size();
    std::vector<char> file(reinterpret_cast<char*>(&header), reinterpret_cast<char*>(&header + 1));
    file.insert(file.end(), types_.begin(), types_.end());
    file.insert(file.end(), strings_.begin(), strings_.end());
    return file;
  }

 private:
  const char* Name(uint32_t offset) {
    if (offset < names_.size()) return names_.data() + offset;
    is_broken_ = true;
    return "";
  }

  /** Chooses a type of the kernel; returns its id in the new file. */
  uint32_t Add(uint32_t id) {
    auto [known, is_new] = new_ids_.try_emplace(id, chosen_.size() + 1);
    if (is_new) chosen_.push_back(id);
    return known->second;
  }

  /** Like Add(), for a type that a chosen type refers to; returns 0 (void) for function prototypes. */
  uint32_t Refer(uint32_t id) {
    if (id >= all_.size()) is_broken_ = true;
    if (id == 0 || is_broken_ || btf_kind(all_[id]) == BTF_KIND_FUNC_PROTO) return 0;
    return Add(id);
  }

  uint32_t AddName(uint32_t offset) {
    if (offset == 0) return 0;
    uint32_t at = strings_.size();
    strings_.append(Name(offset)).push_back('\0');
    return at;
  }

  template <typename Entry>
  void RenameAll(Entry* entries, size_t count) {
    for (size_t i = 0; i < count; i++) entries[i].name_off = AddName(entries[i].name_off);
  }

  void Copy(const struct btf_type* original) {
    size_t at = types_.size();
    size_t size = sizeof(*original) + TailSize(original);
    types_.append(reinterpret_cast<const char*>(original), size);
    auto* type = reinterpret_cast<struct btf_type*>(types_.data() + at);
    type->name_off = AddName(type->name_off);
    switch (btf_kind(type)) {
      case BTF_KIND_TYPEDEF:
      case BTF_KIND_VOLATILE:
      case BTF_KIND_CONST:
      case BTF_KIND_RESTRICT:
      case BTF_KIND_TYPE_TAG:
        type->type = Refer(type->type);
        break;
      case BTF_KIND_PTR:
        type->type = 0;
        break;
      case BTF_KIND_ARRAY:
        btf_array(type)->type = Refer(btf_array(type)->type);
        btf_array(type)->index_type = Refer(btf_array(type)->index_type);
        break;
      case BTF_KIND_STRUCT:
      case BTF_KIND_UNION:
        RenameAll(btf_members(type), btf_vlen(type));
        for (size_t i = 0; i < btf_vlen(type); i++)
          btf_members(type)[i].type = Refer(btf_members(type)[i].type);
        break;
      case BTF_KIND_ENUM:
        RenameAll(btf_enum(type), btf_vlen(type));
        break;
      case BTF_KIND_ENUM64:
        RenameAll(btf_enum64(type), btf_vlen(type));
        break;
      default:
        break;
    }
  }

  std::string_view names_;
  std::vector<const struct btf_type*> all_;         // kernel types by id
  std::vector<uint32_t> chosen_;                    // kernel ids; new id = index + 1
  std::unordered_map<uint32_t, uint32_t> new_ids_;  // kernel id -> new id
  std::string types_;
  std::string strings_ = std::string(1, '\0');
  bool is_broken_ = false;
};

}  // namespace

NameSet TypeNames(const struct btf* btf) {
  NameSet names;
  for (uint32_t id = 1; id < btf__type_cnt(btf); id++) {
    const struct btf_type* type = btf__type_by_id(btf, id);
    if (IsRelocatable(type) && type->name_off != 0) names.insert(btf__name_by_offset(btf, type->name_off));
  }
  return names;
}

std::optional<std::vector<char>> MinimalBtf(const KernelBtf& kernel, const NameSet& names) {
  MinimalBtfBuilder builder(kernel);
  if (!builder.Choose(kernel.types(), names)) return std::nullopt;
  return builder.Write();
}

uint32_t FindFunction(const KernelBtf& kernel, std::string_view name) {
  std::string quoted(1, '\0');
  quoted.append(name).push_back('\0');
  size_t before = kernel.strings().find(quoted);
  uint32_t found = 0;
  if (before == std::string_view::npos) return found;
  ForEachType(kernel.types(), [&](const struct btf_type* type, uint32_t id) {
    if (type->name_off == before + 1 && btf_is_func(type)) found = id;
  });
  return found;
}

}  // namespace tcptrace
