"""The lines that the quickstart shows make a story that can be played."""

import re
from pathlib import Path

from runtime.demo.script import Posted, Put, Worked, read
from runtime.up import ROOT

LINE = re.compile(r'\{"(?:cast|at|remark)": .*\}(?=$|`)', re.MULTILINE)


def test_the_lines_of_the_quickstart_are_a_whole_story(tmp_path: Path) -> None:
    page = (ROOT / "docs" / "quickstart.md").read_text(encoding="utf-8")
    path = tmp_path / "story.jsonl"
    path.write_text("\n".join(LINE.findall(page)), encoding="utf-8")
    assert [type(cue.act) for cue in read(path).cues] == [Put, Posted, Worked]
