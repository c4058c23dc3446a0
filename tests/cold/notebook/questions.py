"""Completion, inspection, history, kinds of messages that an editor sends."""

import json

import lab

kernel = lab.Kernel()
kernel.run("import os, numpy as np, pandas as pd, json; d = {'alpha': 1, 'beta': {'gamma': 2}}; df = pd.DataFrame({'tea': [1], 'cup': [2]})", show=lambda *words: None)
for code in ("import matplotl", "from scipy im", "from sklearn im", "np.linsp", "d['al", "df.te", "df['cu", "%%ba", "%matplotlib in", "open('sam", "os.path.jo", "json.dumps(skip", "np.linspace(0, 1, nu", "'a'.is", "lambda x: x.", "from sympy.physics import un", "%cd ..", "!gr", "\\alph", "\\GREEK SMALL LETTER ALPH"):
    got = kernel.ask("complete_request", {"code": code, "cursor_pos": len(code)})
    print(code, sorted(got["matches"])[:4], sorted({item["type"] for item in got["metadata"].get("_jupyter_types_experimental", [])})[:4])
for code, level in (("np.linspace", 0), ("np.linspace", 1), ("pd.DataFrame.merge", 0), ("json.loads", 1), ("len", 0), ("d", 0), ("os.path", 1), ("nothing", 0), ("np.ndarray.sum", 0), ("%timeit", 0)):
    got = kernel.ask("inspect_request", {"code": code, "cursor_pos": len(code), "detail_level": level})
    text = lab.ESCAPES.sub("", got["data"].get("text/plain", ""))
    print(code, level, got["found"], sorted(got["data"]), " | ".join(line for line in text.splitlines() if line.split(":")[0] in ("Signature", "File", "Type", "Source", "Docstring"))[:300])
for code in ("def f():", "for x in y:\n    pass\n", "1 +", "x = (", "%%bash\nls", "1 = 2", "'''"):
    print(repr(code), kernel.ask("is_complete_request", {"code": code}))
print(len(kernel.ask("history_request", {"hist_access_type": "tail", "n": 2, "output": False, "raw": True})["history"]), kernel.ask("history_request", {"hist_access_type": "search", "pattern": "import*", "n": 1, "output": False, "raw": True})["status"])
info = kernel.ask("kernel_info_request", {})
print(info["implementation"], info["language_info"]["name"], info.get("debugger"), sorted(info.get("supported_features", [])))
print(kernel.ask("comm_info_request", {}), sorted(kernel.ask("usage_request", {}, "control"))[:3])


def debug(command, **arguments):
    got = kernel.ask("debug_request", {"type": "request", "seq": 1, "command": command, "arguments": arguments}, "control")
    return got.get("success"), sorted(got.get("body") or {})[:6] if isinstance(got.get("body"), dict) else got.get("body")


print(debug("debugInfo"), debug("initialize", clientID="x", adapterID="", pathFormat="path", linesStartAt1=True, columnsStartAt1=True), debug("attach"))
code = "def g(x):\n    y = x + 1\n    return y\ng(1)"
got = kernel.ask("debug_request", {"type": "request", "seq": 2, "command": "dumpCell", "arguments": {"code": code}}, "control")
path = got["body"]["sourcePath"]
print(debug("setBreakpoints", breakpoints=[{"line": 2}], source={"path": path}, sourceModified=False), debug("configurationDone"))
number = kernel.send("execute_request", {"code": code, "silent": False, "store_history": True, "allow_stdin": False})
while True:
    message = json.loads(kernel.socket.receive())
    if message["msg_type"] == "debug_event" and message["content"].get("event") == "stopped":
        print("stopped", message["content"]["body"]["reason"])
        break
thread = message["content"]["body"]["threadId"]
got = kernel.ask("debug_request", {"type": "request", "seq": 3, "command": "stackTrace", "arguments": {"threadId": thread}}, "control")
print([frame["name"] for frame in got["body"]["stackFrames"]][:2], debug("source", source={"path": path})[0])
print(debug("continue", threadId=thread)[0])
print(debug("disconnect", restart=False)[0])
kernel.close()
