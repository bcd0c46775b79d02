"""`up` before anything runs, the errors of the command line, and its page in the docs."""

from __future__ import annotations

import os
import subprocess
import sys
from pathlib import Path

import pytest

from api.keys import hashed, is_key
from cli import app
from commands.reference import PAGE, page
from commands.running import prepare, studio_key
from runtime.project import ProjectBroken, load_project
from runtime.state import sole_use
from runtime.up import studio_link
from settings import load
from store import Store
from tests.commands.line import HELLO, SCORING, CommandLine

ROOT = Path(__file__).resolve().parent.parent.parent


async def test_a_first_start_makes_tables_journeys_and_one_key(
    cauce: CommandLine, capsys: pytest.CaptureFixture[str]
) -> None:
    cauce.write("scoring.yaml", SCORING)
    cauce.write("other.yaml", HELLO.replace("journey: hello", "journey: other").replace("2 days", "2 dayz"))
    await prepare(load())
    first = capsys.readouterr()
    assert "hello 1 published" in first.out
    assert "API key cauce_" in first.out
    assert "cauce keys create" in first.out
    assert "other" in first.err
    await prepare(load())
    assert "API key" not in capsys.readouterr().out
    store = Store.open(load().database_url)
    async with store.read() as tx:
        assert [one.name for one in await tx.journeys.all_latest()] == ["hello"]
        (key,) = await tx.keys.list()
        assert (key.source, key.scopes) == ("backend", ("admin",))
    await store.close()


async def test_each_start_ends_the_link_to_studio_of_the_one_before(cauce: CommandLine) -> None:
    cauce.write("scoring.yaml", SCORING)
    await prepare(load())
    made = [await studio_key(load()) for _ in range(2)]
    assert [is_key(text) for text in made] == [True, True]
    store = Store.open(load().database_url)
    async with store.read() as tx:
        first, *links = await tx.keys.list()
    await store.close()
    assert first.revoked_at is None
    assert [
        (key.hash == hashed(text), key.revoked_at is None) for key, text in zip(links, made, strict=True)
    ] == [
        (True, False),
        (True, True),
    ]
    assert {key.scopes for key in links} == {("journeys:read", "journeys:write")}
    assert studio_link(load(), made[1]).endswith(f"/studio#key={made[1]}")


async def test_a_project_without_sound_rules_does_not_start(cauce: CommandLine) -> None:
    with pytest.raises(ProjectBroken, match=r"scoring\.yaml is missing"):
        await prepare(load())
    cauce.write("scoring.yaml", "model: 3\n")
    with pytest.raises(ProjectBroken, match=r"scoring\.yaml:1:"):
        await prepare(load())


def test_a_second_up_on_the_same_folder_is_refused_at_once(cauce: CommandLine) -> None:
    with sole_use(load().data_dir):
        said = cauce("up")
    assert (said.code, "in use by a running cauce" in said.err) == (1, True)
    assert not cauce.database.exists()


@pytest.mark.usefixtures("cauce")
def test_the_entry_point_prints_one_line_and_no_traceback() -> None:
    def run(**environment: str) -> subprocess.CompletedProcess[str]:
        command = [sys.executable, "-c", "from cli import main; main()", "tasks", "list"]
        return subprocess.run(
            command, cwd=ROOT, env={**os.environ, **environment}, capture_output=True, text=True, check=False
        )

    wrong = run(CAUCE_DATABASE_URL="mysql://somewhere")
    assert (wrong.returncode, wrong.stdout, wrong.stderr.count("\n")) == (1, "", 1)
    assert wrong.stderr.startswith("The database must be sqlite+aiosqlite or postgresql+asyncpg")
    gone = run(CAUCE_DATABASE_URL="postgresql+asyncpg://u:hunter2@127.0.0.1:1/x")
    assert (gone.returncode, gone.stdout, gone.stderr.count("\n")) == (1, "", 1)
    assert "hunter2" not in gone.stderr
    assert "CAUCE_DATABASE_URL" in gone.stderr


def test_the_page_of_the_command_line_is_its_help() -> None:
    assert PAGE.read_text(encoding="utf-8") == page(app), "write it anew: python -m commands.reference"


def test_a_project_says_of_each_journey_what_forbids_it(cauce: CommandLine) -> None:
    cauce.write("other.yaml", HELLO.replace("journey: hello", "journey: other").replace("2 days", "2 dayz"))
    project = load_project(cauce.journeys)
    assert list(project.journeys) == ["hello"]
    assert project.errors_of("hello") == ()
    assert [problem.file for problem in project.errors_of("other")] == [f"{cauce.journeys}/other.yaml"]
    assert project.shared_errors == ()
