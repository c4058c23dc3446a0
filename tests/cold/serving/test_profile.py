"""The profile: is it there, and one prediction."""

import json
import os
import urllib.request

BASE = os.environ["BASE_URL"]
opener = urllib.request.build_opener(urllib.request.ProxyHandler({}))
assert json.load(opener.open(BASE + "/health"))["status"] == "up"
body = json.dumps({"instances": [[5.1, 3.5, 1.4, 0.2]]}).encode()
reply = opener.open(urllib.request.Request(BASE + "/predict/iris", body, {"content-type": "application/json"}))
assert json.load(reply) == {"predictions": [0]}
