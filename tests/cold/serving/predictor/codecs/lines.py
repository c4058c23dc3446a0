import orjson

MEDIA = "application/x-ndjson"


def read(body):
    return [orjson.loads(line) for line in body.splitlines() if line]


def write(values):
    return b"".join(orjson.dumps(value, option=orjson.OPT_SERIALIZE_NUMPY | orjson.OPT_APPEND_NEWLINE) for value in values)
