"""Errors speak French and English and survive the way from a worker to the page."""

from __future__ import annotations

import pickle
import string
from pathlib import Path

import pytest

from core import errors
from core.errors import PaddockError, PhotoError, PhotoTooLarge, UnreadablePhoto


def _all(kind: type[PaddockError]) -> list[type[PaddockError]]:
    return [kind, *(deeper for child in kind.__subclasses__() for deeper in _all(child))]


EVERY = [kind for kind in _all(PaddockError) if kind.__module__ == "core.errors"]


def _fields(template: str) -> set[str]:
    return {name for _, name, _, _ in string.Formatter().parse(template) if name}


def _details(kind: type[PaddockError]) -> dict[str, str]:
    return {name: f"<{name}>" for name in _fields(kind.fr) | _fields(kind.en)}


def _neutral(names: set[str]) -> set[str]:
    """Field names without their language: problem_fr and problem_en say the same thing."""
    return {name.removesuffix("_fr").removesuffix("_en") for name in names}


@pytest.mark.parametrize("kind", EVERY, ids=lambda kind: kind.__name__)
def test_both_languages_fill_the_same_fields(kind: type[PaddockError]) -> None:
    assert _neutral(_fields(kind.fr)) == _neutral(_fields(kind.en))
    if kind is not PaddockError:
        assert kind.fr != kind.en


@pytest.mark.parametrize("kind", EVERY, ids=lambda kind: kind.__name__)
def test_every_error_survives_the_way_between_processes(kind: type[PaddockError]) -> None:
    error = kind(**_details(kind))
    back = pickle.loads(pickle.dumps(error))
    assert type(back) is kind
    assert back.details == error.details
    assert back.message("fr") == error.message("fr")
    assert str(back) == error.message("en")


def test_the_docstring_draws_every_error_of_the_tree() -> None:
    drawn = errors.__doc__ or ""
    assert [kind.__name__ for kind in EVERY if kind.__name__ not in drawn] == []


def test_a_batch_can_tell_a_bad_photo_from_a_broken_desk() -> None:
    assert {kind.__name__ for kind in EVERY if issubclass(kind, PhotoError)} == {
        "PhotoError", "UnreadablePhoto", "NotAFile", "EmptyArchive", "WrongExtension", "FormatNotAllowed",
        "PhotoTooLarge",
            "DamagedArchive", "ArchiveTooLarge", "PhotoTooHeavy", "PhotoStoppedEngine",
    }  # fmt: skip


def test_messages_name_the_file_even_when_it_holds_braces() -> None:
    error = UnreadablePhoto(file="a{b}.jpg")
    assert "« a{b}.jpg »" in error.message("fr")
    assert "“a{b}.jpg”" in error.message("en")


def test_details_may_be_paths_and_numbers() -> None:
    error = PhotoTooLarge(file=Path("x.png"), megapixels=400, limit=100)
    assert "400 mégapixels" in pickle.loads(pickle.dumps(error)).message("fr")
