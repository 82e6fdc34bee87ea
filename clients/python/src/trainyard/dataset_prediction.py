"""What a model gives for all rows of a dataset, as it was when it was last asked for."""

from __future__ import annotations

from collections.abc import Iterator
from typing import TYPE_CHECKING

from .errors import UnsuccessfulError
from .files.download import Download
from .record import Record

if TYPE_CHECKING:
    from .resources.prediction_api import PredictionApi


class DatasetPrediction:
    def __init__(self, api: PredictionApi, data: Record) -> None:
        self._api = api
        self.data = data
        """The prediction as the service wrote it."""

    @property
    def id(self) -> str:
        return str(self.data["id"])

    @property
    def status(self) -> str:
        """``queued``, ``running``, ``succeeded`` or ``failed``."""
        return str(self.data["status"])

    @property
    def metrics(self) -> Record | None:
        """The loss and the metrics of the job over all rows; None until it has succeeded, or without labels."""
        metrics: Record | None = self.data["metrics"]
        return metrics

    def refresh(self) -> DatasetPrediction:
        """Asks how it is now."""
        self.data = self._api.get(self.id)
        return self

    def wait(self) -> DatasetPrediction:
        """Waits for its end, whatever that is, and gives it."""
        while self.data["finishedAt"] is None:
            self.data = self._api.wait_once(self.id)
        return self

    def succeed(self) -> DatasetPrediction:
        """The same, and its end must be success. Raises UnsuccessfulError."""
        self.wait()
        if self.status == "succeeded":
            return self
        error = self.data["error"]
        raise UnsuccessfulError(error["code"], f"Prediction {self.id} {self.status}: {error['message']}", self)

    def rows(self) -> Iterator[Record]:
        """
        ``row``, from 0, and ``prediction`` of each row in the order of the dataset, as they come. Raises ConflictError until it has
        succeeded.
        """
        return self._api.rows(self.id)

    def file(self, format: str = "csv") -> Download:
        """The same as a file of lines, ``csv`` or ``ndjson``: ``file().save("predicted.csv")``."""
        return self._api.file(self.id, format)

    def delete(self) -> None:
        """Deletes it with its rows, whatever is done for it."""
        self._api.delete(self.id)

    def __repr__(self) -> str:
        return f"<DatasetPrediction {self.id}, {self.status}>"
