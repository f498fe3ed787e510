// libbpf's messages, kept off the terminal.
#pragma once

#include <string>

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
  /** The program named last in a message, or empty. */
  std::string LastProgram() const;

 private:
  friend struct LibbpfPrinter;
  std::string text_;
  LibbpfLog* outer_;
};

}  // namespace tcptrace
