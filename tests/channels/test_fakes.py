"""The servers that stand for the providers keep a true log, in memory and in a file."""

from __future__ import annotations

import json
from dataclasses import asdict
from pathlib import Path

from tests.channels.conftest import EMAIL, email_channel
from tests.fakes import server as fakes
from tests.fakes.sendgrid import FakeSendGrid


async def test_the_log_is_also_written_as_lines_of_json(tmp_path: Path) -> None:
    file = tmp_path / "sendgrid.jsonl"
    with FakeSendGrid(file=file) as server:
        server.next(fakes.RESET_AFTER, fakes.refuse(500))
        channel = email_channel(server.url)
        for _ in range(3):
            await channel.send(EMAIL)

        lines = [json.loads(line) for line in file.read_text().splitlines()]
        assert lines == [asdict(entry) for entry in server.log]
    assert [(line["accepted"], line["status"]) for line in lines] == [(True, 202), (False, 500), (True, 202)]
    assert len({line["provider_id"] for line in lines}) == 3
