"""Source of `row_attention`, in CUDA's words (`dialects`).

A reader is one query row of one query head. A block of threads has TOGETHER readers of one kv head and one block of the
keys; its warps, which Metal calls simdgroups, take turns at the keys, each with a softmax of its own that is rescaled
as larger scores come, and at the end these are merged. A lane has D / 32 dims side by side. T is the dtype, WINDOW 0
for none, BEHIND whether the new rows are behind a ring.
"""

from __future__ import annotations

HELPERS = """
static constexpr float LOWEST = -3.0e38f;  // instead of an infinity, of which a difference would be no number

template <typename T, int EACH>
__device__ inline void read_plain(const T* row, float* into) {
  for (int dim = 0; dim < EACH; ++dim) {
    into[dim] = static_cast<float>(row[dim]);
  }
}
"""

PLAIN_ROW = ""

PACKED_ROW = """
template <typename T, int EACH, int BITS, int GROUP>
__device__ inline void read_packed(
    const uint32_t* codes, const T* scales, const T* biases, size_t row, int lane, int dims,
    float* into) {
  // A lane's dims lie in one group; lower bits of a word come first.
  constexpr int IN_WORD = 32 / BITS;
  const size_t group = row * (dims / GROUP) + lane * EACH / GROUP;
  const float scale = static_cast<float>(scales[group]), bias = static_cast<float>(biases[group]);
  const uint32_t* words = codes + row * (dims / IN_WORD) + lane * EACH / IN_WORD;
  for (int dim = 0; dim < EACH; ++dim) {
    const int bit = (lane * EACH + dim) % IN_WORD * BITS;
    const int word = (lane * EACH % IN_WORD + dim) / IN_WORD;
    into[dim] = scale * static_cast<float>((words[word] >> bit) & ((1u << BITS) - 1u)) + bias;
  }
}
"""


def attention_body(*, packed: bool, whole: bool) -> str:
    """The kernel's body.

    Args:
        packed: whether keys and values are.
        whole: whether one block of threads has all keys of its readers, so that what it makes is the result.
    """
    shape = "keys_codes_shape" if packed else "keys_shape"
    return (
        _BEGIN % {"shape": shape}
        + _KEYS % {"read_key": _read("keys", packed), "read_value": _read("values", packed)}
        + _MERGE_SIMDGROUPS % {"write": _WRITE_RESULT if whole else _WRITE_PART, "weights": "" if whole else _WEIGHTS}
    )


def _read(name: str, packed: bool) -> str:
    if packed:
        arrays = f"{name}_codes, {name}_scales, {name}_biases"
        return f"read_packed<T, EACH, BITS, GROUP>({arrays}, base + slot, lane, D, row);"
    return f"read_plain<T, EACH>({name} + (base + slot) * D + lane * EACH, row);"


_BEGIN = """
  constexpr int EACH = D / 32, PART = EACH < 4 ? EACH : 4;
  __shared__ float tops[SIMDGROUPS * TOGETHER];
  __shared__ float sums[SIMDGROUPS * TOGETHER];
  __shared__ float shared[SIMDGROUPS * 32 * PART];
  const int lane = threadIdx.x %% 32, simd = threadIdx.x / 32;
  const int place = threadIdx.x;
  const int kv_head = blockIdx.y;
  const int block = blockIdx.z, blocks = gridDim.z;
  const int slots = %(shape)s[1], rows = queries_shape[1], heads = queries_shape[0];
  const int readers = heads / %(shape)s[0] * rows;
  const int reader = blockIdx.x * TOGETHER;
  const int ring = BEHIND ? WINDOW : slots;
  const size_t base = static_cast<size_t>(kv_head) * slots;

  // What each reader sees, and from where to where any of them does.
  int from[TOGETHER], last[TOGETHER];
  int start = first[0] + rows, stop = 0;
  float query[TOGETHER][EACH], sum_of[TOGETHER], top[TOGETHER], total[TOGETHER][EACH];
  for (int each = 0; each < TOGETHER; ++each) {
    const int own = min(reader + each, readers - 1);
    last[each] = first[0] + own %% rows;
    from[each] = WINDOW > 0 ? max(0, last[each] - WINDOW + 1) : 0;
    start = min(start, from[each]);
    stop = max(stop, last[each] + 1);
    top[each] = LOWEST;
    sum_of[each] = 0.0f;
    read_plain<T, EACH>(queries + (static_cast<size_t>(kv_head) * readers + own) * D + lane * EACH, query[each]);
    for (int dim = 0; dim < EACH; ++dim) {
      total[each][dim] = 0.0f;
    }
  }
  const int length = (stop - start + blocks - 1) / blocks;
  const int begin = start + block * length, end = min(stop, begin + length);
"""

_KEYS = """
  for (int position = begin + simd; position < end; position += SIMDGROUPS) {
    const bool is_behind = BEHIND && position >= first[0];
    const size_t slot = is_behind ? WINDOW + position - first[0] : WINDOW > 0 ? position %% ring : position;
    float row[EACH], factor[TOGETHER], weight[TOGETHER];
    %(read_key)s
    for (int each = 0; each < TOGETHER; ++each) {
      float score = 0.0f;
      for (int dim = 0; dim < EACH; ++dim) {
        score += query[each][dim] * row[dim];
      }
      score = warp_sum(score);
      const bool sees = position >= from[each] && position <= last[each];
      const float highest = sees ? max(top[each], score) : top[each];
      factor[each] = __expf(top[each] - highest);
      weight[each] = sees ? __expf(score - highest) : 0.0f;
      top[each] = highest;
      sum_of[each] = sum_of[each] * factor[each] + weight[each];
    }
    %(read_value)s
    for (int each = 0; each < TOGETHER; ++each) {
      for (int dim = 0; dim < EACH; ++dim) {
        total[each][dim] = total[each][dim] * factor[each] + weight[each] * row[dim];
      }
    }
  }
"""

_MERGE_SIMDGROUPS = """
  if (lane == 0) {
    for (int each = 0; each < TOGETHER; ++each) {
      tops[each * SIMDGROUPS + simd] = top[each];
      sums[each * SIMDGROUPS + simd] = sum_of[each];
    }
  }
  __syncthreads();
  for (int each = 0; each < TOGETHER; ++each) {
    float highest = LOWEST, sum = 0.0f;
    for (int other = 0; other < SIMDGROUPS; ++other) {
      highest = max(highest, tops[each * SIMDGROUPS + other]);
    }
    for (int other = 0; other < SIMDGROUPS; ++other) {
      sum += sums[each * SIMDGROUPS + other] * __expf(tops[each * SIMDGROUPS + other] - highest);
    }
    const float scale = __expf(top[each] - highest);
    const bool is_reader = reader + each < readers;
    const size_t own = static_cast<size_t>(kv_head) * readers + reader + each;
    for (int part = 0; part < EACH; part += PART) {
      for (int dim = 0; dim < PART; ++dim) {
        shared[(simd * 32 + lane) * PART + dim] = total[each][part + dim] * scale;
      }
      __syncthreads();
      if (place < 32 * PART && is_reader) {
        float merged = 0.0f;
        for (int other = 0; other < SIMDGROUPS; ++other) {
          merged += shared[other * 32 * PART + place];
        }
        const int dim = place / PART * EACH + part + place %% PART;
        %(write)s
      }
      __syncthreads();
    }
    %(weights)s
  }
"""
_WRITE_RESULT = "out[(own % rows * heads + own / rows) * D + dim] = static_cast<T>(merged / sum);"
_WRITE_PART = "partial[(own * blocks + block) * D + dim] = merged;"
_WEIGHTS = """
    if (place == 0 && is_reader) {
      weights[(own * blocks + block) * 2] = highest;
      weights[(own * blocks + block) * 2 + 1] = sum;
    }
"""

MERGE = """
  const int dim = threadIdx.x, reader = blockIdx.y;
  const int blocks = partial_shape[1];
  const float* own = weights + static_cast<size_t>(reader) * blocks * 2;
  float highest = own[0], sum = 0.0f, merged = 0.0f;
  for (int block = 1; block < blocks; ++block) {
    highest = max(highest, own[block * 2]);
  }
  for (int block = 0; block < blocks; ++block) {
    const float scale = __expf(own[block * 2] - highest);
    sum += own[block * 2 + 1] * scale;
    merged += partial[(static_cast<size_t>(reader) * blocks + block) * D + dim] * scale;
  }
  out[(static_cast<size_t>(reader) % ROWS * HEADS + reader / ROWS) * D + dim] = static_cast<T>(merged / sum);
"""
