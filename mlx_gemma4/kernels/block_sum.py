"""Source that several kernels share, for CUDA and for Metal."""

SUMS = """
__device__ inline float warp_sum(float value) {
  // The sum over a warp, for every thread of it.
  for (int step = 16; step > 0; step /= 2) {
    value += __shfl_xor_sync(0xffffffffu, value, step);
  }
  return value;
}

template <int THREADS>
__device__ float block_sum(float value, float* parts) {
  // The sum over a block of THREADS threads, a multiple of 32, for every one of them; parts holds 32 numbers.
  value = warp_sum(value);
  const int warp = threadIdx.x / 32, lane = threadIdx.x % 32;
  __syncthreads();  // of an earlier sum nothing is read any more
  if (lane == 0) {
    parts[warp] = value;
  }
  __syncthreads();
  float total = 0.0f;
  for (int index = 0; index < THREADS / 32; ++index) {
    total += parts[index];
  }
  return total;
}
"""

METAL_BLOCK_SUM = """
template <int THREADS>
inline float block_sum(float value, threadgroup float* parts, uint simd, uint lane) {
  // The same; Metal has no places of its own for a function, so they are handed on.
  value = simd_sum(value);
  threadgroup_barrier(mem_flags::mem_threadgroup);  // of an earlier sum nothing is read any more
  if (lane == 0) {
    parts[simd] = value;
  }
  threadgroup_barrier(mem_flags::mem_threadgroup);
  float total = 0.0f;
  for (int index = 0; index < THREADS / 32; ++index) {
    total += parts[index];
  }
  return total;
}
"""
