"""The BLAS that `make setup` puts under MLX on Linux gives the products NumPy gives, in every layout MLX asks for."""

import importlib.util
import subprocess
import sys

import numpy as np
import pytest

pytestmark = pytest.mark.skipif(
    importlib.util.find_spec("mlx_fast_blas") is None, reason="only where `make setup` installed the fast BLAS"
)

SHAPES_MNK = [(1, 7, 5), (7, 1, 5), (1, 1, 9), (3, 4, 5), (1, 64, 64), (64, 1, 64), (300, 300, 900)]


@pytest.mark.parametrize("shape", SHAPES_MNK)
@pytest.mark.parametrize("transpose_a", [False, True])
@pytest.mark.parametrize("transpose_b", [False, True])
def test_products_equal_numpy(shape: tuple[int, int, int], transpose_a: bool, transpose_b: bool) -> None:
    import mlx.core as mx

    m, n, k = shape
    rng = np.random.default_rng(m * 1000 + n * 10 + k)
    a = rng.standard_normal((2, k, m) if transpose_a else (2, m, k)).astype(np.float32)
    b = rng.standard_normal((2, n, k) if transpose_b else (2, k, n)).astype(np.float32)
    c = rng.standard_normal((2, m, n)).astype(np.float32)
    a_mx = mx.array(a).swapaxes(-1, -2) if transpose_a else mx.array(a)
    b_mx = mx.array(b).swapaxes(-1, -2) if transpose_b else mx.array(b)
    product = (a.swapaxes(-1, -2) if transpose_a else a) @ (b.swapaxes(-1, -2) if transpose_b else b)
    with mx.stream(mx.cpu):
        np.testing.assert_allclose(np.array(a_mx @ b_mx), product, atol=1e-4)
        scaled = mx.addmm(mx.array(c), a_mx, b_mx, alpha=0.5, beta=2.0)
        np.testing.assert_allclose(np.array(scaled), 2.0 * c + 0.5 * product, atol=1e-4)


def test_a_column_taken_with_a_stride_is_read_right() -> None:
    import mlx.core as mx

    rng = np.random.default_rng(7)
    a, b = rng.standard_normal((6, 5)).astype(np.float32), rng.standard_normal((5, 8)).astype(np.float32)
    with mx.stream(mx.cpu):
        np.testing.assert_allclose(np.array(mx.array(a) @ mx.array(b)[:, 3:4]), a @ b[:, 3:4], atol=1e-5)


def test_the_library_is_opened_by_mlx_and_not_by_a_bare_python() -> None:
    probe = "import sys; {}; print('libmlx_fast_blas' in open('/proc/self/maps').read())"
    for statement, expected in (("pass", "False"), ("import mlx.core", "True")):
        result = subprocess.run(
            [sys.executable, "-c", probe.format(statement)], check=True, capture_output=True, text=True
        )
        assert result.stdout.strip() == expected, result.stderr
