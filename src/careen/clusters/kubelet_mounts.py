"""Which container of a pod a process is in, by what the kubelet mounts into each of them."""

import re

# kubelet: <root>/pods/<uid>/containers/<name>/<random>, at the container's terminationMessagePath
_OF_CONTAINER = re.compile(
    r"/pods/([0-9a-f-]{32,36})/containers/([a-z0-9](?:[a-z0-9-]{0,61}[a-z0-9])?)/[0-9a-f]{1,16}\Z"
)
_ROOT, _FIELDS = 3, 6


def container_in(mountinfo: str) -> tuple[str, str] | None:
    """Return (pod's UID, container's name) by the text of /proc/PID/mountinfo, None if unknown.

    A container cannot change what the kubelet has mounted, only hide it.
    """
    for line in mountinfo.split("\n"):
        fields = line.split(" ")
        if len(fields) >= _FIELDS and (match := _OF_CONTAINER.search(fields[_ROOT])):
            return match[1], match[2]
    return None
