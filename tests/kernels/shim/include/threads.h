// Runs a kernel's threadgroups one after the other: every thread is a fiber, and a simdgroup of 32 goes in lockstep.
//
// A simdgroup runs in rounds. In a round each lane runs until it comes to a simd operation, to a barrier or to its end,
// and all have to come to the same one: otherwise lanes have diverged, which is a fault. Simdgroups run until a barrier;
// the orders of lanes, simdgroups and threadgroups are drawn from a seed. Threadgroup memory is filled with NaN before
// each threadgroup and lies before a page that nobody may touch.
#pragma once

#include <setjmp.h>
#include <signal.h>
#include <sys/mman.h>
#include <ucontext.h>
#include <unistd.h>

#include <cstdio>
#include <cstdlib>
#include <functional>
#include <map>
#include <vector>

namespace shim {

constexpr size_t kStack = 64 * 1024, kThreadgroupMemory = 32 * 1024;
constexpr int kMostThreads = 1024;
enum Event { kSimd, kBarrier, kEnd };

struct Triple {
  uint32_t x = 1, y = 1, z = 1;
  size_t all() const { return size_t(x) * y * z; }
};
struct Fiber {
  jmp_buf resume;
  ucontext_t start;
  bool started = false;
  Event event = kEnd;
  int line = 0;
};
struct Simdgroup {
  int lanes = 32, came = 0, first = 0, stride = 1, phase = 0;
  alignas(16) char slots[2][32 * 16];
};

inline std::vector<Fiber> fibers;
inline std::vector<Simdgroup> simdgroups;
inline int current = 0;  // the thread that runs
inline jmp_buf scheduler;
inline ucontext_t scheduler_context;
inline std::function<void()> body;
inline Triple grid, threadgroup_size, size_here, threadgroup_at, threadgroups;
inline uint64_t random_state = 1;

[[noreturn]] inline void fault(const char* what, int line = 0) {
  std::fprintf(stderr, "fault: %s", what);
  if (line) std::fprintf(stderr, " (line %d)", line);
  std::fprintf(stderr, "\n");
  std::_Exit(3);
}

inline uint32_t draw(uint32_t below) {
  random_state ^= random_state << 13;
  random_state ^= random_state >> 7;
  random_state ^= random_state << 17;
  return uint32_t(random_state >> 33) % below;
}

inline int lane_here() { return current % 32; }
inline int lanes_here() { return simdgroups[current / 32].lanes; }

// Memory that ends where a page begins that must not be touched, filled with NaN.
inline char* guarded(size_t bytes) {
  const size_t page = size_t(sysconf(_SC_PAGESIZE)), pages = (bytes + page - 1) / page * page;
  char* whole = (char*)mmap(nullptr, pages + 2 * page, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);
  if (whole == MAP_FAILED) fault("no memory");
  std::memset(whole + page, 0xff, pages);
  mprotect(whole, page, PROT_NONE);
  mprotect(whole + page + pages, page, PROT_NONE);
  return whole + page + pages - bytes;
}

struct Shared {
  char* memory;
  size_t bytes;
};
inline std::map<int, Shared> shared_arrays;

template <typename T, size_t N, int ID>
inline auto shared_array() -> T (&)[N] {
  static T* memory = [] {
    size_t all = sizeof(T) * N;
    for (const auto& [_, other] : shared_arrays) all += other.bytes;
    if (all > kThreadgroupMemory) fault("more than 32,768 bytes of threadgroup memory");
    char* made = guarded(sizeof(T) * N);
    shared_arrays[ID] = {made, sizeof(T) * N};
    return (T*)made;
  }();
  return *(T(*)[N])memory;
}

inline int thread_of(int group, int place) {
  const Simdgroup& simd = simdgroups[group];
  return group * 32 + (simd.first + place * simd.stride) % simd.lanes;
}

inline void new_order(Simdgroup& simd) {
  simd.came = 0;
  simd.first = int(draw(uint32_t(simd.lanes)));
  simd.stride = simd.lanes == 32 ? int(draw(16)) * 2 + 1 : 1;
}

inline void run(int thread_index) {
  current = thread_index;
  Fiber& fiber = fibers[thread_index];
  if (!fiber.started) {
    fiber.started = true;
    setcontext(&fiber.start);
  }
  _longjmp(fiber.resume, 1);
}

// All lanes have come to something: they go on, or the simdgroup rests at a barrier or its end.
inline void end_of_round(int group) {
  Simdgroup& simd = simdgroups[group];
  const Fiber& one = fibers[group * 32];
  for (int lane = 1; lane < simd.lanes; ++lane) {
    const Fiber& other = fibers[group * 32 + lane];
    if (other.event != one.event || other.line != one.line) {
      fault("lanes of a simdgroup have diverged before a simd operation or a barrier", one.line ? one.line : other.line);
    }
  }
  new_order(simd);
  if (one.event != kSimd) _longjmp(scheduler, 1);
  simd.phase ^= 1;
  run(thread_of(group, 0));
}

inline void next_lane() {
  const int group = current / 32;
  if (++simdgroups[group].came == simdgroups[group].lanes) end_of_round(group);
  run(thread_of(group, simdgroups[group].came));
}

inline void wait_for(Event event, int line) {
  Fiber& me = fibers[current];
  me.event = event;
  me.line = line;
  if (!_setjmp(me.resume)) next_lane();
}

inline void wait_at_barrier(int line) { wait_for(kBarrier, line); }

// Gives a lane's value to the others; returns those of all lanes, which stay until the operation after the next.
template <typename T>
inline const T* exchange(T value, int line) {
  static_assert(sizeof(T) <= 16, "a value of one lane");
  char* slots = simdgroups[current / 32].slots[simdgroups[current / 32].phase];
  std::memcpy(slots + sizeof(T) * size_t(lane_here()), &value, sizeof(T));
  wait_for(kSimd, line);
  return (const T*)slots;
}

inline void fiber_main() {
  for (;;) {
    body();
    wait_for(kEnd, 0);
  }
}

inline void make_fibers(size_t count) {
  const size_t page = size_t(sysconf(_SC_PAGESIZE));
  fibers.resize(count);
  for (Fiber& fiber : fibers) {
    char* stack = (char*)mmap(nullptr, kStack + page, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);
    if (stack == MAP_FAILED) fault("no memory");
    mprotect(stack, page, PROT_NONE);
    getcontext(&fiber.start);
    fiber.start.uc_stack.ss_sp = stack + page;
    fiber.start.uc_stack.ss_size = kStack;
    fiber.start.uc_link = nullptr;
    makecontext(&fiber.start, fiber_main, 0);
  }
}

template <typename T>
inline void shuffle(std::vector<T>& order) {
  for (size_t last = order.size(); last > 1; --last) std::swap(order[last - 1], order[draw(uint32_t(last))]);
}

inline void run_threadgroup() {
  const int count = int(size_here.all()), groups = (count + 31) / 32;
  for (auto& [_, array] : shared_arrays) std::memset(array.memory, 0xff, array.bytes);
  std::vector<int> order;
  for (int group = 0; group < groups; ++group) {
    simdgroups[group].lanes = count - group * 32 < 32 ? count - group * 32 : 32;
    new_order(simdgroups[group]);
    order.push_back(group);
  }
  for (;;) {
    shuffle(order);
    static volatile int place;
    for (place = 0; place < groups; place = place + 1) {
      if (!_setjmp(scheduler)) run(thread_of(order[size_t(place)], 0));
    }
    for (int group = 1; group < groups; ++group) {
      if (fibers[group * 32].event != fibers[0].event || fibers[group * 32].line != fibers[0].line) {
        fault("simdgroups wait at different barriers, or one has ended", fibers[0].line);
      }
    }
    if (fibers[0].event == kEnd) return;
  }
}

inline void run_grid() {
  if (threadgroup_size.all() > kMostThreads) fault("more than 1,024 threads in a threadgroup");
  make_fibers(threadgroup_size.all());
  simdgroups.resize((threadgroup_size.all() + 31) / 32);
  const auto parts = [](uint32_t all, uint32_t each) { return (all + each - 1) / each; };
  threadgroups = {parts(grid.x, threadgroup_size.x), parts(grid.y, threadgroup_size.y), parts(grid.z, threadgroup_size.z)};
  std::vector<Triple> places;
  for (uint32_t z = 0; z < threadgroups.z; ++z)
    for (uint32_t y = 0; y < threadgroups.y; ++y)
      for (uint32_t x = 0; x < threadgroups.x; ++x) places.push_back({x, y, z});
  shuffle(places);
  const auto left = [](uint32_t all, uint32_t each, uint32_t at) { return all - at * each < each ? all - at * each : each; };
  for (const Triple& at : places) {
    threadgroup_at = at;
    size_here = {left(grid.x, threadgroup_size.x, at.x), left(grid.y, threadgroup_size.y, at.y),
                 left(grid.z, threadgroup_size.z, at.z)};
    run_threadgroup();
  }
}

// Where the thread that runs is, by the names of Metal's attributes.
struct Here {
  static metal::uint3 triple(const Triple& t) { return {t.x, t.y, t.z}; }
  static metal::uint3 thread_position_in_threadgroup() {
    const uint32_t at = uint32_t(current);
    return {at % size_here.x, at / size_here.x % size_here.y, at / size_here.x / size_here.y};
  }
  static metal::uint3 thread_position_in_grid() {
    const metal::uint3 base = {threadgroup_at.x * threadgroup_size.x, threadgroup_at.y * threadgroup_size.y,
                               threadgroup_at.z * threadgroup_size.z};
    return base + thread_position_in_threadgroup();
  }
  static metal::uint3 threadgroup_position_in_grid() { return triple(threadgroup_at); }
  static metal::uint3 threadgroups_per_grid() { return triple(threadgroups); }
  static metal::uint3 threads_per_threadgroup() { return triple(size_here); }
  static metal::uint3 threads_per_grid() { return triple(grid); }
  static uint thread_index_in_threadgroup() { return uint(current); }
  static uint simdgroup_index_in_threadgroup() { return uint(current / 32); }
  static uint thread_index_in_simdgroup() { return uint(current % 32); }
  static uint simdgroups_per_threadgroup() { return uint((size_here.all() + 31) / 32); }
};

}  // namespace shim
