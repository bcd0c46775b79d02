"""Several programs start in order, end in order, and fall together."""

import asyncio
import socket
from dataclasses import replace
from pathlib import Path

import pytest
from rich.console import Console

from runtime.ports import Port, PortTaken
from runtime.supervisor import Service, Supervisor
from tests.runtime.programs import CRASHING, DEAF, entries, service


async def _run_until_up(services: list[Service], stop_order: list[str], console: Console) -> int:
    stop = asyncio.Event()
    return await Supervisor(services, stop_order, console).run(stop, stop.set)


async def test_programs_start_in_order_and_end_in_their_own_order(tmp_path: Path) -> None:
    services = [service(name, tmp_path) for name in ("temporal", "api", "worker")]
    code = await _run_until_up(services, ["api", "worker", "temporal"], Console(quiet=True))
    assert code == 0
    assert entries(tmp_path) == [
        "temporal starts",
        "api starts",
        "worker starts",
        "api ends",
        "worker ends",
        "temporal ends",
    ]


async def test_a_program_that_does_not_listen_is_killed(tmp_path: Path) -> None:
    services = [service("temporal", tmp_path), service("worker", tmp_path, DEAF)]
    assert await _run_until_up(services, ["worker", "temporal"], Console(quiet=True)) == 0
    assert entries(tmp_path)[-1] == "temporal ends"


async def test_one_that_falls_takes_all_down_and_shows_its_last_words(tmp_path: Path) -> None:
    console = Console(record=True, width=200, quiet=True)
    console.quiet = False
    falling = replace(service("worker", tmp_path, CRASHING), ready=_at_once)
    supervisor = Supervisor([service("temporal", tmp_path), falling], ["worker", "temporal"], console)
    assert await supervisor.run(asyncio.Event(), lambda: None) == 1
    shown = console.export_text()
    assert "worker ended with exit code 3" in shown
    assert "the disk is full" in shown
    assert entries(tmp_path) == ["temporal starts", "temporal ends"]


async def test_one_that_falls_while_starting_is_told_at_once(tmp_path: Path) -> None:
    services = [service("temporal", tmp_path), service("api", tmp_path, CRASHING)]
    async with asyncio.timeout(5):
        assert await _run_until_up(services, ["api", "temporal"], Console(quiet=True)) == 1


async def test_one_that_never_gets_ready_is_given_up(tmp_path: Path) -> None:
    console = Console(record=True, width=200)
    slow = replace(service("api", tmp_path), ready=_never, starts_within=0.3)
    assert await _run_until_up([slow], ["api"], console) == 1
    assert "api was not ready within 0 s" in console.export_text()


async def test_ctrl_c_while_starting_ends_what_runs(tmp_path: Path) -> None:
    stop = asyncio.Event()
    slow = replace(service("api", tmp_path), ready=_never)
    supervisor = Supervisor([service("temporal", tmp_path), slow], ["api", "temporal"], Console(quiet=True))
    running = asyncio.create_task(supervisor.run(stop, lambda: None))
    async with asyncio.timeout(10):
        while "api starts" not in entries(tmp_path):
            await asyncio.sleep(0.02)
        stop.set()
        assert await running == 0
    assert entries(tmp_path)[-2:] == ["api ends", "temporal ends"]


async def test_a_taken_port_is_named_with_its_setting_before_anything_starts(tmp_path: Path) -> None:
    with socket.create_server(("127.0.0.1", 0)) as other:
        port = Port(other.getsockname()[1], "CAUCE_PORT")
        services = [service("temporal", tmp_path), service("api", tmp_path, ports=(port,))]
        with pytest.raises(PortTaken, match=rf"port {port.number} is taken; set CAUCE_PORT=\d+"):
            await _run_until_up(services, ["api", "temporal"], Console(quiet=True))
    assert entries(tmp_path) == []


async def _at_once() -> bool:
    return True


async def _never() -> bool:
    return False
