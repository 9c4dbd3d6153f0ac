"""Mutated pictures open or are refused in words; nothing else comes out of them. (20,000 of them: ``make soak``.)"""

from __future__ import annotations

import pytest

from tests.soak import fuzz
from tests.soak.mutations import MUTATIONS, SUFFIXES, good_pictures, mutated


def test_three_hundred_mutated_pictures_open_or_are_refused_by_a_photo_error() -> None:
    found = fuzz.run(1_000_000, 300)
    assert found.failures == {}
    assert found.pictures == 300
    assert found.outcomes["opened"] > 10
    assert found.outcomes["UnreadablePhoto"] > 10


def test_a_number_gives_the_same_file_each_time_and_another_number_another() -> None:
    assert mutated(17) == mutated(17)
    assert len({mutated(number)[0] for number in range(60)}) > 55


def test_every_format_is_mutated_and_every_good_picture_is_good() -> None:
    assert {suffix for _, suffix in good_pictures()} == set(SUFFIXES)
    assert len({mutation.__name__ for mutation in MUTATIONS}) == 7


def test_an_exception_that_is_no_photo_error_is_a_failure(monkeypatch: pytest.MonkeyPatch, tmp_path: object) -> None:
    from pathlib import Path

    def broken(*_: object, **__: object) -> None:
        raise ZeroDivisionError("by a mutation")

    monkeypatch.setattr(fuzz, "read_picture", broken)
    outcome = fuzz.open_one(3, Path(str(tmp_path)))
    found = fuzz.Fuzzed()
    fuzz._count({"number": 3, "outcome": outcome, "cpu": 0.1, "grown": 1.0}, found)
    fuzz._count({"number": 4, "outcome": "opened", "cpu": 9.0, "grown": 1.0}, found)
    fuzz._count({"number": 5, "outcome": "opened", "cpu": 0.1, "grown": 2000.0}, found)
    assert found.failures == {3: "ZeroDivisionError: by a mutation"}
    assert found.heavy == {4: "9.0 s", 5: "2000 MB"}


def test_a_picture_that_passed_a_limit_is_put_to_the_desk_s_own_reader() -> None:
    found = fuzz.Fuzzed(heavy={21: "2000 MB"})
    fuzz._ask_the_desk(found)
    assert found.failures == {}
    assert found.heavy[21].startswith("2000 MB: ")


def test_a_process_that_dies_is_replaced_and_its_picture_kept(monkeypatch: pytest.MonkeyPatch) -> None:
    def dying(numbers: range) -> object:
        for number in numbers:
            if number == 4:
                return
            yield {"number": number, "outcome": "opened", "cpu": 0.0, "grown": 0.0}

    monkeypatch.setattr(fuzz, "_told", dying)
    found = fuzz.run(0, 10, processes=2)
    assert found.failures == {4: "the process died or hung"}
    assert (found.pictures, found.outcomes["opened"]) == (10, 9)
