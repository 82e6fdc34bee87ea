"""The requests about one job, by its id."""

from __future__ import annotations

import json
import time
from collections.abc import Iterator, Mapping
from contextlib import suppress
from typing import Any, cast

import httpx

from ..files.download import Download, file_name_of
from ..files.safetensors import Weights, read_safetensors
from ..http.json_body import cells_of, rows_of
from ..http.query import segment
from ..http.server_sent_events import read_event_data
from ..http.transport import Request, Transport
from ..record import Record
from ..results import Gradient, gradient_of

# How many seconds the service may hold an answer back.
WAIT_SECONDS = 60
# The service says something every 15 s; so many seconds without a byte, and the line is dead.
_MAX_STREAM_SILENCE = 45.0
# Seconds before a stream that broke off is opened again.
_REOPEN_SECONDS = 1.0
_EVENTS_PER_PAGE = 1000
_LAST = ("succeeded", "failed", "cancelled")


class JobApi:
    def __init__(self, transport: Transport) -> None:
        self._transport = transport

    def get(self, id: str) -> Record:
        return cast(Record, self._transport.json("GET", _path(id)))

    def wait_once(self, id: str, wait_for: str, seconds: int = WAIT_SECONDS) -> Record:
        """Answers at the next ``change``, or at the ``end``, or after so many seconds, 60 at most."""
        silence = self._transport.options.timeout + seconds
        query = {"wait": seconds, "wait_for": wait_for}
        return cast(Record, self._transport.json("GET", _path(id), query=query, max_silence=silence))

    def act(self, id: str, action: str) -> Record:
        return cast(Record, self._transport.json("POST", _path(id, f"/{action}")))

    def delete(self, id: str) -> None:
        self._transport.json("DELETE", _path(id))

    def epochs(self, id: str, query: Mapping[str, Any]) -> list[Record]:
        return cast("list[Record]", self._transport.json("GET", _path(id, "/epochs"), query=query)["data"])

    def checkpoints(self, id: str, query: Mapping[str, Any]) -> list[Record]:
        return cast("list[Record]", self._transport.json("GET", _path(id, "/checkpoints"), query=query)["data"])

    def gradients(self, id: str, query: Mapping[str, Any]) -> list[Gradient]:
        return [gradient_of(one) for one in self._transport.json("GET", _path(id, "/gradients"), query=query)["data"]]

    def weights(self, id: str, query: Mapping[str, Any]) -> Weights:
        request = Request("GET", _path(id, "/weights"), query={**query, "format": "safetensors"})

        def read(answer: Any) -> Weights:
            weights = read_safetensors(answer.read())
            weights.file_name = file_name_of(answer.headers.get("content-disposition"))
            return weights

        return self._transport.call(request, read)

    def file(self, id: str, what: str, format: str, query: Mapping[str, Any]) -> Download:
        request = Request("GET", _path(id, f"/{what}"), query={**query, "format": format})
        return Download(self._transport, request, f"{id}-{what}.{format}")

    def predict(self, id: str, rows: Any, output: str | None) -> Record:
        cells = cells_of(rows_of(rows))
        is_by_name = isinstance(cells, list) and len(cells) > 0 and isinstance(cells[0], dict)
        body = {"rows" if is_by_name else "features": cells, **({} if output is None else {"output": output})}
        return cast(Record, self._transport.json("POST", _path(id, "/predictions"), body=body))

    def history(self, id: str, after: int) -> Iterator[Record]:
        """What is stored so far, page by page."""
        while True:
            query = {"after": after, "limit": _EVENTS_PER_PAGE}
            events = self._transport.json("GET", _path(id, "/events"), query=query)["data"]
            yield from events
            if len(events) < _EVENTS_PER_PAGE:
                return
            after = events[-1]["seq"]

    def follow(self, id: str, after: int) -> Iterator[Record]:
        """Streams one after the other, each after the last event that came, until the job's last."""
        while True:
            headers = {"accept": "text/event-stream", "last-event-id": str(after)}
            request = Request("GET", _path(id, "/events"), headers=headers, max_silence=_MAX_STREAM_SILENCE)
            with self._transport.open(request) as answer:
                # The job has ended, and nothing came after the last event.
                if answer.status_code == 204:
                    return
                for event in _events_of(answer):
                    after = event["seq"]
                    yield event
                    if event["type"] in _LAST:
                        return
            time.sleep(_REOPEN_SECONDS)


def _path(id: str, rest: str = "") -> str:
    return f"/v1/jobs/{segment(id)}{rest}"


def _events_of(answer: httpx.Response) -> Iterator[Record]:
    """Ends where the line breaks, too."""
    with suppress(httpx.RequestError):
        for data in read_event_data(answer.iter_bytes()):
            yield json.loads(data, object_hook=Record)
