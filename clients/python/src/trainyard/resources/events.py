"""``client.events``: what happens to all jobs."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from typing import Any

from ..http.following import follow
from ..http.pages import Pages
from ..http.transport import Transport
from ..record import Record
from .listing import as_it_is, list_of

_PATH = "/v1/events"


class Events:
    def __init__(self, transport: Transport) -> None:
        self._transport = transport

    def list(self, **query: Any) -> Pages[Record]:
        """What is stored, oldest first: ``list(type=["job.failed"], metadata={"team": "blue"}, after=event.id)``."""
        return list_of(self._transport, _PATH, query, as_it_is)

    def follow(
        self, *, after: str | None = None, type: Sequence[str] | str | None = None, metadata: Mapping[str, str] | None = None
    ) -> Iterator[Record]:
        """
        What happened and happens, without an end: after the event whose id is given, from now on with ``after="latest"``, else from
        the first that there is. A line that breaks is opened again: none is missing, none comes twice.
        """
        query = {"type": type, "metadata": metadata}
        if after == "latest":
            return follow(self._transport, _PATH, {**query, "after": after}, None)
        return follow(self._transport, _PATH, query, after)
