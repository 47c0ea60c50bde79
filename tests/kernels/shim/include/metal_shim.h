// What Metal's standard library has of what our kernels and MLX's use, for clang on a CPU.
//
// Included twice in two ways: as it is, to run; with SHIM_TYPES_ONLY, to have pointers checked for their address spaces.
#pragma once

#include <cmath>
#include <cstddef>
#include <cstdint>
#include <cstring>
#include <limits>

typedef unsigned int uint;
typedef unsigned short ushort;
typedef unsigned char uchar;
typedef _Float16 half;
typedef __bf16 bfloat;

namespace metal {

template <typename T, int N>
using vec = T __attribute__((ext_vector_type(N)));
typedef vec<uint, 2> uint2;
typedef vec<uint, 3> uint3;
typedef vec<float, 2> float2;
typedef vec<float, 4> float4;

}  // namespace metal

#ifndef SHIM_TYPES_ONLY
#include "threads.h"
#endif

#ifdef SHIM_TYPES_ONLY
#define device __attribute__((address_space(1)))
#define constant __attribute__((address_space(2))) const
#define threadgroup __attribute__((address_space(3)))
#else
#define device
#define constant const
#define threadgroup
#endif
#define thread
#define METAL_FUNC inline
#define double Metal_has_no_double

namespace metal {

template <typename T>
struct numeric_limits : std::numeric_limits<T> {};
template <>
struct numeric_limits<half> {
  static constexpr half infinity() { return __builtin_huge_valf16(); }
  static constexpr half max() { return half(65504.0f); }
  static constexpr half min() { return half(6.103515625e-5f); }
};
template <>
struct numeric_limits<bfloat> {
  static constexpr bfloat infinity() { return bfloat(__builtin_huge_valf()); }
  static constexpr bfloat max() { return bfloat(3.38953139e38f); }
  static constexpr bfloat min() { return bfloat(1.17549435e-38f); }
};

template <typename To, typename From>
inline To as_type(From from) {
  static_assert(sizeof(To) == sizeof(From), "as_type wants types of one size");
  To to;
  std::memcpy(&to, &from, sizeof(to));
  return to;
}

#define SHIM_MATH(name, expression)                        \
  inline float name(float x) { return expression; }        \
  inline half name(half x) { return half(name(float(x))); } \
  inline bfloat name(bfloat x) { return bfloat(name(float(x))); }
#define SHIM_ALL_MATH                       \
  SHIM_MATH(exp, ::expf(x))                 \
  SHIM_MATH(exp2, ::exp2f(x))               \
  SHIM_MATH(log, ::logf(x))                 \
  SHIM_MATH(tanh, ::tanhf(x))               \
  SHIM_MATH(sqrt, ::sqrtf(x))               \
  SHIM_MATH(rsqrt, 1.0f / ::sqrtf(x))       \
  SHIM_MATH(cos, ::cosf(x))                 \
  SHIM_MATH(sin, ::sinf(x))                 \
  SHIM_MATH(floor, ::floorf(x))             \
  SHIM_MATH(abs, ::fabsf(x))
SHIM_ALL_MATH
namespace fast { SHIM_ALL_MATH }
namespace precise { SHIM_ALL_MATH }

inline int min(int a, int b) { return a < b ? a : b; }
inline int max(int a, int b) { return a > b ? a : b; }
inline uint min(uint a, uint b) { return a < b ? a : b; }
inline uint max(uint a, uint b) { return a > b ? a : b; }
inline float min(float a, float b) { return ::fminf(a, b); }
inline float max(float a, float b) { return ::fmaxf(a, b); }
inline float fmin(float a, float b) { return ::fminf(a, b); }
inline float fmax(float a, float b) { return ::fmaxf(a, b); }
inline float fabs(float x) { return ::fabsf(x); }
inline float atan2(float y, float x) { return ::atan2f(y, x); }
inline bool isnan(float x) { return x != x; }
inline bool isinf(float x) { return ::fabsf(x) == __builtin_huge_valf(); }
template <typename T>
inline T select(T no, T yes, bool which) {
  return which ? yes : no;
}
inline float fma(float a, float b, float c) { return ::fmaf(a, b, c); }

enum class mem_flags { mem_none = 0, mem_device = 1, mem_threadgroup = 2, mem_device_and_threadgroup = 3 };

#ifdef SHIM_TYPES_ONLY
void threadgroup_barrier(mem_flags);
void simdgroup_barrier(mem_flags);
template <typename T> T simd_sum(T);
template <typename T> T simd_max(T);
template <typename T> T simd_min(T);
template <typename T> T simd_prefix_inclusive_sum(T);
template <typename T> T simd_shuffle(T, ushort);
template <typename T> T simd_shuffle_xor(T, ushort);
template <typename T> T simd_shuffle_down(T, ushort);
template <typename T> T simd_shuffle_up(T, ushort);
template <typename T> T simd_shuffle_and_fill_down(T, T, ushort);
template <typename T> T simd_shuffle_and_fill_up(T, T, ushort);
template <typename T> T simd_broadcast(T, ushort);
template <typename T> T simd_broadcast_first(T);
#endif

}  // namespace metal

#ifndef SHIM_TYPES_ONLY
namespace metal {

inline void threadgroup_barrier(mem_flags, int line = __builtin_LINE()) { shim::wait_at_barrier(line); }
inline void simdgroup_barrier(mem_flags, int line = __builtin_LINE()) { shim::exchange(0, line); }

template <typename T, typename Join>
inline T shim_joined(T value, int line, Join join) {
  // In the order of a tree, as hardware does it, so that sums are rounded alike in all lanes.
  const T* given = shim::exchange(value, line);
  T parts[32];
  const int lanes = shim::lanes_here();
  std::memcpy(parts, given, sizeof(T) * lanes);
  for (int half_way = 16; half_way > 0; half_way /= 2) {
    for (int lane = 0; lane < half_way; ++lane) {
      if (lane + half_way < lanes) {
        parts[lane] = join(parts[lane], parts[lane + half_way]);
      }
    }
  }
  return parts[0];
}

template <typename T>
inline T simd_sum(T value, int line = __builtin_LINE()) {
  return shim_joined(value, line, [](T a, T b) { return T(a + b); });
}
template <typename T>
inline T simd_max(T value, int line = __builtin_LINE()) {
  return shim_joined(value, line, [](T a, T b) { return a > b ? a : b; });
}
template <typename T>
inline T simd_min(T value, int line = __builtin_LINE()) {
  return shim_joined(value, line, [](T a, T b) { return a < b ? a : b; });
}
template <typename T>
inline T simd_prefix_inclusive_sum(T value, int line = __builtin_LINE()) {
  const T* given = shim::exchange(value, line);
  T sum = 0;
  for (int lane = 0; lane <= shim::lane_here(); ++lane) {
    sum += given[lane];
  }
  return sum;
}
template <typename T>
inline T simd_shuffle(T value, ushort from, int line = __builtin_LINE()) {
  return shim::exchange(value, line)[from];
}
template <typename T>
inline T simd_shuffle_xor(T value, ushort mask, int line = __builtin_LINE()) {
  return shim::exchange(value, line)[shim::lane_here() ^ mask];
}
// From other lanes that are so far ahead or behind; past the end MLX's headers only need the names.
template <typename T>
inline T simd_shuffle_down(T value, ushort delta, int line = __builtin_LINE()) {
  return shim::exchange(value, line)[(shim::lane_here() + delta) % 32];
}
template <typename T>
inline T simd_shuffle_up(T value, ushort delta, int line = __builtin_LINE()) {
  return shim::exchange(value, line)[(shim::lane_here() + 32 - delta) % 32];
}
template <typename T>
inline T simd_shuffle_and_fill_down(T value, T fill, ushort delta, int line = __builtin_LINE()) {
  const T other = simd_shuffle_down(value, delta, line);
  return shim::lane_here() + delta < 32 ? other : fill;
}
template <typename T>
inline T simd_shuffle_and_fill_up(T value, T fill, ushort delta, int line = __builtin_LINE()) {
  const T other = simd_shuffle_up(value, delta, line);
  return shim::lane_here() >= delta ? other : fill;
}
template <typename T>
inline T simd_broadcast(T value, ushort from, int line = __builtin_LINE()) {
  return shim::exchange(value, line)[from];
}
template <typename T>
inline T simd_broadcast_first(T value, int line = __builtin_LINE()) {
  return shim::exchange(value, line)[0];
}

}  // namespace metal
#endif
