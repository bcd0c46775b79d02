"""What connectors answered to runs: a history holds no personal data, and nobody is asked twice."""

from __future__ import annotations

from sqlalchemy import Column, ForeignKey, Index, Table, delete, select

from model.connectors import GivenAnswer
from store.base import Json, Repository, Shape, given, metadata, text_column, time_column

answers = Table(
    "answers",
    metadata,
    Column("id", text_column("id").type, primary_key=True),
    Column("enrolment_id", ForeignKey("enrolments.id"), nullable=False),
    Column("lead_id", ForeignKey("leads.id"), nullable=False, index=True),
    text_column("step", null=False),
    text_column("connector", null=False),
    Column("fields", Json, nullable=False),
    time_column("at"),
    time_column("recorded_at"),
    Index(None, "enrolment_id", "at"),
)

_GIVEN = Shape(GivenAnswer)
_one = answers.c
_columns = (_one.id, _one.enrolment_id, _one.lead_id, _one.step, _one.connector, _one.fields, _one.at)
_BY_ID = select(*_columns).where(_one.id == given("id"))
_OF_RUN = select(*_columns).where(_one.enrolment_id == given("run")).order_by(_one.at, _one.recorded_at)
_FORGET = delete(answers).where(_one.id == given("id"))


class Answers(Repository):
    """Answers by the id of what asked: a step's visit asks once, however often it is tried."""

    async def add(self, answer: GivenAnswer) -> None:
        """Keeps an answer; a second one to the same question is not kept."""
        row = {
            "id": answer.id, "enrolment_id": answer.enrolment_id, "lead_id": answer.lead_id,
            "step": answer.step, "connector": answer.connector, "fields": answer.fields, "at": answer.at,
            "recorded_at": self._wall(),
        }  # fmt: skip
        await self._add_new(answers, [row], _one.id)

    async def get(self, answer_id: str) -> GivenAnswer | None:
        """Reads the answer to a question."""
        return await self._one(_GIVEN, _BY_ID, given_id=answer_id)

    async def latest(self, enrolment_id: str) -> dict[str, GivenAnswer]:
        """Gives the last answer that each step of a run had."""
        found = await self._all(_GIVEN, _OF_RUN, given_run=enrolment_id)
        return {answer.step: answer for answer in found}

    async def forget(self, answer_id: str) -> None:
        """Drops an answer that its step asks for anew."""
        await self._run(_FORGET, given_id=answer_id)
