import os

c = get_config()  # noqa: F821
c.ServerApp.ip = "0.0.0.0"
c.ServerApp.port = 8888
c.ServerApp.open_browser = False
c.ServerApp.root_dir = os.environ.get("NOTEBOOKS", "/home/ada/work")
c.IdentityProvider.token = os.environ.get("TOKEN", "secret")
c.ServerProxy.servers = {"listing": {"command": ["python", "-m", "http.server", "{port}", "--bind", "127.0.0.1"], "timeout": 30}}
