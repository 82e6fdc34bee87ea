"""``client.jobs``"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any, Callable, cast

from ..http.pages import Pages
from ..http.transport import Transport
from ..job import Job
from ..progress import open_bar
from ..record import Record
from .job_api import JobApi
from .listing import list_of

OnEpoch = Callable[[Record, Job], Any]
OnEvent = Callable[[Record, Job], Any]


class Jobs:
    def __init__(self, transport: Transport) -> None:
        self._transport = transport
        self._api = JobApi(transport)

    def create(self, config: Mapping[str, Any], *, idempotency_key: str | None = None) -> Job:
        """Queues a job. Raises ValidationError with everything that is wrong with the config."""
        sent = self._transport.json("POST", "/v1/jobs", body=config, idempotency_key=idempotency_key)
        return Job(self._api, sent)

    def validate(self, config: Mapping[str, Any]) -> Record:
        """What the service makes of a config: parameters, steps, memory. Creates nothing. Raises ValidationError."""
        return cast(Record, self._transport.json("POST", "/v1/jobs", query={"validate_only": True}, body=config))

    def train(
        self,
        config: Mapping[str, Any],
        *,
        on_epoch: OnEpoch | None = None,
        on_event: OnEvent | None = None,
        progress: bool | None = None,
        idempotency_key: str | None = None,
    ) -> Job:
        """
        Queues a job, watches it, and gives it once it has succeeded. ``on_epoch`` is called with each epoch as it is finished and the
        job, ``on_event`` with every event. ``progress`` says whether there is a bar: unless said, with tqdm on a terminal and in a
        notebook. An exception, Ctrl-C too, ends the watching, not the job. Raises UnsuccessfulError if it fails or is cancelled; its
        ``ended`` is the job.
        """
        job = self.create(config, idempotency_key=idempotency_key)
        bar = open_bar(job.progress["epochs"], progress)
        try:
            for event in job.events():
                if on_event:
                    on_event(event, job)
                if event["type"] == "epoch":
                    bar.tell(event["data"]["epoch"], event["data"]["loss"])
                    if on_epoch:
                        on_epoch(event["data"], job)
        finally:
            bar.close()
        return job.succeed()

    def get(self, id: str) -> Job:
        return Job(self._api, self._api.get(id))

    def list(self, **query: Any) -> Pages[Job]:
        """
        Newest first: ``list(status=["failed"], metadata={"team": "blue"}, created_after=yesterday)``; or by a
        metric: ``list(sort="-accuracy")``. Long lists in the config of a listed job are left out; ``refresh`` gives everything.
        """
        return list_of(self._transport, "/v1/jobs", query, lambda sent: Job(self._api, sent))

    def wait(self, id: str, *, timeout: float | None = None) -> Job:
        """Waits for the end of a job, whatever that is; at most so many seconds."""
        return self.get(id).wait(timeout=timeout)

    def curves(self, ids: Sequence[str], **query: Any) -> Record:
        """One number of the epochs of several jobs, ``loss`` unless ``metric`` names another, thinned out to ``max_points`` each."""
        return cast(Record, self._transport.json("GET", "/v1/epochs", query={**query, "job": ids}))

    def cancel(self, id: str) -> Job:
        """Ends a job; finished epochs stay. Raises ConflictError if it has ended."""
        return Job(self._api, self._api.act(id, "cancel"))

    def pause(self, id: str) -> Job:
        """Lets go of a job for now."""
        return Job(self._api, self._api.act(id, "pause"))

    def resume(self, id: str) -> Job:
        """Lets a paused job go on, to the same bits."""
        return Job(self._api, self._api.act(id, "resume"))

    def delete(self, id: str) -> None:
        """Deletes a job with all its results. Raises ConflictError while it runs."""
        self._api.delete(id)
