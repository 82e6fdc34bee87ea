"""``client.webhooks``: addresses that are told of events, and what they were told."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any, cast

from ..http.pages import Pages
from ..http.query import segment
from ..http.transport import Transport
from ..record import Record, camel_case
from .listing import as_it_is, list_of

_PATH = "/v1/webhooks"


class Webhooks:
    def __init__(self, transport: Transport) -> None:
        self._transport = transport

    def create(self, url: str, events: Sequence[str], *, description: str | None = None, idempotency_key: str | None = None) -> Record:
        """
        Has an address told of all jobs from now on. Only this answer has its ``secret``. Raises ConflictError if there are as many as
        may be.
        """
        body = {"url": url, "events": events, **({} if description is None else {"description": description})}
        return self._post(_PATH, body, idempotency_key)

    def list(self, **query: Any) -> Pages[Record]:
        """Newest first; with ``job_id`` the one that came with the config of that job."""
        return list_of(self._transport, _PATH, query, as_it_is)

    def get(self, id: str) -> Record:
        return cast(Record, self._transport.json("GET", _path(id)))

    def update(self, id: str, **changes: Any) -> Record:
        """Changes what is named: ``update(id, status="enabled")`` goes on with one that was disabled."""
        body = {camel_case(name): value for name, value in changes.items()}
        return cast(Record, self._transport.json("PATCH", _path(id), body=body))

    def delete(self, id: str) -> None:
        """Deletes it with its deliveries, those that wait too."""
        self._transport.json("DELETE", _path(id))

    def rotate_secret(self, id: str) -> Record:
        """A new ``secret``, which only this answer has; for 24 hours deliveries are signed with the one before too."""
        return self._post(_path(id, "/rotate-secret"))

    def test(self, id: str) -> Record:
        """Sends an event of the type ``webhook.test``; ``delivery`` tells what came of it."""
        return self._post(_path(id, "/test"))

    def deliveries(self, id: str, **query: Any) -> Pages[Record]:
        """What it was told, newest first, and what it answered: ``deliveries(id, status="failed")``."""
        return list_of(self._transport, _path(id, "/deliveries"), query, as_it_is)

    def delivery(self, id: str, delivery_id: str) -> Record:
        return cast(Record, self._transport.json("GET", _path(id, f"/deliveries/{segment(delivery_id)}")))

    def replay(self, id: str, delivery_id: str) -> Record:
        """Sends one again, under the same id."""
        return self._post(_path(id, f"/deliveries/{segment(delivery_id)}/replay"))

    def replay_range(self, id: str, *, from_: Any, to: Any = None, status: str | None = None) -> Record:
        """Sends those of a time again, the oldest first: ``from_`` and ``to`` are datetimes, or texts as the API has them."""
        said = {"from": from_, "to": to, "status": status}
        return self._post(_path(id, "/replay"), {name: value for name, value in said.items() if value is not None})

    def tenant_secret(self) -> Record:
        """What signs deliveries to the webhooks of single jobs."""
        return cast(Record, self._transport.json("GET", f"{_PATH}/secret"))

    def rotate_tenant_secret(self) -> Record:
        """Replaces it; the one before signs too for 24 hours."""
        return self._post(f"{_PATH}/secret")

    def _post(self, path: str, body: Any = None, idempotency_key: str | None = None) -> Record:
        return cast(Record, self._transport.json("POST", path, body=body, idempotency_key=idempotency_key))


def _path(id: str, rest: str = "") -> str:
    return f"{_PATH}/{segment(id)}{rest}"
