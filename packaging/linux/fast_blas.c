/* cblas_sgemm for MLX on Linux: the one hot symbol of the wheel's reference BLAS, answered by OpenBLAS.
 *
 * libmlx looks cblas_sgemm up among the process's global symbols first, so a library opened with RTLD_GLOBAL before
 * mlx.core takes the call. OpenBLAS itself stays local (opened here by path): the wheels of SciPy carry a copy of it
 * with the same symbol names, which must keep calling their own.
 *
 * Two things are added to plain forwarding. A product with one row or one column (every linear layer of a decode step)
 * goes to sgemv, which reads the matrix once at memory speed; sgemm would copy it into tiles first. And the number of
 * threads is chosen per call: only products that last about a millisecond are worth waking other threads for, and on a
 * busy machine a shorter one can wait many times its own length for them. sgemv gains nothing from a second thread.
 */
#include <dlfcn.h>

enum { ROW_MAJOR = 101, NO_TRANS = 111, TRANS = 112 };

typedef void sgemm_t(int, int, int, int, int, int, float, const float *, int, const float *, int, float, float *, int);
typedef void sgemv_t(int, int, int, int, float, const float *, int, const float *, int, float, float *, int);
typedef void set_threads_t(int);

static sgemm_t *sgemm;
static sgemv_t *sgemv;
static set_threads_t *set_threads;
static int max_threads = 1;
static int now_threads = 0; /* two MLX streams at once may race for it: then a product runs on the other's number */

static const double THREADED_FROM = 64e6; /* multiply-adds in one product: 1 ms of one thread at 64 per ns */

/* Opens OpenBLAS at `path`, to use at most `threads`; 0 when every symbol was found. Called before MLX is imported. */
int fast_blas_open(const char *path, int threads)
{
    void *library = dlopen(path, RTLD_NOW | RTLD_LOCAL);
    if (!library)
        return 1;
    sgemm = (sgemm_t *)dlsym(library, "scipy_cblas_sgemm");
    sgemv = (sgemv_t *)dlsym(library, "scipy_cblas_sgemv");
    set_threads = (set_threads_t *)dlsym(library, "scipy_openblas_set_num_threads");
    if (!(sgemm && sgemv && set_threads))
        return 1;
    max_threads = threads;
    return 0;
}

static void use_threads(int wanted)
{
    if (wanted != now_threads)
        set_threads(now_threads = wanted);
}

void cblas_sgemm(int order, int trans_a, int trans_b, int m, int n, int k, float alpha, const float *a, int lda,
                 const float *b, int ldb, float beta, float *c, int ldc)
{
    if (order == ROW_MAJOR && m == 1 && (trans_a == NO_TRANS || lda == 1)) {
        /* c[n] = op(B)^T a[k]; B is stored [n, k] when transposed, else [k, n]. */
        use_threads(1);
        if (trans_b == NO_TRANS)
            sgemv(ROW_MAJOR, TRANS, k, n, alpha, b, ldb, a, 1, beta, c, 1);
        else
            sgemv(ROW_MAJOR, NO_TRANS, n, k, alpha, b, ldb, a, 1, beta, c, 1);
    } else if (order == ROW_MAJOR && n == 1 && trans_a == NO_TRANS) {
        /* c[m] = A b[k]; a column steps by its matrix's row length. */
        use_threads(1);
        sgemv(ROW_MAJOR, NO_TRANS, m, k, alpha, a, lda, b, trans_b == NO_TRANS ? ldb : 1, beta, c, ldc);
    } else {
        use_threads((double)m * n * k >= THREADED_FROM ? max_threads : 1);
        sgemm(order, trans_a, trans_b, m, n, k, alpha, a, lda, b, ldb, beta, c, ldc);
    }
}
