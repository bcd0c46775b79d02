"""`fmt` on the command line: which files, what is said, what is written."""

from __future__ import annotations

from tests.commands.line import HELLO, CommandLine

CROOKED = (
    HELLO.replace("version: 1\n", "")
    .replace("steps:", "version: 1\nsteps:")
    .replace("  - event: offer.taken\n    as: taken", "      - as: taken\n        event: offer.taken")
)


def test_files_are_written_in_one_form_and_a_second_time_nothing_changes(cauce: CommandLine) -> None:
    path = cauce.write("hello.yaml", CROOKED)
    assert cauce.good("fmt") == f"formatted {path}\n1 formatted, 2 as they should be\n"
    assert path.read_text() == HELLO
    assert cauce.good("fmt") == "0 formatted, 3 as they should be\n"
    assert cauce.good("check") == "1 journey checked: no mistakes\n"


def test_check_writes_nothing_and_says_so_by_its_exit_code(cauce: CommandLine) -> None:
    path = cauce.write("hello.yaml", CROOKED)
    said = cauce("fmt", "--check")
    assert (said.code, said.out) == (1, f"would format {path}\n1 to format, 2 as they should be\n")
    assert path.read_text() == CROOKED
    cauce.good("fmt", cauce.journeys / "vocabulary.yaml", "--check")


def test_a_file_that_cannot_be_read_stays_and_its_mistake_is_shown(cauce: CommandLine) -> None:
    broken = "journey: [\n"
    path = cauce.write("broken.yaml", broken)
    latin = cauce.write("latin.yaml", b"journey: caf\xe9\n")
    other = cauce.write("hello.yaml", CROOKED)
    said = cauce("fmt")
    assert said.code == 1
    assert f"{path}:2:1: J001" in said.out
    assert f"{latin} is not UTF-8" in said.err
    assert "1 formatted, 2 as they should be, 2 not readable" in said.out
    assert path.read_text() == broken
    assert other.read_text() == HELLO


def test_only_the_files_of_the_language_are_touched(cauce: CommandLine) -> None:
    crooked = "a:   1\n"
    paths = [cauce.write(name, crooked) for name in ("scoring.yaml", "demo/x.yaml", ".hidden/x.yaml")]
    cauce.good("fmt", cauce.journeys)
    assert [path.read_text() for path in paths] == [crooked] * 3
    assert "scoring.yaml is no journey" in cauce("fmt", paths[0]).err


def test_a_link_stays_a_link_and_rights_stay(cauce: CommandLine) -> None:
    real = cauce.write("../elsewhere/hello.yaml", CROOKED)
    real.chmod(0o640)
    link = cauce.journeys / "hello.yaml"
    link.unlink()
    link.symlink_to(real)
    cauce.good("fmt", link)
    assert link.is_symlink()
    assert real.read_text() == HELLO
    assert real.stat().st_mode & 0o777 == 0o640
