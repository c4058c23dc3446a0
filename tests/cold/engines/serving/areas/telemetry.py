"""Chores of telemetry: a collector that tells what it was sent, and what a program does under `opentelemetry-instrument`."""

import json
import logging
import os
import sys
import threading
import urllib.request
from concurrent.futures import ThreadPoolExecutor
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer

from serving.shared import Tries


def collected(words: list[str], seconds: float = 60, **environment: str) -> dict:
    """Run a program with the environment, and tell the spans, metrics and logs that arrive here over gRPC and HTTP."""
    import gzip
    import subprocess

    import grpc
    from opentelemetry.proto.collector.logs.v1 import logs_service_pb2, logs_service_pb2_grpc
    from opentelemetry.proto.collector.metrics.v1 import metrics_service_pb2, metrics_service_pb2_grpc
    from opentelemetry.proto.collector.trace.v1 import trace_service_pb2, trace_service_pb2_grpc

    seen: dict[str, set[str]] = {"spans": set(), "metrics": set(), "logs": set(), "resource": set(), "zipkin": set()}

    def resource(item) -> None:
        seen["resource"] |= {pair.key for pair in item.resource.attributes}

    def spans(asked) -> None:
        for item in asked.resource_spans:
            resource(item)
            seen["spans"] |= {span.name for scope in item.scope_spans for span in scope.spans}

    def metrics(asked) -> None:
        for item in asked.resource_metrics:
            seen["metrics"] |= {
                metric.name for scope in item.scope_metrics for metric in scope.metrics if metric.name.startswith(("cups", "http", "cpython", "system.memory"))
            }

    def logs(asked) -> None:
        for item in asked.resource_logs:
            seen["logs"] |= {record.body.string_value for scope in item.scope_logs for record in scope.log_records}

    class Traces(trace_service_pb2_grpc.TraceServiceServicer):
        def Export(self, request, context):
            spans(request)
            return trace_service_pb2.ExportTraceServiceResponse()

    class Metrics(metrics_service_pb2_grpc.MetricsServiceServicer):
        def Export(self, request, context):
            metrics(request)
            return metrics_service_pb2.ExportMetricsServiceResponse()

    class Logs(logs_service_pb2_grpc.LogsServiceServicer):
        def Export(self, request, context):
            logs(request)
            return logs_service_pb2.ExportLogsServiceResponse()

    class Handler(BaseHTTPRequestHandler):
        def do_POST(self) -> None:
            body = self.rfile.read(int(self.headers["content-length"]))
            if self.headers.get("content-encoding") == "gzip":
                body = gzip.decompress(body)
            if self.path.endswith("/traces"):
                spans(trace_service_pb2.ExportTraceServiceRequest.FromString(body))
            elif self.path.endswith("/metrics"):
                metrics(metrics_service_pb2.ExportMetricsServiceRequest.FromString(body))
            elif self.path.endswith("/logs"):
                logs(logs_service_pb2.ExportLogsServiceRequest.FromString(body))
            elif "spans" in self.path:
                seen["zipkin"] |= {item["name"] for item in json.loads(body)}
            self.send_response(200)
            self.send_header("content-length", "0")
            self.end_headers()

        def log_message(self, *_: object) -> None:
            pass

    rpc = grpc.server(ThreadPoolExecutor(2))
    trace_service_pb2_grpc.add_TraceServiceServicer_to_server(Traces(), rpc)
    metrics_service_pb2_grpc.add_MetricsServiceServicer_to_server(Metrics(), rpc)
    logs_service_pb2_grpc.add_LogsServiceServicer_to_server(Logs(), rpc)
    rpc.add_insecure_port("127.0.0.1:4317")
    rpc.start()
    web = ThreadingHTTPServer(("127.0.0.1", 4318), Handler)
    threading.Thread(target=web.serve_forever, daemon=True).start()
    done = subprocess.run(words, env={**os.environ, **environment}, capture_output=True, text=True, timeout=seconds)
    web.shutdown()
    rpc.stop(0).wait()
    return {
        **{key: sorted(value) for key, value in seen.items()},
        "status": done.returncode,
        "out": done.stdout.splitlines()[1:-4],
        "err": done.stderr.splitlines()[-1:],
    }


def worked() -> dict:
    """A piece of work that leaves traces: requests, a database, logs, a thread, a histogram."""
    import sqlite3

    import httpx
    import requests
    from opentelemetry import baggage, metrics, propagate, trace

    tracer, meter = trace.get_tracer("mine"), metrics.get_meter("mine")
    with tracer.start_as_current_span("work", attributes={"cups": 3}) as span:
        span.add_event("poured")
        requests.get("http://127.0.0.1:8600/health", timeout=9).raise_for_status()
        httpx.get("http://127.0.0.1:8600/health", trust_env=False).raise_for_status()
        sqlite3.connect(":memory:").cursor().execute("select 1")
        logging.getLogger("mine").warning("a cup is empty")
        meter.create_histogram("cups.size").record(2.5)
        meter.create_counter("cups.poured").add(1)
        carrier: dict[str, str] = {}
        propagate.inject(carrier, baggage.set_baggage("cup", "blue"))
        try:
            raise ValueError("spilt")
        except ValueError as error:
            span.record_exception(error)
    return {
        "headers": sorted(carrier),
        "tracer": type(trace.get_tracer_provider()).__name__,
        "sampled": span.is_recording() is False,
        "meter": type(metrics.get_meter_provider()).__name__,
        "propagator": type(propagate.get_global_textmap()).__name__,
    }


def points() -> dict:
    """What is there by entry point, each loaded."""
    from importlib.metadata import entry_points

    tried = Tries()
    for group in sorted(group for group in entry_points().groups if group.startswith("opentelemetry_")):

        def loaded(group: str = group) -> list:
            found = []
            for point in sorted(entry_points(group=group), key=lambda item: item.name):
                try:
                    point.load()
                    found.append(point.name)
                except Exception as error:
                    found.append(f"{point.name}: {type(error).__name__}")
            return found

        tried(group, loaded)
    return tried.done


def scraped(port: int = 9464) -> dict:
    """The names of metrics that this process offers to Prometheus, while it serves them."""
    worked()
    text = urllib.request.urlopen(f"http://127.0.0.1:{port}/metrics", timeout=9).read().decode()
    names = {line.split()[2] for line in text.splitlines() if line.startswith("# TYPE")}
    return {
        "mine": sorted(name for name in names if name.startswith(("cups", "target"))),
        "python": "python_info" in names,
        "modules": sorted(name for name in sys.modules if name == "prometheus_client"),
    }
