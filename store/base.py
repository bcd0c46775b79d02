"""What every table and repository stands on: column types, metadata, reading rows into records, pages.

A statement is composed once, since that costs more than carrying it out, and SQLAlchemy looks up an object it
knows by a key that the object keeps: statements stand at the top of their modules, or come from a cached
function where their form depends on which arguments there are. What differs from call to call is `given`,
and handed over by keyword as `given_NAME`; other keywords are columns that an INSERT or UPDATE writes:

    _BY_ID = select(leads).where(leads.c.id == given("id"))
    _CHANGE = update(leads).where(leads.c.id == given("id"))

    await self._one(_LEAD, _BY_ID, given_id=lead_id)
    await self._run(_CHANGE, given_id=lead_id, stage=stage, updated_at=at)

Only lists with a cursor and filters are composed anew.
"""

from __future__ import annotations

import base64
import binascii
import hashlib
import json
import uuid
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import fields
from datetime import UTC, datetime
from functools import cache
from typing import TYPE_CHECKING, Annotated, Generic, Protocol, TypeVar

from pydantic import AwareDatetime, Field, JsonValue, TypeAdapter
from pydantic_core import to_json
from sqlalchemy import (
    JSON,
    BigInteger,
    BindParameter,
    Column,
    ColumnElement,
    CursorResult,
    DateTime,
    Dialect,
    Executable,
    Index,
    Integer,
    MetaData,
    Row,
    Table,
    Text,
    bindparam,
    insert,
    literal,
    literal_column,
    tuple_,
)
from sqlalchemy.dialects import postgresql, sqlite
from sqlalchemy.ext.asyncio import AsyncConnection
from sqlalchemy.types import TypeDecorator

from model.records import Page
from store.errors import BadCursor, NaiveTime

if TYPE_CHECKING:
    from _typeshed import DataclassInstance

T = TypeVar("T")

metadata = MetaData(
    naming_convention={
        "ix": "ix_%(table_name)s_%(column_0_N_name)s",
        "uq": "uq_%(table_name)s_%(column_0_N_name)s",
        "ck": "ck_%(table_name)s_%(constraint_name)s",
        "fk": "fk_%(table_name)s_%(column_0_N_name)s",
        "pk": "pk_%(table_name)s",
    }
)

Json = JSON(none_as_null=True).with_variant(postgresql.JSONB(none_as_null=True), "postgresql")
BigId = BigInteger().with_variant(Integer(), "sqlite")


class Time(TypeDecorator[datetime]):
    """An instant: refuses naive values, is stored in UTC and read back aware; text that sorts on SQLite."""

    impl = DateTime
    cache_ok = True

    @property
    def python_type(self) -> type[datetime]:
        """Says what values are."""
        return datetime

    def load_dialect_impl(self, dialect: Dialect) -> DateTime:
        """Stores `timestamptz` on PostgreSQL, UTC without a zone on SQLite."""
        return DateTime(timezone=dialect.name == "postgresql")

    def process_bind_param(self, value: datetime | None, dialect: Dialect) -> datetime | None:
        """Moves the value to UTC; raises NaiveTime."""
        if value is None:
            return None
        if value.tzinfo is None or value.utcoffset() is None:
            raise NaiveTime("A time without a zone was handed to the store; give an aware one.")
        utc = value.astimezone(UTC)
        return utc if dialect.name == "postgresql" else utc.replace(tzinfo=None)

    def process_result_value(self, value: datetime | None, dialect: Dialect) -> datetime | None:
        """Reads the value back aware, in UTC."""
        if value is None:
            return None
        return value.astimezone(UTC) if dialect.name == "postgresql" else value.replace(tzinfo=UTC)


def text_column(name: str, *, null: bool = True) -> Column[str]:
    """Makes a column of text."""
    return Column(name, Text, nullable=null)


def time_column(name: str, *, null: bool = False) -> Column[datetime]:
    """Makes a column of instants."""
    return Column(name, Time, nullable=null)


def partial_index(
    name: str, where: ColumnElement[bool], *columns: ColumnElement[object], unique: bool = False
) -> Index:
    """Makes an index over those rows alone for which `where` holds."""
    return Index(name, *columns, unique=unique, sqlite_where=where, postgresql_where=where)


def same(column: ColumnElement[str], word: str) -> ColumnElement[bool]:
    """Compares with a word written into the SQL: only so may a partial index over that word serve."""
    return column == literal_column(f"'{word}'")


def among(column: ColumnElement[str], words: Iterable[str]) -> ColumnElement[bool]:
    """Compares with several words, each written into the SQL."""
    return column.in_([literal_column(f"'{word}'") for word in words])


def given(name: str) -> BindParameter[object]:
    """Leaves a place in a statement to be filled at each call, by the keyword `given_NAME`."""
    return bindparam(f"given_{name}")


def given_limit() -> BindParameter[int]:
    """Leaves the place of how many rows are wanted, filled by `given_limit`."""
    return bindparam("given_limit", type_=BigInteger)


def new_id() -> str:
    """Makes a fresh id that sorts by the time of its making (UUID version 7)."""
    millis = int(datetime.now(UTC).timestamp() * 1000)
    noise = uuid.uuid4().int & ((1 << 76) - 1)
    low, high = noise & ((1 << 62) - 1), noise >> 62 & 0xFFF
    return str(uuid.UUID(int=millis << 80 | 7 << 76 | high << 64 | 2 << 62 | low))


def digest(value: JsonValue) -> str:
    """Hashes a JSON value by its content, whatever the order of its keys (SHA-256, hexadecimal)."""
    return hashlib.sha256(json.dumps(value, sort_keys=True, ensure_ascii=False).encode()).hexdigest()


def columns_of(record: DataclassInstance) -> dict[str, object]:
    """Takes a record apart, one level deep."""
    return {name: getattr(record, name) for name in _names(type(record))}


@cache
def _names(kind: type[DataclassInstance]) -> tuple[str, ...]:
    return tuple(field.name for field in fields(kind))


class Shape(Generic[T]):
    """Reads rows of one table into one kind of record; columns and fields share their names."""

    def __init__(self, record: type[T]) -> None:
        self._adapter = TypeAdapter(record)

    def read(self, row: Row[*tuple[object, ...]]) -> T:
        """Reads one row."""
        return self._adapter.validate_python(dict(row._mapping))


class Transaction(Protocol):
    """What a repository needs of the transaction it works in; `wall` says when a row is recorded."""

    @property
    def connection(self) -> AsyncConnection:
        """Carries statements out."""

    @property
    def wall(self) -> Callable[[], datetime]:
        """Reads the wall clock."""


class Repository:
    """One table's queries inside one transaction."""

    def __init__(self, tx: Transaction) -> None:
        self._connection = tx.connection
        self._wall = tx.wall

    async def _run(self, statement: Executable, /, **values: object) -> CursorResult[*tuple[object, ...]]:
        return await self._connection.execute(statement, values)

    async def _one(self, shape: Shape[T], statement: Executable, /, **values: object) -> T | None:
        row = (await self._connection.execute(statement, values)).first()
        return None if row is None else shape.read(row)

    async def _all(self, shape: Shape[T], statement: Executable, /, **values: object) -> tuple[T, ...]:
        return tuple(shape.read(row) for row in await self._connection.execute(statement, values))

    async def _add_new(
        self, table: Table, rows: Sequence[Mapping[str, object]], *back: ColumnElement[object]
    ) -> tuple[Row[*tuple[object, ...]], ...]:
        """Inserts those rows that break no unique rule; answers with their columns `back`."""
        if not rows:
            return ()
        statement = _insert_new(table, self._connection.dialect.name, back)
        taken = [dict(row) for row in rows]
        return tuple(await self._connection.execute(statement, taken if len(taken) > 1 else taken[0]))

    async def _add(self, table: Table, row: Mapping[str, object]) -> None:
        await self._connection.execute(_insert(table), dict(row))


@cache
def _insert(table: Table) -> Executable:
    return insert(table)


@cache
def _insert_new(table: Table, dialect: str, back: tuple[ColumnElement[object], ...]) -> Executable:
    kind = postgresql.insert if dialect == "postgresql" else sqlite.insert
    return kind(table).on_conflict_do_nothing().returning(*back)


_SAFE: dict[type, TypeAdapter[object]] = {
    datetime: TypeAdapter(AwareDatetime),
    int: TypeAdapter(Annotated[int, Field(ge=0, lt=1 << 63)]),
    str: TypeAdapter(Annotated[str, Field(pattern="^[^\\x00]*$")]),
}


def encode_cursor(*values: object) -> str:
    """Packs the sort key of a page's last row into opaque text."""
    return base64.urlsafe_b64encode(to_json(values)).decode().rstrip("=")


def decode_cursor(cursor: str, kinds: Iterable[type]) -> tuple[object, ...]:
    """Unpacks a cursor into values of `kinds`; raises BadCursor."""
    try:
        values = json.loads(base64.urlsafe_b64decode(cursor + "=" * (-len(cursor) % 4)))
        return tuple(_SAFE[kind].validate_python(value) for kind, value in zip(kinds, values, strict=True))
    except (ValueError, TypeError, binascii.Error):
        raise BadCursor("The cursor does not belong to this list; begin without one.") from None


def after(columns: Sequence[Column[object]], cursor: str | None) -> ColumnElement[bool]:
    """The rows that come after the cursor in the ascending order of `columns`."""
    if cursor is None:
        return literal(True)
    values = decode_cursor(cursor, [column.type.python_type for column in columns])
    return tuple_(*columns) > tuple_(*map(literal, values, [column.type for column in columns]))


def page(items: Sequence[T], limit: int, key: Callable[[T], tuple[object, ...]]) -> Page[T]:
    """Cuts a list read with `limit + 1` into a page."""
    more = len(items) > limit
    kept = tuple(items[:limit])
    return Page(kept, encode_cursor(*key(kept[-1])) if more else None)
