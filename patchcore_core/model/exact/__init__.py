"""The kernels of coreset selection and of nearest-neighbour search: exact, by int8 sketches.

    coreset   few rows         plain           pick by pick
              else             farthest_first  lazy rounds, whose inner loops are in
                  GPU, or too little work to load machine code for   eager    torch and numpy
                  CPU                                                native   numba; or fused, LLVM, where it runs here
    search    CPU              search          sketches, inner loops in search_kernels (numba)
              no machine code  flat_search     FAISS's flat index

`sketch` holds the proof that no pair is lost, `distance` the squared distance that decides; `halves` float16 in machine
code, `resident` rows in mapped files, `compiled` numba and its cache.

`fused` was measured against `native` on whole selections, in CPU seconds of one thread (medians of five turns, spread
up to 10 %): 0.81 to 1.45 for 118,000 x 128 with 10 % picked, 0.35 to 0.47 with 1 %, 0.99 to 1.67 for 118,000 x 152 in
float16, 0.78 to 1.17 for 60,000 x 384, 1.01 to 1.17 for 40,000 x 1024: 1.3 to 1.8 times as fast up to 384 dimensions.
"""
