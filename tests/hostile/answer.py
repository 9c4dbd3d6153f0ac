"""What is wrong with an import's answer to the hostile files: a photo missing, a bad file passed over in silence."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable

from core.files import shown_name
from tests.hostile.entry import Hostile


def shortcomings(
    files: Iterable[Hostile], good: Iterable[str], taken: Iterable[str], messages: Iterable[str]
) -> list[str]:
    """In words; [] when all is well. taken: names of the photos that are in; messages: the French list of errors."""
    files, messages = list(files), list(messages)
    left = Counter(taken)
    wrong: list[str] = []
    for name in [*good, *(shown_name(photo) for file in files for photo in file.photos)]:
        if left[name]:
            left[name] -= 1
        else:
            wrong.append(f"a good photo was not taken: {name!r}")
    told = [shown_name(name) for file in files for name in file.told]
    wrong += [f"nothing was said of {name!r}" for name in told if not _named(name, messages)]
    for name in (shown_name(name) for file in files for name in file.either):
        if left[name]:
            left[name] -= 1
        elif not _named(name, messages):
            wrong.append(f"neither taken nor refused: {name!r}")
    wrong += [f"taken, and should not be: {name!r}" for name, count in left.items() if count]
    wrong += [f"no French message: {message!r}" for message in messages if not _is_french(message)]
    return wrong


def _named(name: str, messages: list[str]) -> bool:
    return any(f"« {name} »" in message for message in messages)


def _is_french(message: str) -> bool:
    """The sentence names a file in French quotes and asks for something to be done (the second person)."""
    return "« " in message and any(word in message for word in ("ez ", "ez-", "ez."))
