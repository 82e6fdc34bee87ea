"""``client.sweeps``: many jobs over one grid of configs."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any, Callable, cast

from ..http.pages import Pages
from ..http.query import segment
from ..http.transport import Transport
from ..record import Record
from .job_api import JobApi
from .listing import as_it_is, list_of

OnChange = Callable[[Record], Any]
_FINAL = ("succeeded", "failed", "cancelled")


class Sweeps:
    def __init__(self, transport: Transport) -> None:
        self._transport = transport
        self._jobs = JobApi(transport)

    def create(self, config: Mapping[str, Any], *, idempotency_key: str | None = None) -> Record:
        """Queues a job for each point of the grid. Raises ValidationError."""
        return cast(Record, self._transport.json("POST", "/v1/sweeps", body=config, idempotency_key=idempotency_key))

    def run(self, config: Mapping[str, Any], *, on_change: OnChange | None = None, idempotency_key: str | None = None) -> Record:
        """Creates one and waits for its end: its jobs come ranked."""
        return self.wait(self.create(config, idempotency_key=idempotency_key)["id"], on_change=on_change)

    def get(self, id: str) -> Record:
        return cast(Record, self._transport.json("GET", _path(id)))

    def list(self, **query: Any) -> Pages[Record]:
        """Newest first, with counts of jobs in place of their table."""
        return list_of(self._transport, "/v1/sweeps", query, as_it_is)

    def wait(self, id: str, *, on_change: OnChange | None = None) -> Record:
        """Waits until every job has ended; ``on_change`` is called each time that one has."""
        while True:
            sweep = self.get(id)
            if on_change:
                on_change(sweep)
            still = next((job for job in sweep["jobs"] if job["status"] not in _FINAL), None)
            if sweep["status"] == "finished" or still is None:
                return sweep
            self._jobs.wait_once(still["jobId"], "end")

    def cancel(self, id: str) -> Record:
        """Ends every job that has not ended. Raises ConflictError if all have."""
        return cast(Record, self._transport.json("POST", _path(id, "/cancel")))

    def delete(self, id: str) -> None:
        """Deletes it with its jobs and their results. Raises ConflictError while one runs."""
        self._transport.json("DELETE", _path(id))


def _path(id: str, rest: str = "") -> str:
    return f"/v1/sweeps/{segment(id)}{rest}"
