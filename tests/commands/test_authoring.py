"""`check`, `test`, `simulate`, `show`: what a journey designer sees."""

from __future__ import annotations

from tests.commands.line import HELLO, SCENARIOS, VOCABULARY, CommandLine


def test_a_sound_project_passes(cauce: CommandLine) -> None:
    assert cauce.good("check") == "1 journey checked: no mistakes\n"


def test_a_mistake_has_its_place_its_line_a_caret_and_the_way_out(cauce: CommandLine) -> None:
    cauce.write("hello.yaml", HELLO.replace("email: hello", "email: helo"))
    said = cauce("check", cauce.journeys / "hello.yaml")
    assert said.code == 1
    place, line, caret, advice = said.out.splitlines()[:4]
    assert place.startswith(f"{cauce.journeys}/hello.yaml:9:12: J012 ")
    assert line == "      - email: helo"
    assert caret.index("^") == line.index("helo")
    assert "hello" in advice


def test_mistakes_of_all_files_come_in_one_go(cauce: CommandLine) -> None:
    cauce.write("hello.yaml", HELLO.replace("wait: 2 days", "wait: 2 dayz"))
    cauce.write("bytes.yaml", b"journey: caf\xe9\n")
    cauce.write("scoring.yaml", "model: 3\n")
    cauce.write("templates/email/hello.txt", "---\nsubject: {{ a\n---\n")
    cauce.write("vocabulary/more.yaml", "lead: {visits: text}\n")
    said = cauce("check")
    for name in (
        "hello.yaml:10:",
        "bytes.yaml:1:",
        "scoring.yaml:1:",
        "templates/email/hello.txt:",
        "vocabulary/more.yaml:",
    ):
        assert f"{cauce.journeys}/{name}" in said.out
    assert said.code == 1


def test_machines_get_the_problems_as_json(cauce: CommandLine) -> None:
    cauce.write("hello.yaml", HELLO.replace("email: hello", "email: helo"))
    said = cauce("check", cauce.journeys / "hello.yaml", "--format", "json")
    problems = said.json
    assert isinstance(problems, list)
    assert isinstance(problems[0], dict)
    assert (problems[0]["code"], problems[0]["line"], problems[0]["column"]) == ("J012", 9, 12)
    assert said.code == 1


def test_a_file_is_checked_with_the_vocabulary_it_lies_beside(cauce: CommandLine) -> None:
    cauce.write("hello.yaml", HELLO.replace("email: hello", "email: helo"))
    sound = cauce.write("es/other.yaml", HELLO.replace("journey: hello", "journey: other"))
    assert cauce("check", sound).code == 0
    assert cauce("check", cauce.journeys / "hello.yaml").code == 1
    assert cauce("check", cauce.journeys / "es").code == 0
    assert cauce("check", cauce.journeys).code == 1


def test_a_project_in_a_folder_of_any_name_is_read(cauce: CommandLine) -> None:
    for name in ("vocabulary", "templates", "demo"):
        folder = cauce.folder / name / "project"
        cauce.write(f"../{name}/project/vocabulary.yaml", VOCABULARY)
        cauce.write(f"../{name}/project/hello.yaml", HELLO.replace("wait: 2 days", "wait: 2 dayz"))
        assert f"{folder}/hello.yaml:10:" in cauce("check", folder).out


def test_a_folder_that_is_not_there_is_one_line(cauce: CommandLine) -> None:
    for path in cauce.journeys.rglob("*"):
        if path.is_file():
            path.unlink()
    for path in (*sorted(cauce.journeys.rglob("*"), reverse=True), cauce.journeys):
        path.rmdir()
    said = cauce("check")
    assert (said.code, said.out) == (1, "")
    assert said.err.splitlines() == [f"{cauce.journeys} is no folder of journeys; set CAUCE_JOURNEYS_DIR"]


def test_scenarios_that_go_as_expected_pass(cauce: CommandLine) -> None:
    out = cauce.good("test", "--min-coverage", "100")
    assert "✓ comes again" in out
    assert out.splitlines()[-1] == "3 scenarios of 1 journeys, all as expected"


def test_a_failing_scenario_shows_its_log_and_where_it_parted(cauce: CommandLine) -> None:
    cauce.write("hello.test.yaml", SCENARIOS.replace("day 2 email welcome_back", "day 3 email welcome_back"))
    said = cauce("test", "hello")
    assert said.code == 1
    assert "✗ comes again" in said.out
    assert f"{cauce.journeys}/hello.test.yaml:5: expected `day 3 email welcome_back`" in said.out
    marked = [line for line in said.out.splitlines() if "<- here" in line]
    assert len(marked) == 1
    assert "welcome_back" in marked[0]
    assert "lead.visits >= 2 (visits 3)" in said.out


def test_a_branch_that_no_scenario_takes_is_named_and_may_fail(cauce: CommandLine) -> None:
    cauce.write("hello.test.yaml", SCENARIOS.partition("  - name: takes the offer")[0])
    assert cauce("test").code == 0
    said = cauce("test", "--min-coverage", "100")
    assert said.code == 1
    assert "not taken: exit: taken" in said.out


def test_results_of_scenarios_are_there_for_machines(cauce: CommandLine) -> None:
    cauce.write("hello.test.yaml", SCENARIOS.replace("day 1 end taken", "day 1 end finished"))
    said = cauce("test", "--json")
    assert said.code == 1
    assert isinstance(said.json, list)
    tested = said.json[0]
    assert isinstance(tested, dict)
    assert isinstance(tested["scenarios"], list)
    assert [one["passed"] for one in tested["scenarios"] if isinstance(one, dict)] == [True, False, True]


def test_a_journey_with_mistakes_is_not_played(cauce: CommandLine) -> None:
    cauce.write("hello.yaml", HELLO.replace("email: hello", "email: helo"))
    said = cauce("test")
    assert said.code == 1
    assert "J012" in said.out
    assert "✓" not in said.out


def test_a_simulation_is_told_day_by_day_with_reasons(cauce: CommandLine) -> None:
    lead = cauce.write("../lead.yaml", "visits: 5\nzone: Europe/Madrid\nconsent:\n  email: true\n")
    events = cauce.write("../events.json", '[\n\t{"at": "3 hours", "event": "visit.made"}\n]\n')
    out = cauce.good("simulate", "hello", "--lead", lead, "--events", events)
    lines = [line.split() for line in out.splitlines()]
    assert ["day", "2", "Wed", "2026-01-07", "10:00", "branch", "yes"] in [line[:7] for line in lines]
    assert "visits 5" in out
    assert lines[-1][:3] == ["10:00", "end", "finished"]


def test_a_simulated_lead_without_consent_shows_why_nothing_goes_out(cauce: CommandLine) -> None:
    lead = cauce.write("../lead.json", '{"visits": 1, "consent": {"email": false}}')
    assert "no_consent" in cauce.good("simulate", "hello", "--lead", lead)


def test_a_mistake_in_a_simulated_lead_is_shown_in_its_own_file(cauce: CommandLine) -> None:
    lead = cauce.write("../lead.yaml", "# somebody\nvisits: 5\nvisist: 6\n")
    events = cauce.write("../events.yaml", "- at: 1 day\n  event: visit.mad\n")
    said = cauce("simulate", "hello", "--lead", lead, "--events", events)
    assert said.code == 1
    assert f"{lead}:3:1: J010" in said.err
    assert f"{events}:2:10: J011" in said.err


def test_an_unknown_journey_gets_the_nearest_name(cauce: CommandLine) -> None:
    said = cauce("show", "helo")
    assert (said.code, said.err) == (1, f"{cauce.journeys} has no journey helo; did you mean hello?\n")


def test_a_diagram_names_the_purpose_of_each_message(cauce: CommandLine) -> None:
    out = cauce.good("show", "hello")
    assert out.startswith("flowchart TD\n")
    assert "%% welcome_back: welcome_back, service" in out
