"""The kernels of coreset selection and of nearest-neighbour search: exact, by int8 sketches.

    coreset   few rows         plain           pick by pick
              else             farthest_first  lazy rounds, whose inner loops are in
                  GPU, or too little work to load machine code for   eager    torch and numpy
                  CPU                                                native   numba; or fused, LLVM, where it runs here
    search    CPU              search          sketches, inner loops in search_kernels (numba)
              no machine code  flat_search     FAISS's flat index

`sketch` holds the proof that no pair is lost; `halves` float16 in machine code, `resident` rows in mapped files,
`compiled` numba and its cache.
"""
