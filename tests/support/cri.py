"""The few calls of the Container Runtime Interface that make a pod, as a kubelet makes them.

Their messages are encoded here: numbers, texts and messages are all that they have, and the
interface's own code would have to be generated.
"""

from pathlib import Path

import grpc  # type: ignore[import-untyped]

CONTAINER, NODE = 1, 2  # enum NamespaceMode
SPACES = ((1, NODE), (2, CONTAINER))  # network and processes, as a kubelet asks by default
Field = tuple[int, "int | str | bytes"]


def _number(value: int) -> bytes:
    out = bytearray()
    while value > 127:
        out.append(value & 127 | 128)
        value >>= 7
    return bytes((*out, value))


def message(*fields: Field) -> bytes:
    """A message of protocol buffers."""
    out = bytearray()
    for number, value in fields:
        if isinstance(value, int):
            out += _number(number << 3) + _number(value)
        else:
            data = value.encode() if isinstance(value, str) else value
            out += _number(number << 3 | 2) + _number(len(data)) + data
    return bytes(out)


def _first_text(data: bytes) -> str:
    """The text that is the only field of an answer, of less than 128 bytes."""
    assert data[0] == 1 << 3 | 2
    return data[2 : 2 + data[1]].decode()


class Runtime:
    """A container runtime at a socket."""

    def __init__(self, socket: Path) -> None:
        self._channel = grpc.insecure_channel(f"unix://{socket}")

    def close(self) -> None:
        self._channel.close()

    def _call(self, name: str, request: bytes) -> bytes:
        method = self._channel.unary_unary(
            f"/runtime.v1.RuntimeService/{name}",
            request_serializer=bytes,
            response_deserializer=bytes,
        )
        return bytes(method(request, timeout=60))

    def start_pod(self, name: str, namespace: str, uid: str, parent: str) -> tuple[str, bytes]:
        """Start a pod without containers in a control group; return its id and configuration."""
        spaces = message(*SPACES)
        config = message(
            (1, message((1, name), (2, uid), (3, namespace))),
            (6, message((1, "io.kubernetes.pod.uid"), (2, uid))),
            (8, message((1, parent), (2, message((1, spaces))))),
        )
        return _first_text(self._call("RunPodSandbox", message((1, config)))), config

    def start(
        self, pod: tuple[str, bytes], name: str, image: str, args: tuple[str, ...], log: Path
    ) -> str:
        """Start a container of a pod with the kubelet's mount for its last words; return its id."""
        config = message(
            (1, message((1, name))),
            (2, message((1, image))),
            *((4, word) for word in args),
            (7, message((1, "/dev/termination-log"), (2, str(log)))),
            (15, message((2, message((3, message(*SPACES)))))),
        )
        asked = message((1, pod[0]), (2, config), (3, pod[1]))
        container = _first_text(self._call("CreateContainer", asked))
        self._call("StartContainer", message((1, container)))
        return container

    def stop(self, container: str) -> None:
        """Stop a container at once."""
        self._call("StopContainer", message((1, container)))

    def remove_pod(self, pod: str) -> None:
        """Remove a pod and its containers."""
        for name in ("StopPodSandbox", "RemovePodSandbox"):
            self._call(name, message((1, pod)))
