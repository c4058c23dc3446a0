"""The lake's profile: the page, and one asset made."""

import json
import os
import time
import urllib.request

BASE = os.environ["BASE_URL"]
LAUNCH = """mutation { launchRun(executionParams: {mode: "default", selector: {repositoryLocationName: "lake.definitions",
 repositoryName: "__repository__", jobName: "all_cups"}}) { __typename ... on LaunchRunSuccess { run { runId } } } }"""


def ask(path: str, body: dict | None = None) -> bytes:
    data = None if body is None else json.dumps(body).encode()
    request = urllib.request.Request(BASE + path, data, {"content-type": "application/json"})  # noqa: S310 — the service under test
    with urllib.request.urlopen(request, timeout=120) as reply:  # noqa: S310
        return bytes(reply.read())


assert b"dagster_version" in ask("/server_info")
started = json.loads(ask("/graphql", {"query": LAUNCH}))["data"]["launchRun"]
ended = ""
for _ in range(120):
    reply = ask("/graphql", {"query": '{ runOrError(runId: "%s") { ... on Run { status } } }' % started["run"]["runId"]})
    ended = json.loads(reply)["data"]["runOrError"]["status"]
    if ended in ("SUCCESS", "FAILURE"):
        break
    time.sleep(1)
assert ended == "SUCCESS", ended
print("2 passed")
