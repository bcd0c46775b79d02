"""The locks hold for every machine: hashes for all, and no address of a registry."""

import re
import tomllib
from pathlib import Path

import pytest

ROOT = Path(__file__).parent.parent
LOCKS = ["requirements.txt", "requirements-dev.txt"]


@pytest.mark.parametrize("name", LOCKS)
@pytest.mark.parametrize("address", ["index-url", "find-links", "://", "trusted-host"])
def test_a_lock_names_no_place(name: str, address: str) -> None:
    assert address not in (ROOT / name).read_text()


@pytest.mark.parametrize("name", LOCKS)
def test_every_package_is_pinned_and_hashed(name: str) -> None:
    packages = re.findall(
        r"^[a-z0-9].*?(?=^[a-z0-9]|\Z)", (ROOT / name).read_text(), re.MULTILINE | re.DOTALL
    )
    assert len(packages) > 50
    for package in packages:
        assert re.match(r"[a-z0-9.\[\]-]+==\S+", package), package
        assert "--hash=sha256:" in package


def test_both_locks_agree() -> None:
    run, dev = (
        set(re.findall(r"^[a-z0-9]\S*==\S+", (ROOT / name).read_text(), re.MULTILINE)) for name in LOCKS
    )
    assert run <= dev


@pytest.mark.parametrize("name", LOCKS)
def test_setuptools_is_locked_too(name: str) -> None:
    assert re.search(r"^setuptools==", (ROOT / name).read_text(), re.MULTILINE)


def test_the_locks_hold_everything_that_pyproject_asks_for() -> None:
    project = tomllib.loads((ROOT / "pyproject.toml").read_text())["project"]
    extras = project["optional-dependencies"]
    asked = {
        "requirements.txt": [*project["dependencies"], *extras["build"]],
        "requirements-dev.txt": [wanted for extra in extras.values() for wanted in extra],
    }
    for name, wanted in asked.items():
        locked = set(re.findall(r"^([a-z0-9][a-z0-9-]*)==", (ROOT / name).read_text(), re.MULTILINE))
        names = {
            re.split(r"[^A-Za-z0-9._-]", line, maxsplit=1)[0].lower().replace(".", "-") for line in wanted
        }
        assert names <= locked, "run: make lock"
