"""What `cauce up` runs follows from the settings."""

import os
import signal
import subprocess
import sys
from pathlib import Path

import pytest
from pydantic import SecretStr
from rich.console import Console

from runtime.state import AlreadyRunning, is_in_use, sole_use
from runtime.up import api_service, child_environment, supervise, temporal_service, up, worker_service
from settings import Settings


def test_the_own_temporal_keeps_its_file_beside_the_store(tmp_path: Path) -> None:
    service = temporal_service(Settings(data_dir=tmp_path))
    assert str(tmp_path / "temporal.db") in service.command
    assert [port.variable for port in service.ports] == ["CAUCE_TEMPORAL_PORT", "CAUCE_TEMPORAL_UI_PORT"]


def test_with_an_address_no_temporal_is_started(tmp_path: Path) -> None:
    own = supervise(Settings(data_dir=tmp_path), Console(quiet=True))
    theirs = supervise(Settings(data_dir=tmp_path, temporal_address="t:1"), Console(quiet=True))
    assert own.names == ("Temporal", "API and intake", "worker")
    assert theirs.names == ("API and intake", "worker")


def test_children_get_what_this_process_was_told_beyond_its_environment(tmp_path: Path) -> None:
    settings = Settings(
        data_dir=tmp_path,
        clock="manual",
        log_json=True,
        only_to=("a@b.es", "+34"),
        scorer_secret=SecretStr("x"),
    )
    environment = child_environment(settings)
    assert environment == {
        "CAUCE_CLOCK": "manual",
        "CAUCE_DATA_DIR": str(tmp_path),
        "CAUCE_DATABASE_URL": f"sqlite+aiosqlite:///{tmp_path}/cauce.db",
        "CAUCE_LOG_JSON": "true",
        "CAUCE_ONLY_TO": "a@b.es,+34",
        "CAUCE_SCORER_SECRET": "x",
        "CAUCE_TEMPORAL_ADDRESS": "127.0.0.1:7233",
        "PYTHONUNBUFFERED": "1",
    }


def test_children_read_the_settings_they_were_handed(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    settings = Settings(data_dir=tmp_path, clock="manual", log_json=True, only_to=("a@b.es", "+34"))
    for name, value in child_environment(settings).items():
        monkeypatch.setenv(name, value)
    assert Settings() == settings.model_copy(update={"temporal_address": "127.0.0.1:7233"})


async def test_the_api_is_not_ready_while_nothing_answers(tmp_path: Path) -> None:
    service = api_service(Settings(data_dir=tmp_path, port=1))
    assert await service.ready() is False


async def test_the_worker_is_ready_when_its_file_is_there_and_not_by_an_old_one(tmp_path: Path) -> None:
    mark = tmp_path / "run" / "worker.ready"
    mark.parent.mkdir()
    mark.write_text("1")
    service = worker_service(Settings(data_dir=tmp_path))
    assert await service.ready() is False
    mark.write_text("2")
    assert await service.ready() is True


async def test_a_second_one_on_the_same_data_is_refused(tmp_path: Path) -> None:
    with sole_use(tmp_path):
        assert is_in_use(tmp_path)
        with pytest.raises(AlreadyRunning, match="CAUCE_DATA_DIR"):
            await up(Settings(data_dir=tmp_path), Console(quiet=True))
    assert not is_in_use(tmp_path)


HOLD = """
import sys, time
from pathlib import Path
from runtime.state import sole_use
with sole_use(Path(sys.argv[1])):
    print("held", flush=True)
    time.sleep(60)
"""


def test_a_crash_frees_the_data_folder(tmp_path: Path) -> None:
    with subprocess.Popen([sys.executable, "-c", HOLD, str(tmp_path)], stdout=subprocess.PIPE) as holder:
        assert holder.stdout is not None
        holder.stdout.readline()
        assert is_in_use(tmp_path)
        os.kill(holder.pid, signal.SIGKILL)
    assert not is_in_use(tmp_path)
