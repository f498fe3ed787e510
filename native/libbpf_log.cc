#include "libbpf_log.h"

#include <bpf/libbpf.h>

#include <cstdarg>
#include <cstdio>
#include <cstdlib>
#include <cstring>

namespace tcptrace {

namespace {

constexpr size_t kKeepBytes = 64 * 1024;

// libbpf's print callback has no context argument, so each thread has a current log.
thread_local LibbpfLog* current = nullptr;

bool Debugging() {
  const char* debug = getenv("DEBUG");
  return debug != nullptr && strstr(debug, "tcptrace") != nullptr;
}

}  // namespace

struct LibbpfPrinter {
  static int Print(enum libbpf_print_level level, const char* format, va_list args) {
    bool is_debugging = Debugging();
    bool is_kept = current != nullptr && level != LIBBPF_DEBUG;
    if (!is_debugging && !is_kept) return 0;

    char line[4096];
    va_list copy;

    // the verifier log arrives as one message of unlimited length
    va_copy(copy, args);
    int length = vsnprintf(line, sizeof(line), format, copy);
    va_end(copy);
    if (length < 0) return 0;
    std::string text(line);
    if (static_cast<size_t>(length) >= sizeof(line)) {
      text.resize(length + 1);
      vsnprintf(text.data(), text.size(), format, args);
      text.resize(length);
    }
    if (is_debugging) fputs(text.c_str(), stderr);
    if (!is_kept) return 0;
    std::string& kept = current->text_;
    kept += text;
    if (kept.size() > kKeepBytes) kept.erase(0, kept.size() - kKeepBytes);
    return 0;
  }
};

LibbpfLog::LibbpfLog() : outer_(current) {
  libbpf_set_print(LibbpfPrinter::Print);
  current = this;
}

LibbpfLog::~LibbpfLog() { current = outer_; }

void LibbpfLog::Explain(Error* error) const {
  if (error->program.empty()) error->program = LastProgram();
  if (error->log.empty()) error->log = text_;
}

std::string LibbpfLog::LastProgram() const {
  static constexpr char kMark[] = "prog '";
  size_t at = text_.rfind(kMark);
  if (at == std::string::npos) return "";
  at += sizeof(kMark) - 1;
  return text_.substr(at, text_.find('\'', at) - at);
}

}  // namespace tcptrace
