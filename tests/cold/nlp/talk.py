"""gRPC from a client in the container: the service, health, reflection, TLS, compression, streams, errors, descriptions compiled when asked."""
import asyncio, os, pathlib, sys, tempfile

import grpc

sys.path.insert(0, "/srv/nlp")
from grpc_health.v1 import health_pb2, health_pb2_grpc
from grpc_reflection.v1alpha import reflection_pb2, reflection_pb2_grpc
from grpc_reflection.v1alpha.proto_reflection_descriptor_database import ProtoReflectionDescriptorDatabase
from google.protobuf import descriptor_pool, json_format, text_format, timestamp_pb2, any_pb2, struct_pb2, message_factory
from nlp import words_pb2, words_pb2_grpc

secure = bool(os.environ.get("NLP_TLS"))
address = "localhost:50051"
channel = grpc.secure_channel(address, grpc.ssl_channel_credentials(open("/etc/nlp/cert.pem", "rb").read())) if secure else grpc.insecure_channel(address, compression=grpc.Compression.Gzip)
grpc.channel_ready_future(channel).result(30)
words = words_pb2_grpc.WordsStub(channel)
print(list(words.Split(words_pb2.Text(body="a good cup", language="fr")).token), [(one.text, one.index) for one in words.Stream(words_pb2.Text(body="so good"))])
for request, options in ((words_pb2.Text(), {}), (words_pb2.Text(body="a", language="qq"), {}), (words_pb2.Text(body="a " * 3_000_000), {}), (words_pb2.Text(body="tea " * 100_000), {"timeout": 0.01})):
    try:
        words.Split(request, **options)
    except grpc.RpcError as error:
        print(error.code(), error.details()[:60] if not options else "")
try:
    words.Fail(words_pb2.Text())
except grpc.RpcError as error:
    print(error.code(), error.details())
try:
    channel.unary_unary("/words.Words/Nothing")(b"")
except grpc.RpcError as error:
    print(error.code())
state = health_pb2_grpc.HealthStub(channel)
print(state.Check(health_pb2.HealthCheckRequest()).status, next(iter(state.Watch(health_pb2.HealthCheckRequest()))).status)
try:
    state.Check(health_pb2.HealthCheckRequest(service="nothing"))
except grpc.RpcError as error:
    print(error.code())
database = ProtoReflectionDescriptorDatabase(channel)
print(sorted(database.get_services()))
pool = descriptor_pool.DescriptorPool(database)
print([method.name for method in pool.FindServiceByName("words.Words").methods], message_factory.GetMessageClass(pool.FindMessageTypeByName("words.Text"))(body="x").body)
print(json_format.MessageToJson(words_pb2.Text(body="ü")), text_format.MessageToString(words_pb2.Text(body="ü"), as_utf8=True), json_format.Parse('{"body": "x"}', words_pb2.Text()).body)
packed = any_pb2.Any()
packed.Pack(words_pb2.Text(body="x"))
stamp = timestamp_pb2.Timestamp()
stamp.FromJsonString("2026-07-01T00:00:00Z")
print(packed.type_url, stamp.seconds, json_format.MessageToDict(struct_pb2.Struct(fields={"a": struct_pb2.Value(number_value=1)})))
place = pathlib.Path(tempfile.mkdtemp())
(place / "late.proto").write_text('syntax = "proto3";\nimport "google/protobuf/duration.proto";\nmessage Late { google.protobuf.Duration long = 1; }\nservice Later { rpc Go(Late) returns (Late); }\n')
sys.path.insert(0, str(place))
messages, services = grpc.protos_and_services("late.proto")
print(messages.Late.DESCRIPTOR.full_name, services.LaterStub.__name__)


class Tell(grpc.UnaryUnaryClientInterceptor):
    def intercept_unary_unary(self, go, details, request):
        print("asking", details.method)
        return go(details, request)


print(len(words_pb2_grpc.WordsStub(grpc.intercept_channel(channel, Tell())).Split(words_pb2.Text(body="a b")).token))
if not secure:
    async def later():
        async with grpc.aio.insecure_channel(address) as aio:
            stub = words_pb2_grpc.WordsStub(aio)
            print([one.text async for one in stub.Stream(words_pb2.Text(body="later on"))])
    asyncio.run(later())
try:
    grpc.channel_ready_future(grpc.insecure_channel("nowhere.invalid:1")).result(1)
except grpc.FutureTimeoutError:
    print("not there")
try:
    words_pb2_grpc.WordsStub(grpc.insecure_channel("localhost:1")).Split(words_pb2.Text(), timeout=5)
except grpc.RpcError as error:
    print(error.code())
