"""The bar of a job in a terminal or a notebook."""

from __future__ import annotations

import sys
import warnings
from typing import Any, Protocol


class Bar(Protocol):
    def tell(self, epoch: int, loss: Any) -> None:
        """So many epochs are finished."""

    def close(self) -> None:
        """Nothing more comes."""


def open_bar(epochs: int, wanted: bool | None) -> Bar:
    """
    A bar of tqdm. Unless it is wanted or not, there is one where somebody looks: on a terminal and in a notebook. Without tqdm there
    is none, which is an ImportError where one is wanted.
    """
    if wanted is False or (wanted is None and not _is_seen()):
        return _NoBar()
    try:
        with warnings.catch_warnings():
            # In a notebook without widgets the bar is one of characters, which is no reason to warn.
            warnings.simplefilter("ignore")
            from tqdm.auto import tqdm

            return _TqdmBar(tqdm(total=epochs, desc="training", unit="epoch"))
    except ImportError:
        if wanted:
            raise
        return _NoBar()


class _TqdmBar:
    def __init__(self, bar: Any) -> None:
        self._bar = bar

    def tell(self, epoch: int, loss: Any) -> None:
        self._bar.set_postfix(loss=f"{float(loss):.4g}", refresh=False)
        self._bar.update(epoch - self._bar.n)

    def close(self) -> None:
        self._bar.close()


class _NoBar:
    def tell(self, epoch: int, loss: Any) -> None:
        pass

    def close(self) -> None:
        pass


def _is_seen() -> bool:
    return sys.stderr.isatty() or _is_notebook()


def _is_notebook() -> bool:
    """Where IPython runs in a kernel, and not at a prompt."""
    shell = getattr(sys.modules.get("IPython"), "get_ipython", lambda: None)()
    return type(shell).__name__ == "ZMQInteractiveShell"
