"""`cauce simulate` for a population: who comes, what they get, where the figures go."""

from __future__ import annotations

import csv
from pathlib import Path
from xml.etree import ElementTree

import pytest

from tests.commands.line import HELLO, VOCABULARY, CommandLine

CALLED = (
    HELLO
    + """\
  - call: talk
    queue: desk
    outcomes:
      glad: [end: taken]
      sorry: go_on
"""
)
QUEUES = """\
queues:
  desk:
    hours: {days: mon-fri, from: 9:00, to: 17:00}
    outcomes:
      glad: {effect: reached, result: positive}
      sorry: {effect: reached, result: negative}
caps: {marketing: {per_week: 1}}
"""
CROWD = """\
leads:
  visits: 0 to 3
  phone: 50 percent
  consent: {email: 80 percent}
from: 2026-01-05 at 8:00
over: 7 days
start: {place: [Madrid, Vigo]}
events:
  - {event: offer.taken, share: 10 percent, within: 1 day}
reactions:
  - {event: email.opened, share: 30 percent, within: 2 hours}
work:
  talk: {within: 1 hour, outcomes: {glad: 25, sorry: 75}}
"""


@pytest.fixture
def crowded(cauce: CommandLine) -> CommandLine:
    cauce.write("hello.yaml", CALLED)
    cauce.write("vocabulary.yaml", VOCABULARY + QUEUES)
    again = "---\nsubject: Again\npurpose: marketing\n---\nAgain.\n"
    cauce.write("templates/email/welcome_back.txt", again)
    cauce.write("../crowd.yaml", CROWD)
    return cauce


def simulated(cauce: CommandLine, *more: str | Path) -> dict[str, object]:
    said = cauce("simulate", "hello", "--json", *more)
    assert said.code == 0, said.out + said.err
    assert isinstance(said.json, dict)
    return dict(said.json)


def rows(path: Path) -> list[dict[str, str]]:
    with path.open(newline="", encoding="utf-8") as file:
        return list(csv.DictReader(file))


def test_everybody_is_counted_once(crowded: CommandLine, tmp_path: Path) -> None:
    crowd, out = crowded.folder / "crowd.yaml", tmp_path / "out"
    found = simulated(crowded, "--leads", "400", "--crowd", crowd, "--jobs", "2", "--out", out)
    assert (found["leads"], found["entered"], found["going_on"]) == (400, 400, 0)
    endings = {row["ending"]: int(row["leads"]) for row in rows(out / "endings.csv")}
    assert sum(endings.values()) == 400
    assert endings["taken"] > 40
    first = sum(int(row["sent"]) for row in rows(out / "messages.csv") if row["step"] == "hello")
    without = sum(int(row["leads"]) for row in rows(out / "skipped.csv") if row["step"] == "hello")
    assert without == pytest.approx(80, abs=25)
    assert first + without <= 400
    assert first + without >= 350


def test_the_same_seed_tells_the_same_story_on_any_number_of_processes(
    crowded: CommandLine, monkeypatch: pytest.MonkeyPatch
) -> None:
    crowd = crowded.folder / "crowd.yaml"
    told: list[str | Path] = ["--leads", "300", "--crowd", crowd, "--seed", "7"]
    first = simulated(crowded, *told, "--jobs", "1")
    monkeypatch.setattr("commands.crowd.FEW", 0)
    assert simulated(crowded, *told, "--jobs", "2") == first
    assert simulated(crowded, *told[:-1], "8", "--jobs", "1") != first


def test_losses_to_caps_and_work_by_hour_are_shown(crowded: CommandLine, tmp_path: Path) -> None:
    out = tmp_path / "out"
    shown = crowded.good("simulate", "hello", "--leads", "100", "--jobs", "1", "--out", out,
                         "--crowd", crowded.folder / "crowd.yaml")  # fmt: skip
    assert "lost to caps" in shown
    assert "welcome_back" in shown.partition("lost to caps")[2]
    assert "mon-fri 9:00-17:00" in shown
    work = rows(out / "work.csv")
    assert {row["queue"] for row in work} == {"desk"}
    assert sum(int(row["ready"]) for row in work) > 30


def test_the_pictures_are_whole_and_ask_nothing_of_other_hosts(crowded: CommandLine, tmp_path: Path) -> None:
    out = tmp_path / "out"
    crowded.good("simulate", "hello", "--leads", "30", "--jobs", "1", "--out", out)
    for name in ("sends.svg", "work.svg"):
        text = (out / name).read_text(encoding="utf-8")
        assert ElementTree.fromstring(text).tag.endswith("svg")
        assert 'href="http' not in text
        assert 'src="http' not in text


def test_a_population_from_a_file_has_its_own_fields(crowded: CommandLine) -> None:
    people = crowded.write(
        "../people.csv", "email,visits,consent.email\na@example.com,3,yes\nb@example.com,1,no\n"
    )
    found = simulated(crowded, "--csv", people, "--jobs", "1")
    assert found["leads"] == 2
    assert found["messages"] == [{"step": "hello", "channel": "email", "sent": 1}]
    assert {"step": "hello", "reason": "no_consent", "leads": 1} in found["skipped"]  # type: ignore[operator]


@pytest.mark.parametrize(
    ("text", "said"),
    [
        ("leads: {vists: 3}\n", "`leads` has no field `vists`"),
        ("leads: {status: {new: 80, customer: 30}}\n", "more than 100 percent"),
        ("events: [{event: offer.takn}]\n", "did you mean `offer.taken`?"),
        ("events: [{event: offer.taken, share: many}]\n", "write `20 percent`"),
        ("reactions: [{event: offer.taken}]\n", "is no reaction to a message"),
        ("ovr: 3 days\n", "did you mean `over`?"),
        ("leads: {born: 2026-13-01 to 2026-12-01}\n", "is no range"),
    ],
)
def test_a_mistake_in_the_crowd_has_its_place(crowded: CommandLine, text: str, said: str) -> None:
    wrong = crowded("simulate", "hello", "--leads", "3", "--crowd", crowded.write("../wrong.yaml", text))
    assert wrong.code == 1
    assert "wrong.yaml:1:" in wrong.err
    assert said in wrong.err


def test_a_row_that_cannot_be_read_is_named(crowded: CommandLine) -> None:
    people = crowded.write("../people.csv", "email,visits\na@example.com,3\nb@example.com,often\n")
    wrong = crowded("simulate", "hello", "--csv", people, "--jobs", "1")
    assert (wrong.code, "row 3: visits: is not a number" in wrong.err) == (1, True)
    people = crowded.write("../people.csv", "email,vists\na@example.com,3\n")
    assert "did you mean `visits`?" in crowded("simulate", "hello", "--csv", people).err


def test_one_must_say_who_comes(crowded: CommandLine) -> None:
    assert "one of --lead FILE, --leads NUMBER, --csv FILE" in crowded("simulate", "hello").err
