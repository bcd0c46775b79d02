"""`cauce up`: Temporal, the API with intake, and the worker, on this machine, as one."""

import asyncio
import signal
import sys
from pathlib import Path

import httpx
from pydantic import SecretStr
from rich.console import Console
from rich.table import Table

from runtime.connect import address
from runtime.ports import Port
from runtime.state import ready_file, sole_use
from runtime.supervisor import Service, Supervisor
from runtime.temporal_server import ServerOptions, command, wait_until_ready
from settings import Settings, variable

ROOT = Path(__file__).resolve().parent.parent
TEMPORAL, API, WORKER = "Temporal", "API and intake", "worker"


async def up(
    settings: Settings, console: Console, *, virtual_time: bool = False, studio_key: str | None = None
) -> int:
    """Runs an installation until Ctrl-C or SIGTERM; returns the exit code. The link to Studio has the key.

    Raises PortTaken, AlreadyRunning, BinaryMissing. The database must be migrated before.
    """
    stop = asyncio.Event()
    for number in (signal.SIGINT, signal.SIGTERM):
        asyncio.get_running_loop().add_signal_handler(number, stop.set)
    with sole_use(settings.data_dir):
        supervisor = supervise(settings, console, virtual_time=virtual_time)
        return await supervisor.run(stop, lambda: announce(settings, console, studio_key))


def supervise(settings: Settings, console: Console, *, virtual_time: bool = False) -> Supervisor:
    """Composes the programs of an installation; stopping goes from where events come in to where they end."""
    services = [api_service(settings), worker_service(settings)]
    stop_order = [API, WORKER]
    if settings.temporal_address is None:
        services.insert(0, temporal_service(settings, virtual_time=virtual_time))
        stop_order.append(TEMPORAL)
    return Supervisor(services, stop_order, console)


def temporal_service(settings: Settings, *, virtual_time: bool = False) -> Service:
    """Composes Temporal's development server, its file beside the store."""
    options = ServerOptions(
        port=settings.temporal_port,
        ui_port=settings.temporal_ui_port,
        database=settings.data_dir / "temporal.db",
        namespace=settings.temporal_namespace,
        log=_log(settings, "temporal"),
        virtual_time=virtual_time,
    )

    async def ready() -> bool:
        await wait_until_ready(options.address, options.namespace)
        return True

    return Service(
        name=TEMPORAL, command=tuple(command(options)), log=options.log, ready=ready, ports=options.ports
    )


def api_service(settings: Settings) -> Service:
    """Composes the API process, in which intake runs too."""

    async def ready() -> bool:
        try:
            async with httpx.AsyncClient(timeout=2, trust_env=False) as client:
                return (await client.get(f"{base_url(settings)}/readyz")).is_success
        except httpx.HTTPError:
            return False

    listen = ("--host", settings.host, "--port", str(settings.port), "--timeout-graceful-shutdown", "8")
    return Service(
        name=API,
        command=(sys.executable, "-m", "uvicorn", "runtime.api_process:create_app", "--factory", *listen),
        log=_log(settings, "api"),
        ready=ready,
        environment=child_environment(settings),
        ports=(Port(settings.port, variable("port"), settings.host),),
    )


def worker_service(settings: Settings) -> Service:
    """Composes the worker process; its graceful end must outlast a provider's call."""
    mark = ready_file(settings.data_dir, "worker")
    mark.unlink(missing_ok=True)

    async def ready() -> bool:
        return mark.exists()

    return Service(
        name=WORKER,
        command=(sys.executable, str(ROOT / "worker.py")),
        log=_log(settings, "worker"),
        ready=ready,
        environment=child_environment(settings),
        stops_within=settings.provider_timeout + 15,
    )


def child_environment(settings: Settings) -> dict[str, str]:
    """Hands on what differs from this process's own environment, and where the own Temporal listens."""
    inherited = Settings()
    changed = {
        variable(name): _as_text(getattr(settings, name))
        for name in Settings.model_fields
        if getattr(settings, name) not in (getattr(inherited, name), None)
    }
    return {**changed, variable("temporal_address"): address(settings), "PYTHONUNBUFFERED": "1"}


def base_url(settings: Settings) -> str:
    """Tells where this machine reaches the API, also when it listens on every address."""
    host = {"0.0.0.0": "127.0.0.1", "::": "[::1]"}.get(settings.host, settings.host)
    return f"http://{host}:{settings.port}"


def studio_link(settings: Settings, key: str | None) -> str:
    """Gives the address of Studio; the key stands behind #, which no browser sends to any server."""
    return f"{base_url(settings)}/studio{f'#key={key}' if key else ''}"


def announce(settings: Settings, console: Console, studio_key: str | None = None) -> None:
    """Shows where everything is."""
    url = base_url(settings)
    table = Table(box=None, show_header=False, pad_edge=False)
    places = {"API": f"{url}/v1", "API's documentation": f"{url}/docs"}
    if settings.temporal_address is None:
        places["Temporal's pages"] = f"http://127.0.0.1:{settings.temporal_ui_port}"
    places |= {"data": str(settings.data_dir.resolve()), "logs": str(_log(settings, "api").parent.resolve())}
    for label, place in places.items():
        table.add_row(f"[bold]{label}", place)
    console.print(f"[bold]Studio[/] {studio_link(settings, studio_key)}", soft_wrap=True, highlight=False)
    console.print(table)
    console.print("[dim]Ctrl-C stops it; `cauce up` goes on where it was.[/]")


def _log(settings: Settings, name: str) -> Path:
    return settings.data_dir / "logs" / f"{name}.log"


def _as_text(value: object) -> str:
    match value:
        case tuple():
            return ",".join(str(part) for part in value)
        case SecretStr():
            return value.get_secret_value()
        case bool():
            return str(value).lower()
        case _:
            return str(value)
