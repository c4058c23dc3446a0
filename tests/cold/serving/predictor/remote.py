"""Models that another server has, asked as KServe's protocol says."""

import numpy


def ask(how: str, address: str, model: str, rows: list, name: str = "predict") -> dict:
    if how == "grpc":
        from tritonclient import grpc as client
    else:
        from tritonclient import http as client
    server = client.InferenceServerClient(address)
    values = numpy.asarray(rows, dtype=numpy.float32)
    asked = client.InferInput(name, list(values.shape), "FP32")
    asked.set_data_from_numpy(values, **({} if how == "grpc" else {"binary_data": False}))
    wanted = [client.InferRequestedOutput(name, **({} if how == "grpc" else {"binary_data": False}))]
    try:
        reply = server.infer(model, [asked], outputs=wanted)
    except Exception as error:
        return {"error": type(error).__name__, "status": str(getattr(error, "status", lambda: "")()), "message": str(error)[:200]}
    metadata = server.get_model_metadata(model, **({"as_json": True} if how == "grpc" else {}))
    return {"live": server.is_server_live(), "ready": server.is_model_ready(model), "values": reply.as_numpy(name).tolist(), "metadata": metadata.get("name")}


async def ask_later(how: str, address: str, model: str, rows: list) -> dict:
    if how == "grpc":
        import tritonclient.grpc.aio as client
    else:
        import tritonclient.http.aio as client
    values = numpy.asarray(rows, dtype=numpy.float32)
    async with client.InferenceServerClient(address) as server:
        asked = client.InferInput("predict", list(values.shape), "FP32")
        asked.set_data_from_numpy(values, **({} if how == "grpc" else {"binary_data": False}))
        reply = await server.infer(
            model,
            [asked],
            **(
                {}
                if how == "grpc"
                else {"outputs": [client.InferRequestedOutput("predict", binary_data=False)], "headers": {"Content-Type": "application/json"}}
            ),
        )
        return {"ready": await server.is_server_ready(), "values": reply.as_numpy("predict").tolist()}
