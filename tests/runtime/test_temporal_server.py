"""Temporal's development server starts, keeps its file, stops, and dies with its parent."""

import asyncio
import os
import shutil
import signal
import subprocess
import sys
from datetime import timedelta
from pathlib import Path

import pytest
from temporalio.api.workflowservice.v1 import DescribeNamespaceRequest
from temporalio.client import Client

from runtime.ports import PortTaken, any_free, is_free
from runtime.temporal_server import (
    BinaryMissing,
    ServerFailed,
    ServerOptions,
    TemporalServer,
    command,
    find_binary,
)


async def test_closed_runs_are_remembered_for_30_days(temporal_client: Client) -> None:
    asked = DescribeNamespaceRequest(namespace="default")
    answer = await temporal_client.workflow_service.describe_namespace(asked)
    assert answer.config.workflow_execution_retention_ttl.ToTimedelta() == timedelta(days=30)


async def test_its_file_outlives_it(tmp_path: Path) -> None:
    options = ServerOptions(
        port=any_free(), log=tmp_path / "log", database=tmp_path / "a" / "temporal.db", namespace="leads"
    )
    async with TemporalServer(options) as server:
        client = await Client.connect(server.address, namespace="leads")
        await client.start_workflow("Waiting", id="kept", task_queue="nobody")
    assert is_free(options.port)
    async with TemporalServer(options) as server:
        client = await Client.connect(server.address, namespace="leads")
        assert (await client.get_workflow_handle("kept").describe()).id == "kept"


async def test_a_port_in_use_is_named_with_its_setting(temporal: TemporalServer, tmp_path: Path) -> None:
    taken = ServerOptions(port=temporal.options.port, log=tmp_path / "log")
    with pytest.raises(PortTaken, match=f"port {taken.port} is taken; set CAUCE_TEMPORAL_PORT="):
        await TemporalServer(taken).start()


async def test_a_server_that_cannot_start_shows_its_own_words(tmp_path: Path) -> None:
    (tmp_path / "temporal.db").write_text("this is no database, and long enough to be looked at" * 100)
    broken = ServerOptions(port=any_free(), log=tmp_path / "log", database=tmp_path / "temporal.db")
    with pytest.raises(ServerFailed, match=r"(?s)ended with exit code 1; the end of .*not a database"):
        await TemporalServer(broken).start()


def test_pages_are_shown_only_when_asked_for(tmp_path: Path) -> None:
    assert "--headless" in command(ServerOptions(port=1, log=tmp_path))
    assert "--headless" not in command(ServerOptions(port=1, ui_port=2, log=tmp_path))


def test_a_missing_program_is_named(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(shutil, "which", lambda *_args, **_options: None)
    with pytest.raises(BinaryMissing, match="CAUCE_TEMPORAL_ADDRESS"):
        find_binary()


PARENT = """
import asyncio, sys
from pathlib import Path
from runtime.temporal_server import ServerOptions, TemporalServer
async def main():
    server = TemporalServer(ServerOptions(port=int(sys.argv[1]), log=Path(sys.argv[2])))
    await server.start()
    print(server.child.pid, flush=True)
    await asyncio.sleep(60)
asyncio.run(main())
"""


@pytest.mark.skipif(sys.platform != "linux", reason="the tether is Linux's")
async def test_a_parent_killed_hard_leaves_no_server_behind(tmp_path: Path) -> None:
    port = any_free()
    parent = await asyncio.create_subprocess_exec(
        sys.executable, "-c", PARENT, str(port), str(tmp_path / "log"), stdout=subprocess.PIPE
    )
    assert parent.stdout is not None
    server = int(await parent.stdout.readline())
    parent.send_signal(signal.SIGKILL)
    await parent.wait()
    async with asyncio.timeout(10):
        while _exists(server):
            await asyncio.sleep(0.05)


def _exists(pid: int) -> bool:
    try:
        os.kill(pid, 0)
    except ProcessLookupError:
        return False
    return True
