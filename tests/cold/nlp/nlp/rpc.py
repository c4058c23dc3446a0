"""The same by gRPC, with the health service and reflection."""
import os

import grpc
from grpc_health.v1 import health, health_pb2, health_pb2_grpc
from grpc_reflection.v1alpha import reflection

from nlp import engine, words_pb2, words_pb2_grpc


class Words(words_pb2_grpc.WordsServicer):
    async def Split(self, request, context):
        if not request.body:
            await context.abort(grpc.StatusCode.INVALID_ARGUMENT, "no text")
        return words_pb2.Tokens(token=[token.text for token in engine.pipeline(request.language or "en")(request.body)])

    async def Stream(self, request, context):
        for number, token in enumerate(engine.pipeline(request.language or "en")(request.body)):
            yield words_pb2.Token(text=token.text, index=number)

    async def Fail(self, request, context):
        raise RuntimeError("as asked")


async def start():
    server = grpc.aio.server()
    words_pb2_grpc.add_WordsServicer_to_server(Words(), server)
    state = health.aio.HealthServicer()
    health_pb2_grpc.add_HealthServicer_to_server(state, server)
    names = (words_pb2.DESCRIPTOR.services_by_name["Words"].full_name, health_pb2.DESCRIPTOR.services_by_name["Health"].full_name, reflection.SERVICE_NAME)
    reflection.enable_server_reflection(names, server)
    if os.environ.get("NLP_TLS"):
        with open("/etc/nlp/key.pem", "rb") as key, open("/etc/nlp/cert.pem", "rb") as cert:
            server.add_secure_port("[::]:50051", grpc.ssl_server_credentials([(key.read(), cert.read())]))
    else:
        server.add_insecure_port("[::]:50051")
    await server.start()
    await state.set("", health_pb2.HealthCheckResponse.SERVING)
    return server
