import orjson

MEDIA = "application/json"


def read(body):
    return orjson.loads(body)["instances"]


def write(values):
    return orjson.dumps({"predictions": values}, option=orjson.OPT_SERIALIZE_NUMPY)
