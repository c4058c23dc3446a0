"""Signals, restarts, memory, name servers and no network: each test runs on docker and on the
embedded engine.
"""

import contextlib
import ipaddress
import socket
import threading
from pathlib import Path

import pytest

from careen.errors import CareenError, ToolError
from careen.model.runs.trace import Use
from careen.model.runs.workload import RunOptions
from careen.sensor.ebpf import EbpfSensor
from tests.support.engine_bench import AnyContainer, Bench, until

MIB = 1024 * 1024


def ask(made: AnyContainer, port: int) -> bytes:
    """Say hello to the container's port; what nobody answers is empty."""
    host_port = made.host_port(port)
    assert host_port is not None
    try:
        with socket.create_connection(("127.0.0.1", host_port), timeout=5) as connection:
            connection.sendall(b"hello")
            connection.shutdown(socket.SHUT_WR)
            return b"".join(iter(lambda: connection.recv(100), b""))
    except OSError:
        return b""


@pytest.mark.parametrize(("name", "number"), [("HUP", 1), ("INT", 2), ("TERM", 15)])
def test_a_signal_reaches_the_first_process(bench: Bench, name: str, number: int) -> None:
    with bench.container(RunOptions(args=("wait",))) as made:
        made.start()
        until(lambda: "waiting" in made.logs())
        made.signal(name)
        assert made.wait(20) == 40 + number
        assert f"signal {number}" in made.logs()
        with pytest.raises(ToolError, match=r"not running|is not running"):
            made.signal(name)


@pytest.mark.bpf
def test_a_restarted_container_keeps_id_root_and_ports_and_stays_under_watch(bench: Bench) -> None:
    with bench.container(RunOptions(args=("serve", "8000")), (8000,)) as made:
        name = made.id
        watch = EbpfSensor().watch(made)
        try:
            made.start()
            until(lambda: ask(made, 8000) == b"helloend")
            assert made.exec(("/bin/probe", "put", "/tmp/kept", "first start"), 20).status == 0
            made.restart(5)
            assert made.id == name
            assert made.state().running
            until(lambda: ask(made, 8000) == b"helloend")
            assert made.exec(("/bin/probe", "cat", "/tmp/kept"), 20).output == "first start"
            trace = watch.finish()
        finally:
            watch.close()
    assert trace.starts == 2
    assert trace.sensor.complete
    kept = {(touch.use, touch.on_image) for touch in trace.touches if touch.given == "/tmp/kept"}
    assert kept >= {(Use.WRITTEN, True), (Use.OPENED, True)}


def test_a_container_that_has_ended_can_be_started_again(bench: Bench) -> None:
    with bench.container(RunOptions(args=("both",))) as made:
        made.start()
        assert made.wait(20) == 0
        made.restart(5)
        assert made.wait(20) == 0
        assert sorted(made.logs().split("\n")) == sorted(["to stdout", "to stderr"] * 2 + [""])


def test_memory_is_limited_and_measured(bench: Bench) -> None:
    with bench.container(RunOptions(args=("eat", "1"), memory="64m")) as made:
        made.start()
        until(lambda: "hungry" in made.logs())
        before = made.memory_peak()
        assert made.wait(60) == 137
        assert made.state().oom_killed
        after = made.memory_peak()
    assert before is not None
    assert after is not None
    assert 0 < before <= after <= 64 * MIB


def test_the_peak_outlives_a_stop(bench: Bench) -> None:
    with bench.container(RunOptions(args=("wait",))) as made:
        made.start()
        until(lambda: "waiting" in made.logs())
        before = made.memory_peak()
        made.stop(5)
        assert before
        assert (made.memory_peak() or 0) >= before


def test_name_servers(bench: Bench) -> None:
    with bench.container(
        RunOptions(args=("cat", "/etc/resolv.conf"), dns=("192.0.2.1", "2001:db8::1"))
    ) as made:
        made.start()
        assert made.wait(20) == 0
        servers = [
            line.split()[1] for line in made.logs().splitlines() if line.startswith("nameserver")
        ]
    assert [ipaddress.ip_address(server) for server in servers] == [
        ipaddress.ip_address("192.0.2.1"),
        ipaddress.ip_address("2001:db8::1"),
    ]


def test_a_name_server_is_an_address(bench: Bench) -> None:
    with (
        pytest.raises(CareenError, match=r"dns\.example"),
        bench.container(RunOptions(dns=("dns.example",))),
    ):
        pass


def test_without_a_network_there_is_only_the_loopback_and_the_published_ports_still_lead_there(
    bench: Bench,
) -> None:
    with bench.container(RunOptions(args=("serve", "8000"), network="none"), (8000,)) as made:
        made.start()
        assert made.exec(("/bin/probe", "ls", "/sys/class/net"), 20).output.split() == ["lo"]
        until(lambda: ask(made, 8000) == b"helloend")
        made.restart(5)
        until(lambda: ask(made, 8000) == b"helloend")


def test_no_other_network_is_known(bench: Bench) -> None:
    with (
        pytest.raises(CareenError, match="only 'none'"),
        bench.container(RunOptions(network="bridge")),
    ):
        pass


def test_a_bench_has_this_machines_network_and_what_it_knows_of_name_servers(bench: Bench) -> None:
    with bench.container(RunOptions(args=("wait",), network="host"), (8000,)) as made:
        made.start()
        seen = set(made.exec(("/bin/probe", "ls", "/sys/class/net"), 20).output.split())
        ours = {path.name for path in Path("/sys/class/net").iterdir()}
        assert {
            each for each in seen ^ ours if not each.startswith("veth")
        } == set()  # those of other containers come and go meanwhile
        assert "lo" in seen
        assert seen & ours > {"lo"}
        assert made.host_port(8000) is None
        inside = made.exec(("/bin/probe", "cat", "/etc/resolv.conf"), 20).output.splitlines()
        servers = [
            line
            for line in Path("/etc/resolv.conf").read_text().splitlines()
            if line.startswith("nameserver")
        ]
        assert [line for line in inside if line.startswith("nameserver")] == servers
        assert "localhost" in made.exec(("/bin/probe", "cat", "/etc/hosts"), 20).output


def test_a_commands_own_variables_are_in_no_list_of_processes(bench: Bench) -> None:
    values = {
        "TOKEN": " se=cr\u00e9t #1 ",
        "HOME": "/elsewhere",
        "HTTPS_PROXY": "http://me:word@127.0.0.1:9",
        "EMPTY": "",
    }
    with bench.with_config(Env=["PATH=/bin", "TOKEN=old", "KEPT=1"]).container(
        RunOptions(args=("wait",))
    ) as made:
        made.start()
        seen = made.exec(("/bin/probe", "env"), 20, env=values).output.splitlines()
        assert {f"{name}={value}" for name, value in values.items()} <= set(seen)
        assert "KEPT=1" in seen
        assert sum(line.startswith("TOKEN=") for line in seen) == 1
        running = threading.Thread(
            target=made.exec, args=(("/bin/probe", "sleep", "3"), 20), kwargs={"env": values}
        )
        running.start()
        until(lambda: any(b"sleep" in words for words in command_lines()))
        assert not any(b"word@127" in words for words in command_lines())
        running.join()
        for odd in ({"A\0B": "secret"}, {"A=B": "secret"}):
            with pytest.raises(CareenError) as caught:
                made.exec(("/bin/probe", "env"), 20, env=odd)
            assert "secret" not in str(caught.value)


def command_lines() -> list[bytes]:
    found = []
    for path in Path("/proc").glob("[0-9]*/cmdline"):
        with contextlib.suppress(OSError):
            found.append(path.read_bytes())
    return found
