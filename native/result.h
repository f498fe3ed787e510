// Errors as values; LoadError() converts them to exceptions at the Node-API boundary.
#pragma once

#include <optional>
#include <string>
#include <utility>
#include <variant>

namespace tcptrace {

/** An operation that the kernel or libbpf refused. */
struct Error {
  std::string step;     ///< "open", "load", "attach" or "read"
  int error = 0;        ///< positive errno
  std::string program;  ///< BPF program at fault, or empty
  std::string log;      ///< messages of libbpf and the verifier, or empty
};

/** A value or an error. */
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

/** nullopt on success. */
using Status = std::optional<Error>;

}  // namespace tcptrace
