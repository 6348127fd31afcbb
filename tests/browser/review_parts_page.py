"""Review's filters and findings, each from its own small page, together on one for a real browser."""

import runpy

runpy.run_path("tests/pages/ui/filters_page.py")
runpy.run_path("tests/pages/ui/findings_page.py")
