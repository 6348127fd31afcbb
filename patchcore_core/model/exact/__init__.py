"""The kernels of coreset selection and of nearest-neighbour search: exact, by int8 sketches.

Which one runs when:

    coreset   up to coreset.PLAIN_WORK           plain           pick by pick
              above it                           farthest_first  lazy rounds, with inner loops in
                  GPU, no machine code, or up to EAGER_WORK   eager    torch and numpy
                  CPU                                         native   numba; or fused, LLVM, where it runs here
    search    CPU                                search          sketches; inner loops in search_kernels (numba)
                  up to SCAN_WORK                             every pair is measured
                  no machine code                flat_search     FAISS's flat index

`sketch` makes the sketches and multiplies them, `distance` is the final squared distance; `halves` is float16 in
compiled code, `resident` reads rows in mapped files, `compiled` is numba and its cache.

The proof. A sketch shows which pairs of rows can be closer than a known distance, at a tenth of the cost of the
distance. Row x becomes u = (x - c) / unit, where c is any centre and `unit` a power of two, and z = P u, where P is
any matrix of norm at most 1: the identity, or for a large bank its principal directions. z is rounded to s q, where the
codes q are integers in [-127, 127] and s = max |z_i| / 127 belongs to the row; its `error` e is at least |z - s q|.

Let beta = b / unit for a distance b. If |x - y| <= b, then |P (u_x - u_y)| <= beta, and by the triangle inequality
|s_x q_x - s_y q_y| <= beta + e_x + e_y, that is, with n = s^2 |q|^2,

    n_x + n_y - 2 s_x s_y (q_x . q_y) <= (beta + e_x + e_y)^2.                                                 (*)

A pair that violates (*) is farther apart than b. All other pairs are measured in float64 from the differences.
- Coreset: b is a row's distance to its nearest pick so far. A pair with |x - y| >= b changes nothing.
- Search: b is the distance of the k-th nearest row found so far, which is never smaller than the final one. So no
  neighbour is lost, and no row that ties with one.

Rounding, with v = 2^-24. q_x . q_y is an exact integer, or in float32 wrong by at most (D + 2) v |q_x| |q_y|. Since
2 s_x s_y |q_x| |q_y| <= n_x + n_y, the left side of (*) comes out wrong by less than (2 D + 32) v (n_x + n_y), the sums
of D terms in n included, and underflows below 2^-118. The right side is wrong by at most 8 v of it. So with
g = 1 + (64 + 2 D) v, n is stored as n (2 - g) - 2^-118, and e and beta are enlarged by g: what the computed (*)
excludes, the exact one excludes. This also covers the float64 distances, accurate to (D + 2) 2^-53. Before that, e
is the sum of |z - s q| as measured, 8 v |u| for rounding u, z - s q and their sums, and 2^-60 for underflow; with P
also sqrt(r) (T + D / T) v |u|, as the r numbers of P u are summed in parts of T terms. Float16 rows are widened first,
which is exact. An empty place has n = infinity: (*) excludes every pair with it. A query so far away that |u| overflows
has e = infinity: nothing is excluded.

(*) also holds for q = z in float32, s = 1 and |z - s q| = 0: as slow as plain products, as tight as float32 allows.

`fused` was measured against `native` on whole selections, in CPU seconds of one thread (medians of five turns, spread
up to 10 %): 0.81 to 1.45 for 118,000 x 128 with 10 % picked, 0.35 to 0.47 with 1 %, 0.99 to 1.67 for 118,000 x 152 in
float16, 0.78 to 1.17 for 60,000 x 384, 1.01 to 1.17 for 40,000 x 1024: 1.3 to 1.8 times as fast up to 384 dimensions.
"""
