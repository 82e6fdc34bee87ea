"""``client.keys``: what an admin lets others do. ``tenant`` says for whom, if the client's own key is an operator's."""

from __future__ import annotations

from typing import Any, cast

from ..http.pages import Pages
from ..http.query import segment
from ..http.transport import Transport
from ..record import Record, camel_case
from .listing import as_it_is, list_of


class Keys:
    def __init__(self, transport: Transport) -> None:
        self._transport = transport

    def create(self, scope: str, *, tenant: str | None = None, idempotency_key: str | None = None, **said: Any) -> Record:
        """
        Makes a key with a scope, ``read``, ``write`` or ``admin``, and maybe a ``name``, an ``expires_at``, a ``rate_limit``. Only this
        answer has its ``secret``; if it was lost and the request repeated, there is none: revoke the key then. Raises
        ValidationError, and ConflictError if the service takes no keys.
        """
        body = {"scope": scope, **{camel_case(name): value for name, value in said.items()}}
        made = self._transport.json("POST", "/v1/keys", body=body, headers=_for(tenant), idempotency_key=idempotency_key)
        return cast(Record, made)

    def list(self, *, tenant: str | None = None, **query: Any) -> Pages[Record]:
        """Newest first, those that are no longer in force too."""
        return list_of(self._transport, "/v1/keys", query, as_it_is, _for(tenant))

    def get(self, id: str, *, tenant: str | None = None) -> Record:
        return cast(Record, self._transport.json("GET", f"/v1/keys/{segment(id)}", headers=_for(tenant)))

    def current(self, *, tenant: str | None = None) -> Record:
        """What the client's own key may do."""
        return cast(Record, self._transport.json("GET", "/v1/keys/current", headers=_for(tenant)))

    def revoke(self, id: str, *, tenant: str | None = None) -> None:
        """Within two seconds it is refused everywhere."""
        self._transport.json("DELETE", f"/v1/keys/{segment(id)}", headers=_for(tenant))


def _for(tenant: str | None) -> dict[str, str]:
    return {} if tenant is None else {"x-tenant": tenant}
