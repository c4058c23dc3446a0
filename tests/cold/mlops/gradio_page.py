import re

import gradio_client

base = "http://127.0.0.1:7860"
with program("python", "-m", "serving.demo", url=base + "/") as server:
    page = ask(base + "/")[1]
    assets = sorted({part for part in re.findall(r'(?:src|href)="([^"]+\.(?:js|css))"', page) if "cdn" not in part and not part.startswith("http")})
    show("page", "Churn" in page, len(assets) > 0, all(ask(f"{base}/{name.lstrip('./')}")[0] == 200 for name in assets))
    config = json.loads(ask(base + "/config")[1])
    show("components", len(config["components"]) > 10, config["version"][:2])
    folder = Path(__import__("gradio").__file__).parent / "templates" / "frontend" / "assets"
    names = sorted(path.name for path in folder.iterdir()) if folder.is_dir() else []
    chunks = [name for name in names if name.endswith(".js")]
    show("chunks", len(chunks), [ask(f"{base}/assets/{name}")[0] for name in (chunks[0], chunks[len(chunks) // 2], chunks[-1])])
    show("styles", {ask(f"{base}/assets/{name}")[0] for name in names if name.endswith(".css")})
    show("theme", ask(base + "/theme.css")[0], ask(base + "/static/img/logo.svg")[0], ask(base + "/favicon.ico")[0], ask(base + "/manifest.json")[0])
    show("fonts", ask(base + "/static/fonts/IBMPlexMono/IBMPlexMono-Bold.woff2")[0])
    client = gradio_client.Client(base, verbose=False)
    show("answer", client.predict(40, 0, 10, "basic", api_name="/churn"))
    try:
        client.predict(40, 0, -1, "basic", api_name="/churn")
    except Exception as error:
        show("refused", type(error).__name__, str(error)[:60])
    try:
        client.predict(40, 0, 1, "none of these", api_name="/churn")
    except Exception as error:
        show("choice", type(error).__name__)
    described = client.predict(gradio_client.handle_file("/srv/platform/data/customers.csv"), api_name="/describe")
    show("described", described["headers"], described["data"][0][0])
    show("information", sorted(json.loads(ask(base + "/gradio_api/info")[1])["named_endpoints"]))
    status, text = ask(base + "/gradio_api/call/churn", {"data": [40, 0, 10, "basic"]})
    show("event", status, ask(f"{base}/gradio_api/call/churn/{json.loads(text)['event_id']}")[1].splitlines()[0])
    show("forbidden", ask(base + "/gradio_api/file=/etc/passwd")[0], ask(base + "/gradio_api/call/nothing", {"data": []})[0])
    show("view", "curl" in run(["curl", "-s", base + "/gradio_api/openapi.json"]) or "openapi" in ask(base + "/gradio_api/openapi.json")[1])
show("log", "ValueError" in server.log.read_text() or "Error" in server.log.read_text())
