"""Chores of gRPC and protobuf, as a client."""

import asyncio
import os

import grpc
from google.protobuf import any_pb2, duration_pb2, field_mask_pb2, json_format, struct_pb2, text_format, timestamp_pb2, wrappers_pb2
from grpc_channelz.v1 import channelz_pb2, channelz_pb2_grpc
from grpc_health.v1 import health_pb2, health_pb2_grpc
from grpc_reflection.v1alpha import reflection_pb2, reflection_pb2_grpc
from grpc_reflection.v1alpha.proto_reflection_descriptor_database import ProtoReflectionDescriptorDatabase
from grpc_status import rpc_status

from serving.pb import serving_pb2, serving_pb2_grpc
from serving.shared import Tries

ROW = [[5.1, 3.5, 1.4, 0.2]]


def _failed(call) -> list:
    try:
        call()
    except grpc.RpcError as error:
        details = rpc_status.from_call(error)
        return [error.code().name, error.details()[:60], [item.type_url for item in details.details] if details else []]
    return ["no error"]


def all_kinds(port: int = 8601, tls: str = "") -> dict:
    """Calls of each kind, health, reflection, channelz, errors."""
    from google.protobuf.descriptor_pool import DescriptorPool

    tried, address = Tries(), f"127.0.0.1:{port}"
    channel = grpc.secure_channel(f"localhost:{port}", grpc.ssl_channel_credentials(open(tls, "rb").read())) if tls else grpc.insecure_channel(address)
    with channel:
        stub, health = serving_pb2_grpc.ServingStub(channel), health_pb2_grpc.HealthStub(channel)
        asked = serving_pb2.InferRequest(model="iris")
        asked.inputs.update({"x": ROW})
        tried("models", lambda: json_format.MessageToDict(stub.Models(serving_pb2.ModelsRequest(prefix="iris-j"))))
        tried("infer", lambda: json_format.MessageToDict(stub.Infer(asked)))
        tried("gzip", lambda: stub.Infer(asked, compression=grpc.Compression.Gzip).count)
        tried("stream", lambda: [item.outputs["name"] for item in stub.Watch(serving_pb2.ModelsRequest())])
        tried("collect", lambda: stub.Collect(iter([asked] * 3)).count)
        tried("no model", lambda: _failed(lambda: stub.Infer(serving_pb2.InferRequest(model="nothing"))))
        tried("wrong", lambda: _failed(lambda: stub.Infer(serving_pb2.InferRequest(model="iris"))))
        tried("late", lambda: _failed(lambda: list(stub.Watch(serving_pb2.ModelsRequest(), timeout=0.01)))[0])
        tried("large", lambda: _failed(lambda: stub.Models(serving_pb2.ModelsRequest(prefix="x" * (1 << 21)))))
        tried("unknown", lambda: _failed(lambda: channel.unary_unary("/serving.v1.Serving/Nothing")(b"")))
        tried(
            "health",
            lambda: (
                [health.Check(health_pb2.HealthCheckRequest(service=name)).status for name in ("", "serving.v1.Serving")]
                + _failed(lambda: health.Check(health_pb2.HealthCheckRequest(service="nothing")))
            ),
        )
        tried("watched", lambda: next(iter(health.Watch(health_pb2.HealthCheckRequest()))).status)
        tried(
            "services",
            lambda: [
                item.name
                for answer in reflection_pb2_grpc.ServerReflectionStub(channel).ServerReflectionInfo(
                    iter([reflection_pb2.ServerReflectionRequest(list_services="")])
                )
                for item in answer.list_services_response.service
            ],
        )
        tried(
            "reflected",
            lambda: sorted(item.name for item in DescriptorPool(ProtoReflectionDescriptorDatabase(channel)).FindServiceByName("serving.v1.Serving").methods),
        )
        tried("channelz", lambda: len(channelz_pb2_grpc.ChannelzStub(channel).GetServers(channelz_pb2.GetServersRequest(start_server_id=0)).server))

    async def later() -> list:
        async with grpc.aio.insecure_channel(address) as other:
            made = serving_pb2_grpc.ServingStub(other)
            return [(await made.Infer(asked)).count, [item.count async for item in made.Watch(serving_pb2.ModelsRequest())]]

    if not tls:
        tried("asynchronous", lambda: asyncio.run(later()))
    tried(
        "nobody", lambda: _failed(lambda: serving_pb2_grpc.ServingStub(grpc.insecure_channel("127.0.0.1:9")).Models(serving_pb2.ModelsRequest(), timeout=3))[0]
    )
    tried(
        "no name",
        lambda: _failed(lambda: serving_pb2_grpc.ServingStub(grpc.insecure_channel("dns:///nowhere.invalid:1")).Models(serving_pb2.ModelsRequest(), timeout=5))[
            0
        ],
    )
    tried(
        "plain to tls",
        lambda: _failed(
            lambda: serving_pb2_grpc.ServingStub(grpc.secure_channel("127.0.0.1:8600", grpc.ssl_channel_credentials())).Models(
                serving_pb2.ModelsRequest(), timeout=5
            )
        )[0],
    )
    tried("socket", lambda: _socket(asked))
    return tried.done


def _socket(asked) -> int:
    from concurrent.futures import ThreadPoolExecutor

    from serving.registry import Registry
    from serving.rpc import Servicer

    server = grpc.server(ThreadPoolExecutor(1))
    serving_pb2_grpc.add_ServingServicer_to_server(Servicer(Registry()), server)
    server.add_insecure_port(f"unix:/tmp/{os.getpid()}.socket")
    server.start()
    with grpc.insecure_channel(f"unix:/tmp/{os.getpid()}.socket") as channel:
        found = serving_pb2_grpc.ServingStub(channel).Infer(asked).count
    server.stop(0).wait()
    return found


def messages() -> dict:
    """protobuf: forms, known types, errors, its implementation by name."""
    from google.protobuf.internal import api_implementation

    tried = Tries()
    asked = serving_pb2.InferRequest(model="iris", milliseconds=5, labels={"a": "b"})
    asked.inputs.update({"x": ROW, "deep": {"n": None, "t": True}})
    tried("implementation", api_implementation.Type)
    tried("json", lambda: json_format.MessageToJson(asked, indent=None, sort_keys=True))
    tried("from json", lambda: json_format.Parse('{"model": "a", "until": "x"}', serving_pb2.InferRequest()).WhichOneof("limit"))
    tried("wrong json", lambda: json_format.Parse('{"nothing": 1}', serving_pb2.InferRequest()))
    tried("text", lambda: text_format.MessageToString(asked, as_one_line=True))
    tried("from text", lambda: text_format.Parse('model: "a" labels { key: "k" value: "v" }', serving_pb2.InferRequest()).labels["k"])
    tried("wrong text", lambda: text_format.Parse("model 1", serving_pb2.InferRequest()))
    tried("cut", lambda: serving_pb2.InferRequest.FromString(asked.SerializeToString()[:-3]))
    tried("again", lambda: serving_pb2.InferRequest.FromString(asked.SerializeToString(deterministic=True)) == asked)
    tried("any", lambda: (lambda item: (item.Pack(asked), item.TypeName()))(any_pb2.Any()))
    tried(
        "times",
        lambda: [
            timestamp_pb2.Timestamp(seconds=1).ToJsonString(),
            duration_pb2.Duration(seconds=90).ToJsonString(),
            wrappers_pb2.BoolValue(value=True).value,
            struct_pb2.NULL_VALUE,
        ],
    )
    tried("mask", lambda: field_mask_pb2.FieldMask(paths=["model"]).IsValidForDescriptor(serving_pb2.InferRequest.DESCRIPTOR))
    tried("made", lambda: _made())
    tried("wrong kind", lambda: serving_pb2.InferRequest(model=1))
    tried(
        "unknown",
        lambda: len(
            __import__("google.protobuf.unknown_fields").protobuf.unknown_fields.UnknownFieldSet(
                serving_pb2.ModelsRequest.FromString(asked.SerializeToString())
            )
        ),
    )
    return tried.done


def _made() -> list:
    from google.protobuf import descriptor_pb2, descriptor_pool, message_factory

    file = descriptor_pb2.FileDescriptorProto(name="made.proto", package="made", syntax="proto3")
    message = file.message_type.add(name="Cup")
    message.field.add(name="size", number=1, type=5, label=1)
    pool = descriptor_pool.DescriptorPool()
    pool.Add(file) if hasattr(pool, "Add") else pool.AddSerializedFile(file.SerializeToString())
    return [message_factory.GetMessageClass(pool.FindMessageTypeByName("made.Cup"))(size=3).size]
