"""The profile: health, and five frames of a test picture."""

import os
from urllib.request import urlopen

BASE = os.environ["BASE_URL"]
assert urlopen(f"{BASE}/health", timeout=60).read() == b"ok\n"
assert urlopen(f"{BASE}/job/frames", timeout=60).read() == b"5 frames\n"
print("2 passed")
