"""Each finding says how it is and what to do."""

import socket
from pathlib import Path

import pytest
from rich.console import Console

from channels import carried_by
from runtime import doctor
from runtime.carriers import refuse_uncarried
from runtime.doctor import Finding
from runtime.ports import any_free
from runtime.project import load_project
from runtime.state import sole_use
from runtime.temporal_server import TemporalServer
from settings import Settings, SettingsError


async def _answers() -> None:
    """Stands for a database that can be reached."""


async def _refuses() -> None:
    raise ConnectionRefusedError("postgresql://cauce:hunter2@db refused")


def _settings(data_dir: Path) -> Settings:
    return Settings(
        data_dir=data_dir,
        journeys_dir=data_dir,
        port=any_free(),
        temporal_port=any_free(),
        temporal_ui_port=any_free(),
    )


async def test_a_sound_installation_passes(tmp_path: Path) -> None:
    (tmp_path / "welcome.yaml").write_text("")
    findings = await doctor.examine(_settings(tmp_path), _answers)
    assert [finding for finding in findings if finding.verdict == "fail"] == []
    assert doctor.report(findings, Console(quiet=True)) == 0


JOURNEY = "journey: hello\nversion: 1\nstart: {event: lead.created}\nsteps: [whatsapp: hello, email: hello]\n"
SENDGRID = {"email": "sendgrid", "email_from": "a@example.com", "sendgrid_api_key": "SG.k"}


def _sending(folder: Path, **more: str) -> Settings:
    (folder / "hello.yaml").write_text(JOURNEY)
    for path in ("whatsapp/hello.txt", "email/hello.txt"):
        (folder / "templates" / path).parent.mkdir(parents=True)
        (folder / "templates" / path).write_text("---\nsubject: Hello\n---\nHello")
    return Settings.model_validate({"data_dir": folder, "journeys_dir": folder, **more})


def test_channels_that_only_rehearse_are_well(tmp_path: Path) -> None:
    assert doctor.channels(_sending(tmp_path)) == []


def test_a_channel_that_nothing_carries_fails_and_names_journey_and_setting(tmp_path: Path) -> None:
    settings = _sending(tmp_path, **SENDGRID)
    (finding,) = doctor.channels(settings)
    assert (finding.what, finding.verdict) == ("whatsapp", "fail")
    assert "hello" in finding.says
    assert finding.remedy.startswith("set CAUCE_WHATSAPP=outbox")
    with pytest.raises(
        SettingsError, match="whatsapp: nothing carries it, and hello would send by it; set CA"
    ):
        refuse_uncarried(load_project(tmp_path).journeys.values(), carried_by(settings))


def test_messages_kept_beside_a_real_account_are_a_warning(tmp_path: Path) -> None:
    settings = _sending(tmp_path, **SENDGRID, whatsapp="outbox")
    (finding,) = doctor.channels(settings)
    assert (finding.verdict, finding.says) == ("warn", "whatsapp: messages go to the outbox and reach nobody")
    refuse_uncarried(load_project(tmp_path).journeys.values(), carried_by(settings))


async def test_a_database_out_of_reach_fails_without_its_password() -> None:
    finding = await doctor.store(_refuses)
    assert finding.verdict == "fail"
    assert "hunter2" not in repr(finding)


def test_an_old_python_fails() -> None:
    assert doctor.python((3, 10, 4)).verdict == "fail"


def test_a_folder_without_journeys_warns_and_a_missing_one_fails(tmp_path: Path) -> None:
    assert doctor.journeys(tmp_path).verdict == "warn"
    assert doctor.journeys(tmp_path / "nowhere").verdict == "fail"


def test_the_data_folder_need_not_exist_yet(tmp_path: Path) -> None:
    assert doctor.disk(tmp_path / "a" / "b").verdict != "fail"


def test_a_taken_port_names_the_setting(tmp_path: Path) -> None:
    with socket.create_server(("127.0.0.1", 0)) as other:
        settings = _settings(tmp_path).model_copy(update={"port": other.getsockname()[1]})
        finding = doctor.ports(settings)[0]
    assert finding.verdict == "fail"
    assert finding.remedy.startswith("set CAUCE_PORT=")


def test_ports_of_the_running_installation_are_well(tmp_path: Path) -> None:
    with sole_use(tmp_path):
        assert [finding.verdict for finding in doctor.ports(_settings(tmp_path))] == ["ok"]


async def test_temporal_is_asked_at_its_address(temporal: TemporalServer) -> None:
    assert (await doctor.temporal(Settings(temporal_address=temporal.address))).verdict == "ok"
    assert (await doctor.temporal(Settings(temporal_address="127.0.0.1:1"))).verdict == "fail"


def test_a_misspelt_variable_is_told() -> None:
    assert doctor.spelling({"CAUCE_PROT": "1"}) == [
        Finding("settings", "warn", "CAUCE_PROT sets nothing", "did you mean CAUCE_PORT?")
    ]


def test_a_failure_decides_the_exit_code_and_its_remedy_is_shown() -> None:
    console = Console(record=True, width=120)
    findings = [Finding("a", "ok", "well"), Finding("b", "fail", "broken", "mend it")]
    assert doctor.report(findings, console) == 1
    assert "mend it" in console.export_text()


CONNECTED = {
    "vocabulary.yaml": "connectors: {crm: {post: 'https://crm.example', secret: CRM_KEY, sends: {id: text}}}",
    "hello.yaml": "journey: hello\nversion: 1\nstart: {event: lead.created}\nsteps:\n  - webhook: crm\n"
    "    with: {id: lead.id}\n",
}


def test_a_connector_whose_secret_is_not_set_is_named(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    for name, text in CONNECTED.items():
        (tmp_path / name).write_text(text)
    says = "CRM_KEY is not set, and hello would ask it"
    remedy = "set CRM_KEY, or CRM_KEY_FILE to a file with it"
    assert doctor.connectors(_settings(tmp_path)) == [Finding("connector crm", "fail", says, remedy)]
    monkeypatch.setenv("CRM_KEY_FILE", str(tmp_path / "missing"))
    (finding,) = doctor.connectors(_settings(tmp_path))
    assert finding.says == "CRM_KEY_FILE cannot be read: No such file or directory"
    monkeypatch.setenv("CRM_KEY", "hunter2")
    assert doctor.connectors(_settings(tmp_path)) == []
