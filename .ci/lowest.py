"""Print the lowest versions that requirement files allow, as constraints for pip: `name>=1.2.0` -> `name==1.2.0`.

`python .ci/lowest.py requirements.txt requirements-dev.txt`; what it prints is what `.ci/lowest` installs and tests.
"""

import re
import sys
from pathlib import Path

LINE = re.compile(r"([A-Za-z0-9._-]+)\s*(>=|==)\s*([^\s;,]+)\s*(;.*)?$")


def lowest(text: str) -> list[str]:
    """One constraint for each requirement in the text of a file; ValueError for one without a lower bound."""
    constraints = []
    for line in filter(None, (line.partition("#")[0].strip() for line in text.splitlines())):
        if line.startswith("-"):
            continue
        if not (found := LINE.match(line)):
            raise ValueError(f"{line}: expected name>=version or name==version")
        name, _, version, marker = found.groups()
        constraints.append(f"{name}=={version}{marker or ''}")
    return constraints


if __name__ == "__main__":
    for name in sys.argv[1:]:
        print("\n".join(lowest(Path(name).read_text(encoding="utf-8"))))
