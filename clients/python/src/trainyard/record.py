"""What the service answers, as objects of Python."""

from __future__ import annotations

from typing import Any


class Record(dict[str, Any]):
    """
    A JSON object: a dict whose fields are attributes too, in Python's spelling as well: ``dataset.content_hash`` is
    ``dataset["contentHash"]``. A field that is called as a method of dict is (``values``) is only there by its name in brackets.
    """

    def __getattr__(self, name: str) -> Any:
        if name in self:
            return self[name]
        key = camel_case(name)
        if key in self:
            return self[key]
        raise AttributeError(f"There is no {name!r}, but {', '.join(self)}")

    def __dir__(self) -> list[str]:
        return [*super().__dir__(), *self]


def camel_case(name: str) -> str:
    """``max_points`` as the API spells it: ``maxPoints``. An underscore at the end, as of ``from_``, goes."""
    first, *others = name.rstrip("_").split("_")
    return first + "".join(word.title() for word in others)
