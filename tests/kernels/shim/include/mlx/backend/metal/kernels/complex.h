// As much of MLX's complex numbers as its other headers name.
#pragma once
template <typename T>
struct complex_t {
  T real, imag;
  complex_t() = default;
  complex_t(T r, T i) : real(r), imag(i) {}
};
using complex64_t = complex_t<float>;
