"""The life of kernels, sessions, terminals; contents; what a browser loads."""

import base64, json, re, time

import lab

web = lab.client()
quiet = {"show": lambda *words: None}
kernel = lab.Kernel()
kernel.run("kept = 1", **quiet)
number = kernel.send("execute_request", {"code": "import time\ntry:\n    time.sleep(60)\nexcept KeyboardInterrupt:\n    print('stopped')", "silent": False, "store_history": True})
time.sleep(2)
print("interrupt", web.post(f"/api/kernels/{kernel.id}/interrupt").status_code)
for message in kernel.messages(number):
    if message["msg_type"] == "stream":
        print(message["content"]["text"].strip())
number = kernel.send("execute_request", {"code": "import numpy, time\nwhile True: numpy.ones(9).sum(); time.sleep(.1)", "silent": False, "store_history": True})
time.sleep(2)
kernel.ask("interrupt_request", {}, "control")
print([message["content"]["ename"] for message in kernel.messages(number) if message["msg_type"] == "error"])
print("restart", web.post(f"/api/kernels/{kernel.id}/restart").status_code)
kernel.connect()
kernel.run("'kept' in dir()")
kernel.send("execute_request", {"code": "import os; os._exit(9)", "silent": False, "store_history": True})
seen = set()
while "restarting" not in seen:
    message = json.loads(kernel.socket.receive())
    if message["msg_type"] == "status":
        seen.add(message["content"]["execution_state"])
print("died, restarting")
for _ in range(100):
    if web.get(f"/api/kernels/{kernel.id}").json()["execution_state"] in ("idle", "starting"):
        break
    time.sleep(0.3)
kernel.connect()
kernel.run("6 * 7")
print("shut", kernel.ask("shutdown_request", {"restart": False}, "control"))
print(web.post("/api/kernels", json={"name": "nothing"}).status_code, web.get("/api/kernels/00000000-0000-0000-0000-000000000000").json(), web.get("/api/kernels/x").status_code)
session = web.post("/api/sessions", json={"path": "sample.ipynb", "type": "notebook", "name": "", "kernel": {"name": "python3"}})
print(session.status_code, web.get("/api/sessions").json()[0]["path"])
print(web.patch(f"/api/sessions/{session.json()['id']}", json={"path": "other.ipynb"}).json()["path"], web.delete(f"/api/sessions/{session.json()['id']}").status_code)
specs = web.get("/api/kernelspecs").json()
print(specs["default"], {name: sorted(item["resources"]) for name, item in specs["kernelspecs"].items()})
for name, item in specs["kernelspecs"].items():
    for place in sorted(item["resources"].values()):
        print(place, web.get(place).status_code)

print("contents")
print(web.post("/api/contents", json={"type": "notebook"}).json()["name"], web.post("/api/contents", json={"type": "file", "ext": ".py"}).json()["name"], web.post("/api/contents", json={"type": "directory"}).json()["name"])
print(web.put("/api/contents/d/x.txt", json={"type": "file", "format": "text", "content": "x"}).status_code, web.put("/api/contents/x.txt", json={"type": "file", "format": "text", "content": "tea"}).status_code)
print(web.put("/api/contents/x.bin", json={"type": "file", "format": "base64", "content": base64.b64encode(bytes(range(256))).decode()}).status_code, web.put("/api/contents/y.bin", json={"type": "file", "format": "base64", "content": "*"}).status_code)
for chunk in (1, 2, -1):
    print("chunk", web.put("/api/contents/big.txt", json={"type": "file", "format": "text", "content": "part", "chunk": chunk}).status_code)
print(web.post("/api/contents/x.txt/checkpoints").status_code, len(web.get("/api/contents/x.txt/checkpoints").json()), web.post("/api/contents/x.txt/checkpoints/checkpoint").status_code, web.delete("/api/contents/x.txt/checkpoints/checkpoint").status_code)
print(web.patch("/api/contents/x.txt", json={"path": "z.txt"}).status_code, web.post("/api/contents", json={"copy_from": "sample.ipynb"}).json()["path"], web.get("/api/contents/z.txt?hash=1").json().get("hash_algorithm"), web.get("/api/contents/z.txt?type=notebook").status_code, web.get("/api/contents/z.txt?type=directory").status_code)
print(web.get("/api/contents/nothing").status_code, web.get("/api/contents/.hidden").status_code, web.get("/api/contents/../../etc/passwd").status_code, web.put("/api/contents/bad.ipynb", json={"type": "notebook", "content": {"nbformat": 4, "nbformat_minor": 5, "metadata": {}, "cells": [{"cell_type": "nothing"}]}}).status_code)
print(web.put("/api/contents/old.ipynb", json={"type": "file", "format": "text", "content": json.dumps({"nbformat": 3, "nbformat_minor": 0, "metadata": {"name": ""}, "worksheets": [{"cells": [{"cell_type": "code", "language": "python", "input": "1", "outputs": []}, {"cell_type": "heading", "level": 2, "source": "h"}]}]})}).status_code, [cell["cell_type"] for cell in web.get("/api/contents/old.ipynb?type=notebook").json()["content"]["cells"]])
print(web.get("/files/z.txt").text, web.get("/files/x.bin?download=1").headers["content-disposition"], web.get("/files/sample.ipynb").headers["content-type"], web.get("/view/z.txt", follow_redirects=True).status_code)
print([web.delete(f"/api/contents/{name}").status_code for name in ("z.txt", "x.bin", "big.txt", "old.ipynb", "Untitled.ipynb", "untitled.py", "Untitled Folder", "sample-Copy1.ipynb", "nothing")])
print(web.get("/api/contents").json()["type"], sorted(item["name"] for item in web.get("/api/contents").json()["content"]))
print(web.put("/api/contents/z", content="{").status_code, web.post("/api/contents", content="[1]").status_code)

print("converted")
for form in ("html", "markdown", "rst", "latex", "slides", "script", "python", "asciidoc", "notebook", "pdf", "webpdf", "nothing", "custom"):
    got = web.get(f"/nbconvert/{form}/sample.ipynb")
    print(form, got.status_code, got.headers["content-type"], len(got.content) > 200)
print(web.post("/nbconvert/html", json={"content": json.loads(open("work/sample.ipynb").read()), "type": "notebook", "name": "n.ipynb"}).status_code, sorted(web.get("/api/nbconvert").json())[:20])

print("terminals")
name = web.post("/api/terminals", json={}).json()["name"]
terminal = lab.Socket(f"/terminals/websocket/{name}")
terminal.send(json.dumps(["set_size", 30, 200, 0, 0]))
terminal.send(json.dumps(["stdin", "stty -a | head -n1 | cut -c1-40; ls --color=always | wc -l; tty | cut -c1-8; echo $TERM; tput colors; git --version; which python; clear; nano --version; python -q -c 'import readline, curses; curses.setupterm(); print(curses.tigetnum(\"colors\"))'; echo over$((40+2))\n"]))
text = ""
while "over42" not in text:
    kind, *rest = json.loads(terminal.receive())
    text += rest[0] if kind == "stdout" else ""
plain = lab.ESCAPES.sub("", text).replace("\r", "")
print([line for line in plain.splitlines() if "$ " not in line and re.search(r"rows|/dev/pt|xterm$|^256$|git version|bin/python|^\d+$|nano: ", line)])
terminal.send(json.dumps(["stdin", "\x04"]))
print(web.get("/api/terminals").status_code, web.delete(f"/api/terminals/{name}").status_code, web.get("/api/terminals/none").status_code)
