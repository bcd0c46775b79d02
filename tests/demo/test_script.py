"""The file of a story is read whole, and every mistake names its line."""

import json
from datetime import UTC, datetime
from pathlib import Path

import pytest
from pydantic import JsonValue

from runtime.demo.script import Posted, Put, ScriptError, Worked, read
from runtime.demo.show import STORY

Lines = list[dict[str, JsonValue]]

CAST: dict[str, JsonValue] = {
    "cast": "one", "title": "A story", "lead": {"external_id": "crm-1", "email": "a@example.com"},
    "ends": {"journey": "dealer_lead", "ending": "bought"},
}  # fmt: skip
OTHER: dict[str, JsonValue] = {**CAST, "cast": "two", "lead": {"external_id": "crm-2"}}
VISIT: dict[str, JsonValue] = {"at": "2026-11-04T17:30", "who": "dealer", "event": "visit.registered"}


def _file(folder: Path, *lines: dict[str, JsonValue]) -> Path:
    path = folder / "story.jsonl"
    path.write_text("\n".join(json.dumps(line) for line in lines))
    return path


def test_a_line_without_a_story_happens_in_each(tmp_path: Path) -> None:
    script = read(_file(tmp_path, CAST, OTHER, VISIT, {**VISIT, "at": "2026-11-05T10:00", "story": "two"}))
    assert [(cue.story, cue.line) for cue in script.cues] == [("one", 3), ("two", 3), ("two", 4)]
    assert script.parting("two") == datetime(2026, 11, 5, 9, 0, tzinfo=UTC)
    assert script.parting("one") == script.begins


@pytest.mark.parametrize(
    ("written", "meant"),
    [
        ("2026-11-04T17:30", datetime(2026, 11, 4, 16, 30, tzinfo=UTC)),
        ("2026-07-04T17:30", datetime(2026, 7, 4, 15, 30, tzinfo=UTC)),
        ("2026-11-04T17:30-05:00", datetime(2026, 11, 4, 22, 30, tzinfo=UTC)),
    ],
)
def test_times_without_an_offset_are_the_leads_local_times(
    tmp_path: Path, written: str, meant: datetime
) -> None:
    assert read(_file(tmp_path, CAST, {**VISIT, "at": written})).begins == meant


def test_a_remark_stands_before_the_next_act_of_its_stories(tmp_path: Path) -> None:
    lines: Lines = [CAST, OTHER, {"remark": "both"}, {"remark": "second", "story": "two"}, VISIT]
    script = read(_file(tmp_path, *lines, {"remark": "the end", "story": "one"}))
    assert script.closing == {"one": ("the end",), "two": ()}
    assert [cue.remarks for cue in script.cues] == [("both",), ("both", "second")]


def test_the_shipped_file_tells_both_endings() -> None:
    script = read(STORY)
    assert {cast.ends.ending for cast in script.casts.values()} == {"bought", "lost"}
    kinds = {type(cue.act) for cue in script.cues}
    assert kinds == {Put, Posted, Worked}
    first = next(iter(script.cues)).at
    assert first.date().isoformat() == "2026-11-04"


@pytest.mark.parametrize(
    ("lines", "line", "complaint"),
    [
        ([VISIT], 1, "first line must be a `cast`"),
        ([CAST, {**VISIT, "story": "three"}], 2, "no line before casts a story 'three'"),
        ([CAST, {**VISIT, "task": "call"}], 2, "exactly one of cast, remark, put, event, task"),
        ([CAST, {"at": "2026-11-04T17:30", "who": "dealer"}], 2, "exactly one of"),
        ([CAST, {**VISIT, "at": "soon"}], 2, "at: "),
        ([CAST, {**VISIT, "propertys": {}}], 2, "propertys: "),
        ([CAST, {**VISIT, "by": ["visitor_id"]}], 2, "has no visitor_id"),
        ([CAST, VISIT, {**VISIT, "at": "2026-11-03T10:00"}], 3, "earlier than line 2"),
        ([{**CAST, "zone": "Europe/Madird"}, VISIT], 1, "not a time zone"),
    ],
)
def test_a_mistake_names_its_line(tmp_path: Path, lines: Lines, line: int, complaint: str) -> None:
    path = _file(tmp_path, *lines)
    with pytest.raises(ScriptError) as failed:
        read(path)
    assert str(failed.value).startswith(f"{path}:{line}: ")
    assert complaint in str(failed.value)


def test_broken_json_and_a_missing_file_are_told(tmp_path: Path) -> None:
    path = tmp_path / "story.jsonl"
    with pytest.raises(ScriptError, match="cannot be read"):
        read(path)
    path.write_text(json.dumps(CAST) + "\n{oh no\n")
    with pytest.raises(ScriptError, match=r"story.jsonl:2: not JSON"):
        read(path)


def test_a_story_in_which_nothing_happens_is_refused(tmp_path: Path) -> None:
    with pytest.raises(ScriptError, match="nothing happens in the story 'two'"):
        read(_file(tmp_path, CAST, OTHER, {**VISIT, "story": "one"}))
