// libbpf's messages, kept off the terminal.
#pragma once

#include <string>

#include "result.h"

namespace tcptrace {

/**
 * While it lives, what libbpf prints on this thread is kept here (the last
 * 64 KiB). With DEBUG=tcptrace* in the environment it goes to stderr as well.
 */
class LibbpfLog {
 public:
  LibbpfLog();
  ~LibbpfLog();
  LibbpfLog(const LibbpfLog&) = delete;
  LibbpfLog& operator=(const LibbpfLog&) = delete;

  const std::string& text() const { return text_; }
  /** Adds what was said last to an error that does not say more itself. */
  void Explain(Error* error) const;

 private:
  /** The program named last in a message, or empty. */
  std::string LastProgram() const;

  friend struct LibbpfPrinter;
  std::string text_;
  LibbpfLog* outer_;
};

}  // namespace tcptrace
