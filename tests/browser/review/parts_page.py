"""Review's filters and findings, each from its own small page, together on one for a real browser."""

import runpy

from tests.places import ROOT

runpy.run_path(str(ROOT / "tests/pages/ui/review/filters_page.py"))
runpy.run_path(str(ROOT / "tests/pages/ui/review/viewer/findings_page.py"))
