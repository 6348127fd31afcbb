"""Wait until the dashboard on this port answers, then say how long that took; exit 1 after a minute."""

import sys
import time
import urllib.error
import urllib.request

started = time.monotonic()
while time.monotonic() - started < 60:
    try:
        urllib.request.urlopen(f"http://localhost:{sys.argv[1]}/_stcore/health", timeout=2).read()
        print(f"the dashboard answered after {time.monotonic() - started:.1f} s")
        sys.exit(0)
    except (OSError, urllib.error.URLError):
        time.sleep(0.2)
sys.exit("the dashboard did not answer within a minute")
