from google.protobuf import struct_pb2

MEDIA = "application/x-protobuf"


def read(body):
    message = struct_pb2.ListValue.FromString(body)
    return [[item.number_value for item in row.list_value.values] for row in message.values]


def write(values):
    message = struct_pb2.ListValue()
    message.extend(values.tolist() if hasattr(values, "tolist") else values)
    return message.SerializeToString(deterministic=True)
