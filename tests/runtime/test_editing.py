"""The project on disk with other texts in place of some files."""

from __future__ import annotations

import os
import shutil
from pathlib import Path

import pytest

from runtime.editing import Desk, edited
from runtime.project import Project, ProjectMissing, load_project
from tests.docs.pages import ROOT

FILE = "welcome_drip.yaml"


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    """The shipped journeys, to be changed."""
    return Path(shutil.copytree(ROOT / "journey_defs", tmp_path / "journeys"))


def written(folder: Path, texts: dict[str, str]) -> Project:
    """What is read where the texts really stand in the files."""
    for path, text in texts.items():
        (folder / path).write_text(text, "utf-8")
    return load_project(folder)


@pytest.mark.parametrize(
    ("old", "new"),
    [
        ("wait: 2 days", "wait: 3 days"),
        ("email: last_words", "email: last_wrods"),
        ("journey: welcome_drip", "journey: dealer_lead"),
        ("journey: welcome_drip", "journey: another"),
        ("steps:", "steps: ["),
        ("event: lead.created", "event: lead.creatd"),
    ],
)
def test_an_edited_text_is_judged_as_if_it_stood_in_its_file(folder: Path, old: str, new: str) -> None:
    text = (folder / FILE).read_text("utf-8")
    assert old in text
    texts = {FILE: text.replace(old, new, 1)}
    here, there = edited(load_project(folder), texts), written(folder, texts)
    assert set(here.problems) == set(there.problems)
    assert here.journeys == there.journeys
    assert here.files == there.files
    assert sorted(here.scenarios, key=lambda one: one.mark) == sorted(
        there.scenarios, key=lambda one: one.mark
    )
    assert here.sources == there.sources


def test_a_file_that_is_not_there_yet_belongs_to_the_project(folder: Path) -> None:
    text = "journey: new_one\nversion: 1\nstart: {by: request}\nsteps:\n  - wait: 1 day\n"
    here = edited(load_project(folder), {"new_one.yaml": text})
    assert here.journeys["new_one"].version == 1
    assert here.errors_of("new_one") == ()
    assert not (folder / "new_one.yaml").exists()


def test_a_desk_reads_again_what_changed_and_nothing_else(folder: Path) -> None:
    desk = Desk(folder)
    first = desk.project()
    assert desk.project() is first
    file = folder / FILE
    file.write_text(file.read_text("utf-8").replace("version: 1", "version: 7"), "utf-8")
    os.utime(file, ns=(1, 1))
    assert desk.project().journeys["welcome_drip"].version == 7
    (folder / "templates" / "email" / "welcome.en.mjml").unlink()
    (folder / "templates" / "email" / "welcome.es.mjml").unlink()
    assert desk.project().errors_of("welcome_drip")


def test_a_folder_that_is_gone_is_missing(folder: Path) -> None:
    desk = Desk(folder)
    desk.project()
    shutil.rmtree(folder)
    with pytest.raises(ProjectMissing, match="CAUCE_JOURNEYS_DIR"):
        desk.project()
