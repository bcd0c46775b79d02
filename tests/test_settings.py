"""The environment becomes settings, or one message that names the variable at fault."""

import os
from pathlib import Path

import pytest
from pydantic import SecretStr, ValidationError

from settings import Settings, SettingsError, load, misspelt


@pytest.fixture(autouse=True)
def _bare_environment(monkeypatch: pytest.MonkeyPatch) -> None:
    for name in os.environ:
        if name.startswith(("CAUCE_", "TEMPORAL_")):
            monkeypatch.delenv(name)


def test_without_any_variable_everything_stays_on_this_machine() -> None:
    settings = load()
    assert settings.database_url == "sqlite+aiosqlite:///var/cauce.db"
    assert settings.public_url == "http://127.0.0.1:8000"
    assert (settings.email, settings.sms, settings.temporal_address) == ("outbox", "outbox", None)


def test_database_and_public_address_follow_what_they_are_made_of(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("CAUCE_DATA_DIR", "/srv/cauce")
    monkeypatch.setenv("CAUCE_PORT", "9000")
    settings = load()
    assert settings.database_url == "sqlite+aiosqlite:////srv/cauce/cauce.db"
    assert settings.public_url == "http://127.0.0.1:9000"


@pytest.mark.parametrize("name", ["TEMPORAL_ADDRESS", "CAUCE_TEMPORAL_ADDRESS"])
def test_temporals_own_variable_counts_too(name: str, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv(name, "temporal.internal:7233")
    assert load().temporal_address == "temporal.internal:7233"


def test_a_setting_can_be_given_by_name() -> None:
    assert Settings(temporal_address="localhost:7000").temporal_address == "localhost:7000"


def test_only_to_is_a_list_with_commas(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("CAUCE_ONLY_TO", "ana@example.com, +34600000000,")
    assert load().only_to == ("ana@example.com", "+34600000000")


def test_a_secret_comes_from_a_file(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    (tmp_path / "key").write_text("SG.secret\n")
    monkeypatch.setenv("CAUCE_SENDGRID_API_KEY_FILE", str(tmp_path / "key"))
    settings = load()
    assert settings.sendgrid_api_key == SecretStr("SG.secret")
    assert "SG.secret" not in repr(settings)


def test_the_variable_wins_over_the_file(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    (tmp_path / "queue").write_text("from-file")
    monkeypatch.setenv("CAUCE_TASK_QUEUE_FILE", str(tmp_path / "queue"))
    monkeypatch.setenv("CAUCE_TASK_QUEUE", "from-variable")
    assert load().task_queue == "from-variable"


def test_a_missing_file_is_named(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("CAUCE_SCORER_SECRET_FILE", "/nowhere/secret")
    with pytest.raises(SettingsError, match="CAUCE_SCORER_SECRET_FILE cannot be read"):
        load()


def test_every_variable_at_fault_is_named_without_its_value(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("CAUCE_PORT", "eighty-eighty")
    monkeypatch.setenv("CAUCE_EMAIL", "pigeon")
    monkeypatch.setenv("CAUCE_DATABASE_URL", "postgresql+asyncpg://u:hunter2@db/x")
    with pytest.raises(SettingsError) as caught:
        load()
    message = str(caught.value)
    assert "CAUCE_PORT: " in message
    assert "CAUCE_EMAIL: " in message
    assert not any(value in message for value in ("eighty-eighty", "pigeon", "hunter2"))


@pytest.mark.parametrize("channel", [("CAUCE_EMAIL", "sendgrid"), ("CAUCE_SMS", "twilio")])
def test_a_manual_clock_with_real_messages_is_refused(
    channel: tuple[str, str], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("CAUCE_CLOCK", "manual")
    monkeypatch.setenv(*channel)
    with pytest.raises(SettingsError, match="CAUCE_CLOCK=manual needs"):
        load()


def test_a_provider_without_its_secrets_is_refused(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("CAUCE_SMS", "twilio")
    monkeypatch.setenv("CAUCE_SMS_FROM", "+34600000000")
    with pytest.raises(SettingsError, match="CAUCE_TWILIO_ACCOUNT_SID, CAUCE_TWILIO_AUTH_TOKEN"):
        load()


def test_settings_are_frozen() -> None:
    with pytest.raises(ValidationError):
        load().port = 1  # type: ignore[misc]


def test_a_misspelt_variable_is_found_and_a_stranger_left_alone() -> None:
    environ = {"CAUCE_DATABSE_URL": "", "CAUCE_PORT": "", "CAUCE_PORT_FILE": "", "CAUCE_X": "", "HOME": ""}
    assert misspelt(environ) == {"CAUCE_DATABSE_URL": "CAUCE_DATABASE_URL"}
