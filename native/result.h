// Errors as values: what the addon hands around until the Node-API boundary.
#pragma once

#include <optional>
#include <string>
#include <utility>
#include <variant>

namespace tcptrace {

/** What the kernel or libbpf refused. */
struct Error {
  std::string step;     ///< "open", "load", "attach" or "read"
  int error = 0;        ///< positive errno
  std::string program;  ///< the BPF program to blame, or empty
  std::string log;      ///< libbpf's and the verifier's last words, or empty
};

/** A value or why there is none. */
template <typename T>
class Result {
 public:
  Result(T value) : held_(std::move(value)) {}
  Result(Error error) : held_(std::move(error)) {}

  bool ok() const { return std::holds_alternative<T>(held_); }
  T& value() { return std::get<T>(held_); }
  Error& error() { return std::get<Error>(held_); }

 private:
  std::variant<T, Error> held_;
};

/** Success, or why not. */
using Status = std::optional<Error>;

}  // namespace tcptrace
