"""The ports on which a container listens, by the kernel's tables."""

import os

from careen.engines.listeners import listening, listening_in

HEAD = "  sl  local_address rem_address   st tx_queue rx_queue tr tm->when retrnsmt   uid"
REST = "00000000:0000 0A 00000000:00000000 00:00000000 00000000     0"


def test_only_listening_sockets_count_and_loopback_is_told_apart() -> None:
    table = "\n".join(
        [
            HEAD,
            f"   0: 00000000:1F40 {REST}",
            f"   1: 0100007F:1F90 {REST}",
            "   2: 0100007F:2328 0100007F:9C40 01 00000000:00000000 00:00000000 00000000     0",
            f"   3: 0B00007F:A0B1 {REST}",  # docker's resolver
            f"   5: 0101007F:2329 {REST}",  # 127.0.1.1
            "   4: cut",
        ]
    )
    assert listening_in(table) == [(8000, False), (8080, True), (9001, True)]


def test_loopback_of_ipv6() -> None:
    rest = REST.replace("00000000:0000", "0" * 32 + ":0000", 1)
    table = "\n".join(
        [
            HEAD,
            f"   0: {'0' * 32}:1F40 {rest}",
            f"   1: 00000000000000000000000001000000:1F90 {rest}",
            f"   2: 0000000000000000FFFF00000100007F:1F91 {rest}",
        ]
    )
    assert listening_in(table) == [(8000, False), (8080, True), (8081, True)]


def test_the_ports_of_this_machine_are_no_containers() -> None:
    assert listening(os.getpid(), "ab" * 32) is None
    assert listening(2**22 + 1, "ab" * 32) is None
