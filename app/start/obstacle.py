"""What stands in the way of installing or starting, in words and with the way out."""

from __future__ import annotations

from typing import Any

from app.texts import text
from core.errors import Language, PaddockError


class Obstacle(PaddockError):
    """An installation can't go on. ``key`` is its text's name below "start." in app/texts."""

    def __init__(self, key: str, **details: Any) -> None:
        self.key = key
        super().__init__(**details)

    def message(self, language: Language) -> str:
        return text(language, f"start.{self.key}", **self.details)

    def __reduce__(self) -> tuple[Any, ...]:
        return (_rebuild, (self.key, self.details))


def _rebuild(key: str, details: dict[str, Any]) -> Obstacle:
    return Obstacle(key, **details)
