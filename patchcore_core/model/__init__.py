"""The algorithm; the only package that needs torch at import.

torch and FAISS each have an OpenMP pool whose idle threads spin by default on the same cores, which costs several times
the work itself as soon as anything else runs. Passive waiting must be set before either is loaded.
"""

import os

os.environ.setdefault("OMP_WAIT_POLICY", "PASSIVE")
