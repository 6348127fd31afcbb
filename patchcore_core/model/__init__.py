"""The model room, the only one that needs torch.

torch and FAISS each bring an OpenMP pool whose idle threads spin by default, on the same cores: that costs several
times the work itself as soon as anything else runs. Passive waiting must be asked for before either is loaded.
"""

import os

os.environ.setdefault("OMP_WAIT_POLICY", "PASSIVE")
