"""One training run, as it was when it was last asked for, and all that can be asked about it and done with it."""

from __future__ import annotations

import math
import time
from collections.abc import Iterator, Mapping
from typing import TYPE_CHECKING, Any, Callable

from .dataset_prediction import DatasetPrediction
from .errors import TimeoutError, UnsuccessfulError
from .files.download import Download
from .files.safetensors import Weights
from .record import Record
from .results import Gradient
from .sequential import build_sequential

if TYPE_CHECKING:
    from .resources.job_api import JobApi


class Job:
    def __init__(self, api: JobApi, data: Record) -> None:
        self._api = api
        self.data = data
        """The job as the service wrote it."""

    @property
    def id(self) -> str:
        return str(self.data["id"])

    @property
    def status(self) -> str:
        """``queued``, ``running``, ``pausing``, ``paused``, ``cancelling``, ``succeeded``, ``failed`` or ``cancelled``."""
        return str(self.data["status"])

    @property
    def config(self) -> Record:
        """With every default filled in."""
        config: Record = self.data["config"]
        return config

    @property
    def progress(self) -> Record:
        """``epoch``, the finished epochs, of ``epochs``; ``fraction``, ``eta_seconds``, ``latest_loss``."""
        progress: Record = self.data["progress"]
        return progress

    @property
    def result(self) -> Record | None:
        """None until it has succeeded."""
        result: Record | None = self.data["result"]
        return result

    @property
    def error(self) -> Record | None:
        """Why it failed: ``code`` and ``message``; else None."""
        error: Record | None = self.data["error"]
        return error

    @property
    def has_ended(self) -> bool:
        """True once nothing about it changes any more."""
        return self.status in ("succeeded", "failed", "cancelled")

    def refresh(self) -> Job:
        """Asks how it is now."""
        return self._take(self._api.get(self.id))

    def wait(self, *, timeout: float | None = None, on_change: Callable[[Job], Any] | None = None) -> Job:
        """
        Waits for its end, whatever that is, and gives it. ``on_change`` is called with each change of status or progress that is
        seen meanwhile. Raises TimeoutError if it has not ended within so many seconds; the job goes on.
        """
        until = math.inf if timeout is None else time.monotonic() + timeout
        while not self.has_ended:
            left = until - time.monotonic()
            if left <= 0:
                raise TimeoutError(f"Job {self.id} is {self.status} after {timeout} s")
            self._take(self._api.wait_once(self.id, "change" if on_change else "end", min(60, math.ceil(min(left, 60)))))
            if on_change:
                on_change(self)
        return self

    def succeed(self, *, timeout: float | None = None, on_change: Callable[[Job], Any] | None = None) -> Job:
        """The same, and its end must be success. Raises UnsuccessfulError."""
        self.wait(timeout=timeout, on_change=on_change)
        if self.status == "succeeded":
            return self
        error = self.error or {"code": "CANCELLED", "message": "it was cancelled"}
        raise UnsuccessfulError(error["code"], f"Job {self.id} {self.status}: {error['message']}", self)

    def events(self, *, after: int = 0) -> Iterator[Record]:
        """
        What happened to it and happens, in order, until it has ended. A line that breaks is opened again after the last event that
        came; none is lost, none comes twice.
        """
        return self._api.follow(self.id, after)

    def history(self, *, after: int = 0) -> Iterator[Record]:
        """The same, but only what happened until now."""
        return self._api.history(self.id, after)

    def epochs(self, **query: Any) -> list[Record]:
        """
        Loss, metrics, learning rate, … of the epochs that are finished: ``epochs(from_=10, to=20)``, ``epochs(max_points=100)``.
        Numbers that are not finite are the words ``"NaN"``, ``"Infinity"``, ``"-Infinity"``, which ``float`` reads.
        """
        return self._api.epochs(self.id, query)

    def epochs_file(self, format: str, **query: Any) -> Download:
        """The same as a file of lines: ``csv`` or ``ndjson``."""
        return self._api.file(self.id, "epochs", format, query)

    def checkpoints(self, **query: Any) -> list[Record]:
        """The epochs of which weights are kept, with their losses and metrics: ``weights(epoch=…)`` gives them."""
        return self._api.checkpoints(self.id, query)

    def histograms(self, **query: Any) -> Record:
        """
        How the values of a parameter, or of its gradient, lie, epoch by epoch:
        ``histograms(of="gradients", parameter="layers.0.weight", bins=20)``.
        """
        return self._api.histograms(self.id, query)

    def picture(self, format: str = "svg", **query: Any) -> Download:
        """
        A picture of its loss, or of another ``metric`` of its epochs, as ``svg`` or ``png``: ``picture("png", width=800).save()``. ``job``
        names others for the same picture.
        """
        return self._api.picture(self.id, format, query)

    def picture_link(self, **said: Any) -> Record:
        """The ``url`` of such a picture that works without a key: ``picture_link(format="png", expires_in_seconds=86_400)``."""
        return self._api.picture_link(self.id, said)

    def losses(self) -> list[float]:
        """The loss of each finished epoch."""
        return [float(epoch["loss"]) for epoch in self.epochs()]

    def gradients(self, **query: Any) -> list[Gradient]:
        """Gradients of the epochs, as far as they were recorded: ``gradients(epoch=3, parameter="layers.0.weight")``."""
        return self._api.gradients(self.id, query)

    def weights(self, *, epoch: int | None = None, layout: str | None = None) -> Weights:
        """
        What was learned, by parameter, as arrays; of the last epoch unless one is named. ``layout="torch"`` gives the names and
        layouts of PyTorch.
        """
        return self._api.weights(self.id, {"epoch": epoch, "layout": layout})

    def weights_file(self, format: str, *, epoch: int | None = None, layout: str | None = None) -> Download:
        """The same as a file in a format of its own: ``safetensors``, ``npz``, ``json``, …"""
        return self._api.file(self.id, "weights", format, {"epoch": epoch, "layout": layout})

    def to_torch(self, *, epoch: int | None = None) -> Any:
        """
        The network as a loaded ``torch.nn.Sequential``, in evaluation mode; ``.train()`` lets it learn on. Its input is what the
        model sees: after ``preprocessing``, and images with their channels first. Raises TrainyardError for a layer that PyTorch
        does not have, and ImportError without PyTorch.
        """
        weights = self.weights(epoch=epoch, layout="torch")
        return build_sequential(weights.metadata["modules"].splitlines(), weights)

    def predict(self, rows: Any, *, output: str | None = None, labels: Any = None) -> Record:
        """
        What it predicts for rows of yours: a data frame, rows by column name, lists or an array in the order of the feature columns,
        or two such inputs ``{"a": …, "b": …}``. ``output`` is ``class``, ``probability`` or ``raw``. With the ``labels`` of each row,
        lists or an array in the order of the label columns, the answer has ``metrics`` too.
        """
        return self._api.predict(self.id, rows, output, labels)

    def predict_dataset(
        self, dataset: str | Mapping[str, Any], *, output: str | None = None, metrics: bool | None = None
    ) -> DatasetPrediction:
        """
        What it predicts for all rows of a dataset, by its id or as what the service generates: work of its own, to be waited for.
        ``metrics`` says whether they are measured by its labels; left out, if it has labels that fit.
        """
        return self._api.predict_dataset(self.id, dataset, output, metrics)

    def cancel(self) -> Job:
        """Ends it; finished epochs stay. Raises ConflictError if it has ended."""
        return self._take(self._api.act(self.id, "cancel"))

    def pause(self) -> Job:
        """Lets go of it for now."""
        return self._take(self._api.act(self.id, "pause"))

    def resume(self) -> Job:
        """Lets a paused one go on, to the same bits."""
        return self._take(self._api.act(self.id, "resume"))

    def delete(self) -> None:
        """Deletes it with all its results. Raises ConflictError while it runs."""
        self._api.delete(self.id)

    def __repr__(self) -> str:
        # One of a list with `fields` may lack any of them.
        told = [str(self.data[name]) for name in ("id", "status") if name in self.data]
        progress = self.data.get("progress")
        return f"<Job {', '.join([*told, *([f'{progress.epoch} of {progress.epochs} epochs'] if progress else [])])}>"

    def _take(self, data: Record) -> Job:
        self.data = data
        return self
