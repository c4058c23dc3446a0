import msgpack

MEDIA = "application/msgpack"


def read(body):
    return msgpack.unpackb(body)["instances"]


def write(values):
    return msgpack.packb({"predictions": values.tolist() if hasattr(values, "tolist") else values})
