"""``client.imports``: files that the service fetches by itself; ``client.datasets.import_from`` begins one."""

from __future__ import annotations

from typing import Any, cast

from ..errors import UnsuccessfulError
from ..http.pages import Pages
from ..http.query import segment
from ..http.transport import Transport
from ..record import Record
from .job_api import WAIT_SECONDS
from .listing import as_it_is, list_of


class Imports:
    def __init__(self, transport: Transport) -> None:
        self._transport = transport

    def get(self, id: str) -> Record:
        return cast(Record, self._transport.json("GET", _path(id)))

    def list(self, **query: Any) -> Pages[Record]:
        """Newest first."""
        return list_of(self._transport, "/v1/imports", query, as_it_is)

    def wait(self, id: str) -> str:
        """Waits until the file is a dataset, and gives its id. Raises UnsuccessfulError if it does not become one."""
        silence = self._transport.options.timeout + WAIT_SECONDS
        while True:
            query = {"wait": WAIT_SECONDS, "wait_for": "end"}
            now = self._transport.json("GET", _path(id), query=query, max_silence=silence)
            if now["status"] in ("queued", "running"):
                continue
            if now["datasetId"] is not None:
                return str(now["datasetId"])
            error = now["error"] or {"code": "CANCELLED", "message": "it was cancelled"}
            raise UnsuccessfulError(error["code"], f"Import {id} {now['status']}: {error['message']}", now)

    def cancel(self, id: str) -> Record:
        return cast(Record, self._transport.json("POST", _path(id, "/cancel")))

    def delete(self, id: str) -> None:
        self._transport.json("DELETE", _path(id))


def _path(id: str, rest: str = "") -> str:
    return f"/v1/imports/{segment(id)}{rest}"
