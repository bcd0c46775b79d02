"""Runs several programs as one: starts them in order, watches them, ends them in order."""

import asyncio
import time
from collections.abc import Awaitable, Callable, Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path

from rich.console import Console
from rich.markup import escape

from runtime.ports import Port
from runtime.process import Child


@dataclass(frozen=True, slots=True, kw_only=True)
class Service:
    """A program to run; `ready` is asked again and again until it answers yes."""

    name: str
    command: tuple[str, ...]
    log: Path
    ready: Callable[[], Awaitable[bool]]
    environment: Mapping[str, str] = field(default_factory=dict)
    ports: tuple[Port, ...] = ()
    starts_within: float = 60.0
    stops_within: float = 15.0


class ServiceFailed(Exception):
    """A program ended by itself or was not ready in time; carries the end of its log."""

    def __init__(self, service: Service, what: str, lines: Sequence[str]) -> None:
        super().__init__(f"{service.name} {what}; the end of {service.log}:")
        self.lines = tuple(lines)


class Supervisor:
    """Starts `services` in their order and ends them in `stop_order`, by name."""

    def __init__(self, services: Sequence[Service], stop_order: Sequence[str], console: Console) -> None:
        self._services = {service.name: service for service in services}
        if sorted(self._services) != sorted(stop_order):
            raise ValueError(
                f"stop_order {list(stop_order)} does not name the services {list(self._services)}"
            )
        self._stop_order = tuple(stop_order)
        self._console = console
        self._children: dict[str, Child] = {}
        self._watchers: list[asyncio.Task[None]] = []

    @property
    def names(self) -> tuple[str, ...]:
        """Names of the services in the order they start."""
        return tuple(self._services)

    async def run(self, stop: asyncio.Event, announce: Callable[[], None]) -> int:
        """Runs everything until `stop` is set, 0, or something fails, 1; `announce` is called when all is up.

        Raises PortTaken before anything is started.
        """
        for service in self._services.values():
            for port in service.ports:
                port.check()
        try:
            await self._until_stopped(stop, announce)
        except ServiceFailed as failure:
            self._explain(failure)
            return 1
        finally:
            await self._stop_all()
        return 0

    async def _until_stopped(self, stop: asyncio.Event, announce: Callable[[], None]) -> None:
        failed: asyncio.Future[None] = asyncio.get_running_loop().create_future()
        stopping = asyncio.create_task(_wait_for(stop))
        starting = asyncio.create_task(self._start_all(failed))
        anything: set[asyncio.Future[None]] = {failed, stopping, starting}
        try:
            await asyncio.wait(anything, return_when=asyncio.FIRST_COMPLETED)
            if starting.done() and not failed.done():
                starting.result()
                announce()
                await asyncio.wait(anything - {starting}, return_when=asyncio.FIRST_COMPLETED)
            if failed.done():
                failed.result()
        finally:
            await _cancel([starting, stopping])
            failed.cancel()

    async def _start_all(self, failed: asyncio.Future[None]) -> None:
        for service in self._services.values():
            began = time.monotonic()
            child = Child(service.command, service.log, service.environment)
            self._children[service.name] = child
            await child.start()
            self._watchers.append(asyncio.create_task(_watch(service, child, failed)))
            await _until_ready(service, child)
            self._console.print(f"[green]✓[/] {service.name} [dim]{time.monotonic() - began:.1f} s[/]")

    async def _stop_all(self) -> None:
        await _cancel(self._watchers)
        for name in self._stop_order:
            if name in self._children:
                await self._children[name].stop(self._services[name].stops_within)
                self._console.print(f"[dim]stopped {name}[/]")

    def _explain(self, failure: ServiceFailed) -> None:
        self._console.print(f"[red]✗[/] {escape(str(failure))}", highlight=False, soft_wrap=True)
        for line in failure.lines:
            self._console.print(f"  {line}", markup=False, highlight=False, soft_wrap=True)


async def _until_ready(service: Service, child: Child) -> None:
    try:
        async with asyncio.timeout(service.starts_within):
            while not await service.ready():
                await asyncio.sleep(0.1)
    except TimeoutError:
        what = f"was not ready within {service.starts_within:.0f} s"
        raise ServiceFailed(service, what, child.last_lines()) from None


async def _watch(service: Service, child: Child, failed: asyncio.Future[None]) -> None:
    code = await child.wait()
    if not failed.done():
        failed.set_exception(ServiceFailed(service, f"ended with exit code {code}", child.last_lines()))


async def _wait_for(stop: asyncio.Event) -> None:
    await stop.wait()


async def _cancel(tasks: Sequence[asyncio.Task[None]]) -> None:
    for task in tasks:
        task.cancel()
    await asyncio.gather(*tasks, return_exceptions=True)
