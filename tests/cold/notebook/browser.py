"""What a browser loads, and what strangers get."""

import json, re

import httpx

import lab

web = lab.client(follow_redirects=True)
page = web.get("/lab")
settings = json.loads(re.search(r'<script id="jupyter-config-data" type="application/json">(.*?)</script>', page.text, re.S)[1])
print(page.status_code, settings["appName"], sorted(item["name"] for item in settings["federated_extensions"]))
for item in settings["federated_extensions"]:
    print(item["name"], web.get(f"/lab/extensions/{item['name']}/{item['load']}").status_code)
for place in sorted(set(re.findall(r'(?:src|href)="(/[^"]+)"', page.text))):
    print(re.sub(r"[0-9a-f]{16,}", "H", place), web.get(place).status_code)
scripts = [place for place in re.findall(r'src="(/static/lab/[^"]+)"', page.text)]
main = web.get(scripts[0]).text
print(len(main) > 1000)
for place in ("/tree", "/doc/tree/sample.ipynb", "/lab/tree/sample.ipynb", "/lab/workspaces/w", "/lab/doc", "/notebooks/sample.ipynb", "/edit/x", "/console/x", "/", "/favicon.ico", "/static/favicon.ico", "/static/favicons/favicon-notebook.ico", "/static/logo/logo.png", "/static/style/index.css", "/api", "/api/spec.yaml", "/api/me", "/api/status", "/api/config/notebook", "/api/shutdown", "/metrics", "/lab/api/settings", "/lab/api/settings/@jupyterlab/apputils-extension:themes", "/lab/api/settings/nothing:x", "/lab/api/translations", "/lab/api/translations/de_DE", "/lab/api/translations/fr_FR", "/lab/api/translations/xx", "/lab/api/workspaces", "/lab/api/themes/@jupyterlab/theme-light-extension/index.css", "/lab/api/themes/@jupyterlab/theme-dark-extension/index.css", "/lab/api/listings/@jupyterlab/nothing", "/lab/api/extensions", "/lab/api/licenses", "/lab/api/licenses?full_text=1&format=markdown", "/lab/api/licenses?format=csv", "/lab/api/build", "/lab/api/news", "/lab/api/update", "/lsp/status", "/custom/custom.css", "/kernelspecs/python3/logo-64x64.png", "/nbextensions/x.js", "/api/kernelspecs/nothing", "/server-proxy/servers-info", "/files/", "/terminals/1", "/logout", "/login", "/nowhere", "/static/lab/nothing.js", "/static/../../etc/passwd", "/api/events"):
    got = web.get(place)
    print(place, got.status_code, got.headers.get("content-type", ""), len(got.content) > 40)
words = web.get("/lab/api/translations/de_DE").json()
print(sorted(words["data"])[:4], "Datei" in json.dumps(words, ensure_ascii=False))
print(web.put("/lab/api/settings/@jupyterlab/apputils-extension:themes", json={"raw": '{"theme": "JupyterLab Dark"}'}).status_code, web.put("/lab/api/settings/@jupyterlab/apputils-extension:themes", json={"raw": "{"}).status_code, web.put("/lab/api/settings/@jupyterlab/apputils-extension:themes", json={"raw": '{"theme": 7}'}).text[:80])
print(web.put("/lab/api/workspaces/w", json={"data": {}, "metadata": {"id": "w"}}).status_code, web.get("/lab/api/workspaces/w").status_code, web.delete("/lab/api/workspaces/w").status_code)
print(web.post("/lab/api/extensions", json={"cmd": "install", "extension_name": "nothing-x"}).status_code, web.put("/api/config/x", json={"a": 1}).status_code, web.patch("/api/config/x", json={"b": 2}).json())
print(web.post("/api/events", json={"schema_id": "https://events.jupyter.org/jupyter_server/contents_service/v1", "version": "1", "data": {"action": "get", "path": "x"}}).status_code, web.post("/api/events", json={"schema_id": "nothing"}).status_code)

print("proxied", "Directory listing" in web.get("/listing/").text, web.get("/proxy/9/").status_code, web.get("/proxy/absolute/8888/api").status_code)

print("git")
for name, body in (("init", {}), ("config", {"options": {"user.name": "a", "user.email": "a@example.org"}}), ("status", {}), ("add_all_unstaged", {}), ("add", {"add_all": False, "filename": "sample.ipynb"}), ("commit", {"commit_msg": "first"}), ("log", {"history_count": 3}), ("branch", {}), ("diff", {"previous_ref": "", "curr_ref": "HEAD"}), ("checkout", {"checkout_branch": True, "new_check": True, "branchname": "b", "startpoint": "HEAD"}), ("show_prefix", {}), ("remote/add", {"url": "file:///nowhere", "name": "o"}), ("push", {"remote": "o", "branch": "b"}), ("pull", {}), ("stash", {"stashMsg": "m"}), ("tags", {}), ("ignore", {"file_path": "x"}), ("content", {"filename": "sample.ipynb", "reference": {"git": "HEAD"}}), ("diffnotebook", {"currentContent": open("work/sample.ipynb").read(), "previousContent": open("work/sample.ipynb").read()}), ("clone", {"clone_url": "file:///nowhere", "versioning": True, "submodules": False}), ("rebase", {"branch": "b"}), ("nothing", {})):
    got = web.post(f"/git/{name}" if name == "clone" else f"/git/repo/{name}", json=body) if name != "init" else (web.post("/api/contents", json={"type": "directory"}), web.patch("/api/contents/Untitled Folder", json={"path": "repo"}), web.put("/api/contents/repo/sample.ipynb", json={"type": "file", "format": "text", "content": open("work/sample.ipynb").read()}), web.post("/git/repo/init", json=body))[-1]
    print(name, got.status_code, sorted(got.json()) if got.text.startswith("{") else "")
print(web.get("/git/settings").json().get("gitVersion") is not None)

print("strangers")
stranger = httpx.Client(base_url=lab.BASE, timeout=60, trust_env=False)
for place in ("/lab", "/api/contents", "/api/status", "/files/sample.ipynb", "/login", "/login?next=//evil.example"):
    got = stranger.get(place)
    print(place, got.status_code, got.headers.get("location", "").split("?")[0])
got = stranger.post("/login", data={"password": "wrong"})
print("no xsrf", got.status_code)
token = stranger.cookies.get("_xsrf") or next((value for name, value in stranger.cookies.items() if "_xsrf" in name), "")
got = stranger.post("/login", data={"password": "wrong", "_xsrf": token})
print("wrong", got.status_code, "Invalid credentials" in got.text)
got = stranger.post("/login", data={"password": "secret", "_xsrf": token})
print("right", got.status_code, got.headers.get("location"))
print(stranger.get("/api/status").status_code, stranger.post("/api/contents", json={}).status_code, stranger.post("/api/contents", json={"type": "file"}, headers={"X-XSRFToken": token}).status_code)
print(stranger.get("/logout").status_code, "logged out" in stranger.get("/logout").text.lower(), stranger.get("/api/status", headers={"Origin": "https://evil.example"}).status_code)
print(stranger.get("/api/contents?token=secret").status_code, stranger.get("/api/contents", headers={"Authorization": "Bearer x"}).status_code)
