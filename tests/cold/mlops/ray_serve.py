Path("served.py").write_text("""
from fastapi import FastAPI
from ray import serve
from starlette.requests import Request

api = FastAPI()


@serve.deployment(num_replicas=1, ray_actor_options={"num_cpus": 0.2})
class Churn:
    def __init__(self):
        import mlflow
        self.model = mlflow.pyfunc.load_model("models:/churn@champion")

    @serve.batch(max_batch_size=4, batch_wait_timeout_s=0.05)
    async def many(self, rows):
        import pandas as pd
        return [float(value) for value in self.model.predict(pd.DataFrame(rows))]

    async def __call__(self, row):
        return await self.many(row)

    def reconfigure(self, config):
        self.word = (config or {}).get("word", "none")


@serve.deployment(ray_actor_options={"num_cpus": 0.2})
@serve.ingress(api)
class Front:
    def __init__(self, churn):
        self.churn = churn

    @api.post("/ask")
    async def ask(self, request: Request):
        return {"left": await self.churn.remote(await request.json())}

    @api.get("/broken")
    async def broken(self):
        raise RuntimeError("broken on purpose")


app = Front.bind(Churn.options(user_config={"word": "a"}).bind())
""")
environment = {**os.environ, "PYTHONPATH": f"{HERE}:/srv/platform", "RAY_AUTH_MODE": "disabled"}
base = "http://127.0.0.1:8111"
started = run("ray start --head --port 6401 --num-cpus 2 --object-store-memory 100000000 --dashboard-port 8271 --disable-usage-stats", **environment)
show("head", "Ray runtime started" in started)
address = {**environment, "RAY_ADDRESS": "127.0.0.1:6401", "RAY_DASHBOARD_ADDRESS": "http://127.0.0.1:8271", "RAY_AGENT_ADDRESS": "http://127.0.0.1:8271"}
built = run("serve build served:app -o serve.yaml && cat serve.yaml", **address)
show("built", "import_path: served:app" in built, "name: Churn" in built)
text = (
    Path("serve.yaml")
    .read_text()
    .replace("port: 8000", "port: 8111")
    .replace("runtime_env: {}", f"runtime_env: {{env_vars: {{PYTHONPATH: '{HERE}:/srv/platform'}}}}")
)
Path("serve.yaml").write_text(text)
show("deployed", "Sent deploy request successfully" in run("serve deploy serve.yaml", **address))
until = time.monotonic() + 120
status = ""
while time.monotonic() < until and "status: RUNNING" not in status:
    time.sleep(1)
    status = subprocess.run(["serve", "status"], capture_output=True, text=True, env=address).stdout
show("status", status.count("HEALTHY") >= 2, "status: RUNNING" in status)
if "status: RUNNING" not in status:
    print(status[-3000:])
show("asked", ask(base + "/ask", {"age": 40.0, "visits": 0, "spent": 10.0, "plan": "basic"}))
show("broken", ask(base + "/broken")[0], ask(base + "/ask", "{")[0], ask(base + "/nothing")[0], ask(base + "/-/healthz"), ask(base + "/-/routes"))
show("documented", sorted(json.loads(ask(base + "/openapi.json")[1])["paths"]))
show("rest", json.loads(ask("http://127.0.0.1:8271/api/serve/applications/")[1])["applications"]["app1"]["status"])
show("config", "import_path" in run("serve config", **address))
show("shutdown", "Sent shutdown request" in run("serve shutdown -y", **address))
run("ray stop --force", **environment)
