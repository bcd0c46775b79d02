"""Routes that know their scope: the key is checked first, then the body, then the route runs."""

from __future__ import annotations

from collections.abc import Awaitable, Callable
from typing import Annotated, Final

from fastapi import APIRouter, Depends, Request, Response, Security
from fastapi.params import Security as SecurityParam
from fastapi.routing import APIRoute
from fastapi.security import HTTPAuthorizationCredentials, HTTPBearer
from pydantic import JsonValue

from api import strict_json
from api.auth import authenticate
from api.keys import Scope
from api.ports import house
from api.problems import Fault, Problem, plain_name
from model.records import ApiKey

bearer: Final = HTTPBearer(
    scheme_name="API key", bearerFormat="cauce_SECRET", auto_error=False,
    description="`cauce keys create` makes one. Each route names the scope it needs.",
)  # fmt: skip


async def _shown(_: Annotated[HTTPAuthorizationCredentials | None, Security(bearer)]) -> None:
    """Puts the scheme into OpenAPI; the check itself is `ScopedRoute`'s."""


def needs(scope: Scope) -> SecurityParam:
    """Declares the scope of a route: `dependencies=[needs("events:write")]`."""
    declared = Security(_shown, scopes=[scope])
    assert isinstance(declared, SecurityParam)
    return declared


async def caller(request: Request) -> ApiKey:
    """Gives the key that the request came with."""
    key = request.state.key
    assert isinstance(key, ApiKey)
    return key


Caller = Annotated[ApiKey, Depends(caller)]


class StrictRequest(Request):
    """A request whose JSON is read strictly."""

    async def json(self) -> JsonValue:
        """Reads the body; raises Problem."""
        return strict_json.read(await self.body())


class ScopedRoute(APIRoute):
    """Checks the key against the declared scope, then that a body is JSON."""

    @property
    def scope(self) -> str | None:
        """The scope that the route declares."""
        scopes = [s for one in self.dependencies if isinstance(one, SecurityParam) for s in one.scopes or ()]
        return scopes[0] if scopes else None

    def get_route_handler(self) -> Callable[[Request], Awaitable[Response]]:  # type: ignore[override]
        """Wraps the route."""
        inner = super().get_route_handler()
        scope = self.scope
        if scope is None:
            raise ValueError(f"{self.path} declares no scope")
        known = frozenset(parameter.alias for parameter in self.dependant.query_params)

        async def handle(request: Request) -> Response:
            request.state.key = await authenticate(request, house(request), scope)
            check_query(request, known)
            strict = StrictRequest(request.scope, request.receive)
            if self.body_field is not None and await strict.body():
                check_media_type(strict)
            return await inner(strict)

        return handle


def check_query(request: Request, known: frozenset[str]) -> None:
    """Raises Problem for a parameter that the route does not know: a filter that is passed over misleads."""
    strange = [name for name in request.query_params if name not in known]
    if strange:
        faults = [Fault(parameter=plain_name(name), message="is not known here") for name in strange[:10]]
        raise Problem("invalid_request", errors=faults)


def check_media_type(request: Request) -> None:
    """Raises Problem `unsupported_media_type` unless the body says it is JSON in UTF-8."""
    kind, _, rest = request.headers.get("content-type", "").lower().partition(";")
    charset = rest.strip().removeprefix("charset=").strip('"')
    if kind.strip() != "application/json" or charset not in ("", "utf-8", "utf8"):
        raise Problem("unsupported_media_type", headers={"Accept-Post": "application/json"})


def router(tag: str) -> APIRouter:
    """Makes the router of one resource."""
    return APIRouter(prefix="/v1", tags=[tag], route_class=ScopedRoute)
