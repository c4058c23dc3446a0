"""A server with one method, and a client that calls it."""

import json
from concurrent.futures import ThreadPoolExecutor

import grpc


def infer(request: bytes, context: grpc.ServicerContext) -> bytes:
    return json.dumps([2 * x for x in json.loads(request)]).encode()


handler = grpc.method_handlers_generic_handler(
    "Inference", {"Infer": grpc.unary_unary_rpc_method_handler(infer)}
)
server = grpc.server(ThreadPoolExecutor(2))
server.add_generic_rpc_handlers((handler,))
port = server.add_insecure_port("127.0.0.1:0")
server.start()
with grpc.insecure_channel(f"127.0.0.1:{port}") as channel:
    answer = channel.unary_unary("/Inference/Infer")(b"[1, 2, 3]", timeout=30)
server.stop(None)
print("scores:", json.loads(answer))
