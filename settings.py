"""Every setting of an installation, in one frozen model read from the environment.

A setting `port` is read from `CAUCE_PORT`, or from the file named by `CAUCE_PORT_FILE` (for secrets
mounted by an orchestrator); the variable wins over the file.
"""

import os
from collections.abc import Mapping
from difflib import get_close_matches
from pathlib import Path
from typing import Annotated, Literal, Self

from pydantic import AliasChoices, Field, SecretStr, ValidationError, field_validator, model_validator
from pydantic.fields import FieldInfo
from pydantic_settings import BaseSettings, NoDecode, PydanticBaseSettingsSource, SettingsConfigDict

PREFIX = "CAUCE_"

Port = Annotated[int, Field(ge=1, le=65535)]
Seconds = Annotated[float, Field(gt=0, le=600)]
Kept = Literal["outbox"] | None
_KEPT = "`outbox` keeps {} in the outbox also beside a real provider; they have none yet."


class SettingsError(Exception):
    """The environment does not make valid settings; the message names each variable, never a value."""


class Settings(BaseSettings):
    """What can be set from outside; handed down by constructors, never read from the environment again."""

    model_config = SettingsConfigDict(
        env_prefix=PREFIX,
        env_ignore_empty=True,
        frozen=True,
        extra="forbid",
        hide_input_in_errors=True,
        validate_by_name=True,
        validate_default=True,
    )

    data_dir: Path = Field(Path("var"), description="Folder of databases, logs and process files.")
    database_url: str = Field(
        default_factory=lambda data: f"sqlite+aiosqlite:///{data.get('data_dir', 'var')}/cauce.db",
        description="SQLAlchemy URL of the store: sqlite+aiosqlite:///… or postgresql+asyncpg://…",
        repr=False,
    )
    journeys_dir: Path = Field(Path("journey_defs"), description="Folder of journeys and vocabulary.")

    host: str = Field("127.0.0.1", description="Address the API listens on.")
    port: Port = Field(8000, description="Port the API listens on.")
    public_url: str = Field(
        default_factory=lambda data: f"http://{data.get('host', '127.0.0.1')}:{data.get('port', 8000)}",
        description="Where leads and providers reach the API; links and callbacks are made from it.",
    )

    temporal_address: str | None = Field(
        None,
        validation_alias=AliasChoices("CAUCE_TEMPORAL_ADDRESS", "TEMPORAL_ADDRESS"),
        description="host:port of a Temporal server; without it `cauce up` starts its own.",
    )
    temporal_tls: bool = Field(
        False, description="Encrypts the connection to Temporal (its Cloud, a cluster)."
    )
    temporal_api_key: SecretStr | None = Field(None, description="API key of Temporal Cloud; implies TLS.")
    temporal_port: Port = Field(7233, description="Port of the own Temporal server.")
    temporal_ui_port: Port = Field(8233, description="Port of the own Temporal server's pages.")
    temporal_namespace: str = Field("default", description="Temporal namespace of all runs.")
    task_queue: str = Field("cauce", description="Temporal task queue of workflows and activities.")
    workflow_sandbox: Literal["on", "off"] = Field(
        "on", description="`off` saves a third of the worker's CPU and is meant for production."
    )
    workflow_cache: int = Field(1000, ge=0, description="Runs a worker keeps in memory between wake-ups.")

    clock: Literal["system", "manual"] = Field(
        "system", description="`manual` lets PUT /v1/clock set business time; only with both outboxes."
    )

    email: Literal["outbox", "sendgrid"] = Field("outbox", description="Channel that carries e-mail.")
    email_from: str | None = Field(None, description="Sender's e-mail address.")
    email_from_name: str | None = Field(None, description="Sender's name beside the address.")
    sendgrid_url: str = Field("https://api.sendgrid.com", description="Base address of SendGrid's API.")
    sendgrid_api_key: SecretStr | None = Field(None, description="SendGrid's API key.")
    sms: Literal["outbox", "twilio"] = Field("outbox", description="Channel that carries SMS.")
    sms_from: str | None = Field(None, description="Sender's number (E.164) or messaging service (MG…).")
    twilio_url: str = Field("https://api.twilio.com", description="Base address of Twilio's API.")
    twilio_account_sid: str | None = Field(None, description="Twilio account (AC…).")
    twilio_auth_token: SecretStr | None = Field(None, description="Twilio's auth token.")
    whatsapp: Kept = Field(None, description=_KEPT.format("WhatsApp messages"))
    push: Kept = Field(None, description=_KEPT.format("push messages"))
    web_message: Kept = Field(None, description=_KEPT.format("web messages"))
    voice: Kept = Field(None, description=_KEPT.format("voice messages"))
    letter: Kept = Field(None, description=_KEPT.format("letters"))
    social: Kept = Field(None, description=_KEPT.format("messages on social networks"))
    provider_timeout: Annotated[float, Field(gt=0, le=10)] = Field(
        5.0, description="Seconds one call of a provider may take, 10 at most."
    )
    only_to: Annotated[tuple[str, ...], NoDecode] = Field(
        (), description="For trials: addresses and numbers, comma-separated, that alone receive messages."
    )

    connector_hosts: Annotated[tuple[str, ...], NoDecode] = Field(
        (),
        description="Hosts, addresses and networks, comma-separated, that connectors reach too.",
    )

    scorer_url: str | None = Field(None, description="Outside scorer; without it the built-in rules score.")
    scorer_timeout: Seconds = Field(2.0, description="Seconds a branch waits for the outside scorer.")
    scorer_secret: SecretStr | None = Field(None, description="Signs requests to the outside scorer.")

    log_level: Literal["debug", "info", "warning", "error"] = Field("info", description="Least level logged.")
    log_json: bool = Field(False, description="One JSON object a line instead of text for people.")

    @property
    def is_rehearsal(self) -> bool:
        """Whether no message leaves the house: both e-mail and SMS go to the outbox."""
        return (self.email, self.sms) == ("outbox", "outbox")

    @field_validator("only_to", "connector_hosts", mode="before")
    @classmethod
    def _split_commas(cls, value: object) -> object:
        if isinstance(value, str):
            return tuple(part.strip() for part in value.split(",") if part.strip())
        return value

    @model_validator(mode="after")
    def _manual_clock_sends_nothing(self) -> Self:
        if self.clock == "manual" and not self.is_rehearsal:
            raise ValueError("CAUCE_CLOCK=manual needs CAUCE_EMAIL=outbox and CAUCE_SMS=outbox")
        return self

    @model_validator(mode="after")
    def _providers_are_complete(self) -> Self:
        needed: list[str] = []
        if self.email == "sendgrid":
            needed += ["sendgrid_api_key", "email_from"]
        if self.sms == "twilio":
            needed += ["twilio_account_sid", "twilio_auth_token", "sms_from"]
        missing = [variable(name) for name in needed if not getattr(self, name)]
        if missing:
            raise ValueError(f"the chosen channels also need {', '.join(missing)}")
        return self

    @classmethod
    def settings_customise_sources(
        cls,
        settings_cls: type[BaseSettings],
        init_settings: PydanticBaseSettingsSource,
        env_settings: PydanticBaseSettingsSource,
        dotenv_settings: PydanticBaseSettingsSource,
        file_secret_settings: PydanticBaseSettingsSource,
    ) -> tuple[PydanticBaseSettingsSource, ...]:
        return init_settings, env_settings, _FilesNamedByVariables(settings_cls)


class _FilesNamedByVariables(PydanticBaseSettingsSource):
    """Reads a setting from the file that `CAUCE_<NAME>_FILE` names, without its last line break."""

    def get_field_value(self, field: FieldInfo, field_name: str) -> tuple[str | None, str, bool]:
        path = os.environ.get(f"{variable(field_name)}_FILE")
        if not path:
            return None, field_name, False
        try:
            return Path(path).read_text(encoding="utf-8").rstrip("\r\n"), field_name, False
        except OSError as error:
            message = f"{variable(field_name)}_FILE cannot be read: {error.strerror}"
            raise SettingsError(message) from error

    def __call__(self) -> dict[str, str]:
        found: dict[str, str] = {}
        for name, field in self.settings_cls.model_fields.items():
            value, key, _ = self.get_field_value(field, name)
            if value is not None:
                found[key] = value
        return found


def variable(name: str) -> str:
    """Names the environment variable of a setting."""
    return PREFIX + name.upper()


def load() -> Settings:
    """Reads the settings from the environment; raises SettingsError naming every variable at fault."""
    try:
        return Settings()
    except ValidationError as error:
        raise SettingsError("\n".join(_explain(error))) from None


def misspelt(environ: Mapping[str, str]) -> dict[str, str]:
    """Finds `CAUCE_*` variables that set nothing but look like one that would, with their likely names."""
    known = {variable(name) for name in Settings.model_fields}
    known |= {f"{name}_FILE" for name in known}
    strangers = (name for name in sorted(environ) if name.startswith(PREFIX) and name not in known)
    likely = {name: get_close_matches(name, known, n=1, cutoff=0.8) for name in strangers}
    return {name: matches[0] for name, matches in likely.items() if matches}


def _explain(error: ValidationError) -> list[str]:
    lines = []
    for problem in error.errors(include_url=False, include_context=False, include_input=False):
        message = problem["msg"].removeprefix("Value error, ")
        place = str(problem["loc"][0]) if problem["loc"] else ""
        name = place if place.isupper() else variable(place)
        lines.append(f"{name}: {message}" if place else message)
    return lines
