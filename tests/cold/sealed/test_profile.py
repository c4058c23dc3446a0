"""The profile: the page of health and one label."""

import os
from urllib.request import urlopen

BASE = os.environ["BASE_URL"]
assert urlopen(f"{BASE}/health", timeout=30).read() == b"ok\n"
assert urlopen(f"{BASE}/label?text=tea", timeout=30).read() == b"[ tea ]\n"
print("2 passed")
