"""Every key of the workspace does one thing, and stands in the list of keys."""

from __future__ import annotations

import json
import re
from collections import Counter
from pathlib import Path

from tests.places import ROOT
from tests.test_scripts import deno

WORKSPACE = ROOT / "patchcore_core" / "views" / "web" / "workspace"
SCRIPT = 'import { KEYS } from "%s/head/keys.js"; console.log(JSON.stringify(KEYS));'


def test_no_key_does_two_things(tmp_path: Path) -> None:
    (tmp_path / "keys.js").write_text(SCRIPT % WORKSPACE.as_uri(), encoding="utf-8")
    done = deno("run", "--quiet", "--no-lock", "--no-remote", "keys.js", within=tmp_path)
    assert done.returncode == 0, done.stderr
    anywhere = next(part for part in json.loads(done.stdout) if part["where"] == "Anywhere")
    listed = Counter(cap for row in anywhere["rows"] for cap in row["caps"])
    assert [cap for cap, times in listed.items() if times > 1] == []
    panels = re.findall(r'key: "(.)"', (WORKSPACE / "parts" / "panels.js").read_text(encoding="utf-8"))
    assert len(panels) == len(set(panels)) > 5
    assert {key.upper() for key in panels} <= set(listed)
