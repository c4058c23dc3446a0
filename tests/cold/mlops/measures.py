import gzip

import prometheus_client as prom

registry = prom.CollectorRegistry()
prom.Gauge("heat", "Degrees", ["room"], registry=registry).labels("lab").set(21.5)
prom.Summary("took", "Seconds", registry=registry).observe(2)
prom.Info("build", "What", registry=registry).info({"version": "1"})
prom.Enum("state", "Which", states=["on", "off"], registry=registry).state("off")
prom.Histogram("size", "Bytes", registry=registry, buckets=[1, 10]).observe(3, {"trace_id": "abc"})
from prometheus_client.openmetrics.exposition import generate_latest as openmetrics
from prometheus_client.openmetrics.parser import text_string_to_metric_families as parse_open
from prometheus_client.parser import text_string_to_metric_families as parse

text = prom.generate_latest(registry).decode()
show("text", sorted(family.name for family in parse(text)))
show("open", sorted(family.name for family in parse_open(openmetrics(registry).decode())), "trace_id" in openmetrics(registry).decode())
server, thread = prom.start_http_server(9123, registry=registry)
base = "http://127.0.0.1:9123"
show("plain", ask(base + "/metrics")[0], "heat" in ask(base + "/metrics?name[]=heat")[1], "took" in ask(base + "/metrics?name[]=heat")[1])
with urllib.request.urlopen(urllib.request.Request(base + "/metrics", headers={"accept-encoding": "gzip"})) as reply:
    show("gzip", b"heat" in gzip.decompress(reply.read()))
show("open metrics", ask(base + "/metrics", headers={"accept": "application/openmetrics-text; version=1.0.0"})[1].rstrip().endswith("# EOF"))
server.shutdown()
prom.write_to_textfile(str(HERE / "m.prom"), registry)
show("file", len(Path("m.prom").read_text()) > 200)
try:
    prom.push_to_gateway("127.0.0.1:9", "job", registry, timeout=1)
except OSError as error:
    show("pushed", type(error).__name__)
many = """
import os, prometheus_client as p
from prometheus_client import multiprocess
c = p.Counter("seen", "x")
g = p.Gauge("now", "x", multiprocess_mode="livesum")
for i in range(3):
    if os.fork() == 0:
        c.inc(); g.set(2); os._exit(0)
while True:
    try: os.wait()
    except ChildProcessError: break
r = p.CollectorRegistry(); multiprocess.MultiProcessCollector(r)
print([line for line in p.generate_latest(r).decode().splitlines() if line.startswith("seen_total")])
"""
(HERE / "many").mkdir()
show("many", run([sys.executable, "-c", many], PROMETHEUS_MULTIPROC_DIR=str(HERE / "many")).strip())
from prometheus_client import make_asgi_app, make_wsgi_app
from prometheus_client.bridge.graphite import GraphiteBridge
from starlette.testclient import TestClient

show("asgi", TestClient(make_asgi_app(registry)).get("/").status_code)
seen = []
show(
    "wsgi",
    b"heat" in b"".join(make_wsgi_app(registry)({"REQUEST_METHOD": "GET", "QUERY_STRING": "", "PATH_INFO": "/metrics"}, lambda *words: seen.append(words))),
    seen[0][0],
)
show("process", any(line.startswith("process_open_fds") for line in prom.generate_latest().decode().splitlines()))
from opentelemetry.exporter.prometheus import PrometheusMetricReader
from opentelemetry.sdk.metrics import MeterProvider
from opentelemetry.sdk.trace import TracerProvider
from opentelemetry.sdk.trace.export import ConsoleSpanExporter, SimpleSpanProcessor

provider = MeterProvider(metric_readers=[PrometheusMetricReader()])
provider.get_meter("m").create_counter("asked").add(3, {"a": "b"})
show("telemetry", any("asked" in line for line in prom.generate_latest().decode().splitlines()))
traces = TracerProvider()
with open("spans.json", "w") as out:
    traces.add_span_processor(SimpleSpanProcessor(ConsoleSpanExporter(out=out)))
    with traces.get_tracer("t").start_as_current_span("one") as span:
        try:
            raise KeyError("x")
        except KeyError as error:
            span.record_exception(error)
show("spans", "KeyError" in Path("spans.json").read_text())
