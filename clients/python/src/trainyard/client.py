"""The client: everything of a service, by resource."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from types import TracebackType
from typing import Any

import httpx

from .http.transport import Transport
from .job import Job
from .options import read_options
from .record import Record
from .resources.dataset_predictions import Predictions
from .resources.datasets import Datasets
from .resources.engine import evaluate_loss, sample_initializer
from .resources.events import Events
from .resources.imports import Imports
from .resources.jobs import Jobs
from .resources.keys import Keys
from .resources.models import Models
from .resources.sweeps import Sweeps
from .resources.trainers import Trainers
from .resources.uploads import Uploads
from .resources.webhooks import Webhooks


class Client:
    """
    A client of one service.

        client = trainyard.Client()
        penguins = client.upload("penguins.csv")
        job = client.train({"dataset": {"id": penguins.id, "labels": ["Species"]}})

    It keeps connections open for a while; ``close``, or a ``with`` statement, ends them. Threads may share it.
    """

    def __init__(
        self,
        url: str | None = None,
        api_key: str | None = None,
        *,
        timeout: float = 60.0,
        max_retries: int = 4,
        transport: httpx.BaseTransport | None = None,
    ) -> None:
        """
        ``url`` is where the service is: ``TRAINYARD_URL``, else http://127.0.0.1:3000. ``api_key`` is a key of it, if it asks for
        one: ``TRAINYARD_API_KEY``. ``timeout`` is how many seconds the service may be silent; an answer that keeps coming may take as
        long as it takes. ``max_retries`` is how often a request is sent again that failed for a reason that passes. ``transport``
        sends the requests in place of httpx's own. Raises ValueError for an option that cannot be.
        """
        options = read_options(url, api_key, timeout, max_retries)
        self._transport = Transport(options, transport)
        self.url = options.url
        self.jobs = Jobs(self._transport)
        self.datasets = Datasets(self._transport)
        self.uploads = Uploads(self._transport)
        self.imports = Imports(self._transport)
        self.models = Models(self._transport)
        self.predictions = Predictions(self._transport)
        self.sweeps = Sweeps(self._transport)
        self.events = Events(self._transport)
        self.webhooks = Webhooks(self._transport)
        self.trainers = Trainers(self._transport)
        self.keys = Keys(self._transport)

    def train(self, config: Mapping[str, Any], **options: Any) -> Job:
        """``client.jobs.train``: queues a job, watches it, and gives it once it has succeeded."""
        return self.jobs.train(config, **options)

    def upload(self, source: Any, **options: Any) -> Record:
        """``client.datasets.upload``: a dataset of a file, a data frame, or rows."""
        return self.datasets.upload(source, **options)

    def catalog(self) -> Record:
        """Everything that a config can name, with defaults and ranges."""
        catalog: Record = self._transport.json("GET", "/v1/catalog")
        return catalog

    def evaluate_loss(self, type: str, inputs: Sequence[Any], target: Any, **said: Any) -> Record:
        """
        What a loss makes of tensors, arrays or nested lists, with its gradients: ``evaluate_loss("huber", [[1.8, 3.2]], [2, 3])``; a loss
        of two inputs takes two. ``said`` may have its ``reduction`` and ``options``.
        """
        return evaluate_loss(self._transport, type, inputs, target, said)

    def sample_initializer(self, type: str, shape: Sequence[int], **said: Any) -> Record:
        """A tensor as an initializer draws it, with its mean and spread; ``said`` may have ``options`` and a ``seed``."""
        return sample_initializer(self._transport, type, shape, said)

    def request(
        self,
        method: str,
        path: str,
        *,
        query: Mapping[str, Any] | None = None,
        body: Any = None,
        idempotency_key: str | None = None,
    ) -> Any:
        """Any other request of the API, by the same rules: ``request("GET", "/v1/jobs", query={"limit": 1})`` gives its JSON."""
        return self._transport.json(method, path, query=query, body=body, idempotency_key=idempotency_key)

    def close(self) -> None:
        """Ends the connections."""
        self._transport.close()

    def __enter__(self) -> Client:
        return self

    def __exit__(self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None) -> None:
        self.close()

    def __repr__(self) -> str:
        return f"<trainyard.Client of {self.url}>"
