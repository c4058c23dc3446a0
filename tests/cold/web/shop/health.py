"""The health check."""

import json
import sys
import urllib.request

try:
    with urllib.request.urlopen("http://127.0.0.1:8000/health", timeout=5) as reply:
        print(json.load(reply)["status"])
except OSError as error:
    sys.exit(f"not healthy: {error}")
