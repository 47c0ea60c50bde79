// Reads what a kernel is given from a file, runs it, and writes what it made into another.
//
// The file: seed, grid and threadgroup (3 numbers each), number of buffers, then for each its kind (0 is given, 1 is
// made), its size in bytes and, where given, its bytes; all numbers are 64-bit.
#pragma once

namespace shim {

inline std::vector<char*> buffers;

inline void on_signal(int) {
  const char text[] = "fault: a thread touched memory outside of a buffer\n";
  ssize_t written = write(2, text, sizeof(text) - 1);
  std::_Exit(written > 0 ? 4 : 5);
}

inline uint64_t number(FILE* file) {
  uint64_t value = 0;
  if (std::fread(&value, 8, 1, file) != 1) fault("the file of inputs is too short");
  return value;
}

inline int main_of(char** arguments, std::function<void()> kernel) {
  static char alternate[64 * 1024];
  stack_t stack = {};
  stack.ss_sp = alternate;
  stack.ss_size = sizeof(alternate);
  sigaltstack(&stack, nullptr);
  struct sigaction action = {};
  action.sa_handler = on_signal;
  action.sa_flags = SA_ONSTACK;
  sigaction(SIGSEGV, &action, nullptr);
  sigaction(SIGBUS, &action, nullptr);

  FILE* file = std::fopen(arguments[1], "rb");
  if (!file) fault("there is no file of inputs");
  random_state = number(file) * 2 + 0x9e3779b97f4a7c15u;
  for (Triple* triple : {&grid, &threadgroup_size})
    for (uint32_t* part : {&triple->x, &triple->y, &triple->z}) *part = uint32_t(number(file));
  std::vector<std::pair<char*, size_t>> made;
  for (uint64_t left = number(file); left > 0; --left) {
    const bool is_made = number(file) == 1;
    const size_t bytes = number(file);
    char* memory = guarded(bytes);
    if (is_made) {
      made.push_back({memory, bytes});
    } else if (bytes && std::fread(memory, bytes, 1, file) != 1) {
      fault("the file of inputs is too short");
    }
    buffers.push_back(memory);
  }
  std::fclose(file);
  body = std::move(kernel);
  run_grid();
  FILE* out = std::fopen(arguments[2], "wb");
  for (const auto& [memory, bytes] : made) {
    if (std::fwrite(memory, 1, bytes, out) != bytes) fault("the results could not be written");
  }
  return std::fclose(out);
}

}  // namespace shim

#undef double
// libgcc has no such conversion before version 13: to nearest, ties to even.
extern "C" __bf16 __truncsfbf2(float value) {
  uint32_t whole;
  std::memcpy(&whole, &value, 4);
  const bool is_nan = (whole & 0x7fffffffu) > 0x7f800000u;
  const uint16_t bits = uint16_t(is_nan ? (whole >> 16) | 0x40 : (whole + 0x7fff + ((whole >> 16) & 1)) >> 16);
  __bf16 made;
  std::memcpy(&made, &bits, 2);
  return made;
}
