"""lsp.py WORDS…: a server of a language over stdio, asked for what editors ask."""
import json
import subprocess
import sys

TEXT = "import os\nimport json\ndef foo(a):\n    '''Say a.'''\n    return json.dumps(a)\nfoo(\n"
server = subprocess.Popen(sys.argv[1:], stdin=subprocess.PIPE, stdout=subprocess.PIPE, stderr=subprocess.DEVNULL)
seen = []


def send(method, number=None, **params):
    body = json.dumps({"jsonrpc": "2.0", "method": method, "params": params, **({} if number is None else {"id": number})}).encode()
    server.stdin.write(b"Content-Length: %d\r\n\r\n" % len(body) + body)
    server.stdin.flush()


def read():
    size = 0
    while line := server.stdout.readline().strip():
        if line.lower().startswith(b"content-length"):
            size = int(line.split(b":")[1])
    message = json.loads(server.stdout.read(size)) if size else sys.exit("the server ended")
    if message.get("method") == "textDocument/publishDiagnostics":
        seen.append(message["params"]["diagnostics"])
    elif "method" in message and "id" in message:
        body = json.dumps({"jsonrpc": "2.0", "id": message["id"], "result": [{}] if message["method"] == "workspace/configuration" else None}).encode()
        server.stdin.write(b"Content-Length: %d\r\n\r\n" % len(body) + body)
        server.stdin.flush()
    return message


def ask(method, number, **params):
    send(method, number, **params)
    while (message := read()).get("id") != number or "method" in message:
        pass
    return message


place = {"uri": "file:///tmp/b.py"}
print(sorted(ask("initialize", 1, processId=None, rootUri="file:///tmp", capabilities={}).get("result", {}).get("capabilities", {}))[:40])
send("initialized")
send("textDocument/didOpen", textDocument={**place, "languageId": "python", "version": 1, "text": TEXT})
while not any(seen):
    read()
print(sorted({(str(one.get("source")), one["message"].split("\n")[0]) for found in seen for one in found}))
for number, (method, more) in enumerate({
    "hover": {"position": {"line": 4, "character": 17}},
    "completion": {"position": {"line": 4, "character": 17}},
    "signatureHelp": {"position": {"line": 5, "character": 4}},
    "definition": {"position": {"line": 5, "character": 1}},
    "references": {"position": {"line": 2, "character": 5}, "context": {"includeDeclaration": True}},
    "documentSymbol": {},
    "formatting": {"options": {"tabSize": 4, "insertSpaces": True}},
    "foldingRange": {},
    "rename": {"position": {"line": 2, "character": 5}, "newName": "bar"},
    "documentHighlight": {"position": {"line": 2, "character": 5}},
    "nothing": {},
}.items(), 2):
    message = ask(f"textDocument/{method}", number, textDocument=place, **more)
    print(method, json.dumps(message.get("result", message.get("error", {}).get("code")), sort_keys=True)[:160])
ask("shutdown", 99)
send("exit")
print(server.wait(30))
