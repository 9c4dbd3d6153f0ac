"""Every text that a user sees, in French and English, from two tables beside this file.

Keys are dotted names; ``{name}`` is filled by the caller. Errors carry their own two texts
(core/errors.py).
"""

from __future__ import annotations

import tomllib
from functools import cache
from pathlib import Path
from typing import Any

from core.errors import Language

_HERE = Path(__file__).parent
LANGUAGES: tuple[Language, Language] = ("fr", "en")


@cache
def table(language: Language) -> dict[str, str]:
    """All texts of one language by key. Raises KeyError for a language that is not there."""
    with (_HERE / f"{language}.toml").open("rb") as stream:
        return dict(_flatten(tomllib.load(stream)))


def text(language: Language, key: str, /, **details: Any) -> str:
    """One text, filled. Raises KeyError for an unknown key."""
    return table(language)[key].format(**details)


def _flatten(value: dict[str, Any], prefix: str = "") -> list[tuple[str, str]]:
    found: list[tuple[str, str]] = []
    for key, item in value.items():
        name = f"{prefix}{key}"
        found += _flatten(item, f"{name}.") if isinstance(item, dict) else [(name, item)]
    return found
