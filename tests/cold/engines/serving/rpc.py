"""The API over gRPC, with health and reflection; only where GRPC_PORT is set."""

import os
import time
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import grpc
from google.protobuf import json_format, struct_pb2
from google.rpc import code_pb2, error_details_pb2, status_pb2
from grpc_channelz.v1 import channelz
from grpc_health.v1 import health, health_pb2, health_pb2_grpc
from grpc_reflection.v1alpha import reflection
from grpc_status import rpc_status

from serving.pb import serving_pb2, serving_pb2_grpc
from serving.registry import Registry
from serving.shared import log, plain


class Servicer(serving_pb2_grpc.ServingServicer):
    def __init__(self, registry: Registry) -> None:
        self._registry = registry

    def Models(self, request, context):
        reply = serving_pb2.ModelsReply(names=[name for name in self._registry.names() if name.startswith(request.prefix)])
        reply.since.FromJsonString("2026-03-01T12:00:00Z")
        return reply

    def Infer(self, request, context):
        if request.model not in self._registry.names():
            details = status_pb2.Status(code=code_pb2.NOT_FOUND, message=f"no model {request.model}")
            details.details.add().Pack(error_details_pb2.ErrorInfo(reason="NO_MODEL", domain="serving", metadata={"model": request.model}))
            context.abort_with_status(rpc_status.to_status(details))
        try:
            outputs = self._registry.model(request.model).infer(json_format.MessageToDict(request.inputs))
        except Exception as error:
            context.abort(grpc.StatusCode.INVALID_ARGUMENT, f"{type(error).__name__}")
        found = struct_pb2.Struct()
        found.update(plain(outputs))
        return serving_pb2.InferReply(outputs=found, count=1)

    def Watch(self, request, context):
        for number, name in enumerate(self._registry.names()[:3]):
            yield serving_pb2.InferReply(count=number, outputs=json_format.ParseDict({"name": name}, struct_pb2.Struct()))
            time.sleep(0.05)

    def Collect(self, requests, context):
        return serving_pb2.InferReply(count=sum(1 for _ in requests))


def serve(registry: Registry, port: int) -> grpc.Server:
    server = grpc.server(
        ThreadPoolExecutor(4),
        options=[("grpc.max_receive_message_length", 1 << 20)],
        compression=grpc.Compression.Gzip if os.environ.get("GRPC_GZIP") else None,
    )
    serving_pb2_grpc.add_ServingServicer_to_server(Servicer(registry), server)
    checks = health.HealthServicer()
    health_pb2_grpc.add_HealthServicer_to_server(checks, server)
    checks.set("serving.v1.Serving", health_pb2.HealthCheckResponse.SERVING)
    channelz.add_channelz_servicer(server)
    reflection.enable_server_reflection([serving_pb2.DESCRIPTOR.services_by_name["Serving"].full_name, health.SERVICE_NAME, reflection.SERVICE_NAME], server)
    if folder := os.environ.get("GRPC_TLS"):
        path = Path(folder)
        server.add_secure_port(f"[::]:{port}", grpc.ssl_server_credentials([((path / "key.pem").read_bytes(), (path / "cert.pem").read_bytes())]))
    else:
        server.add_insecure_port(f"0.0.0.0:{port}")
    server.start()
    log.info("gRPC on %s", port)
    return server
