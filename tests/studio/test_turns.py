"""Turns: persons overtake batches, in every lane; a batch is held back, but not for ever."""

from __future__ import annotations

import threading
import time
from collections.abc import Iterator

import pytest

from core.errors import Cancelled
from studio.turns import Ticket, Turns
from tests.studio.waiting import until


class Crowd:
    """Callers in threads. Each waits for its turn, and keeps it until it is let go."""

    def __init__(self, turns: Turns) -> None:
        self.turns = turns
        self.order: list[str] = []
        self.left: list[str] = []
        self._tickets: dict[str, Ticket] = {}
        self._threads: list[threading.Thread] = []
        self._names: set[str] = set()
        self._leave: set[str] = set()

    def comes(self, name: str, lane: str, *, background: bool = False) -> None:
        """Let one come, and wait until it either has its turn or stands in line."""

        def report(fraction: float, doing: str) -> None:
            if name in self._leave:
                raise Cancelled(task=name)

        def work() -> None:
            try:
                ticket = self.turns.wait(lane, report, background=background)
            except Cancelled:
                self.left.append(name)
                return
            self._tickets[name] = ticket
            self.order.append(name)

        self._names.add(name)
        waiting = self.turns.waiting(lane)
        thread = threading.Thread(target=work, daemon=True)
        self._threads.append(thread)
        thread.start()
        until(lambda: name in self.order or self.turns.waiting(lane) > waiting)

    def goes(self, name: str) -> None:
        self.turns.give_back(self._tickets.pop(name))

    def gives_up(self, name: str) -> None:
        self._leave.add(name)
        until(lambda: name in self.left)

    def settled(self) -> list[str]:
        """Who has had a turn so far, once all have had time to notice that it is theirs."""
        time.sleep(0.3)  # three rounds of asking; too short a wait could only hide a fault, never invent one
        return list(self.order)

    def ends(self) -> None:
        """Let all go, those in line too, so that no thread outlives the test."""
        self._leave.update(self._names)
        while any(thread.is_alive() for thread in self._threads) or self._tickets:
            for name in list(self._tickets):
                self.goes(name)
            time.sleep(0.01)


class Clock:
    def __init__(self) -> None:
        self.now = 1000.0

    def __call__(self) -> float:
        return self.now


@pytest.fixture
def clock() -> Clock:
    return Clock()


@pytest.fixture
def crowd(clock: Clock) -> Iterator[Crowd]:
    made = Crowd(Turns({"keras": 1, "torch": 1, "read": 2}, patience=20, clock=clock))
    yield made
    made.ends()


def test_whoever_comes_first_goes_first(crowd: Crowd) -> None:
    for name in "abcd":
        crowd.comes(name, "keras")
    for name in "abc":
        crowd.goes(name)
        until(lambda name=name: len(crowd.order) == "abcd".index(name) + 2)
    assert crowd.order == ["a", "b", "c", "d"]


def test_a_person_overtakes_every_call_of_a_batch_that_waits(crowd: Crowd) -> None:
    crowd.comes("batch 1", "keras", background=True)
    crowd.comes("batch 2", "keras", background=True)
    crowd.comes("batch 3", "keras", background=True)
    crowd.comes("person", "keras")
    crowd.goes("batch 1")
    until(lambda: len(crowd.order) == 2)
    assert crowd.settled() == ["batch 1", "person"]
    crowd.goes("person")
    until(lambda: len(crowd.order) == 3)
    assert crowd.order == ["batch 1", "person", "batch 2"]


def test_a_batch_holds_back_while_a_person_s_call_runs_in_another_worker(crowd: Crowd) -> None:
    crowd.comes("person", "torch")
    crowd.comes("batch", "keras", background=True)
    assert crowd.settled() == ["person"]
    crowd.goes("person")
    until(lambda: "batch" in crowd.order)


def test_a_batch_holds_back_while_a_person_s_call_waits_in_another_line(crowd: Crowd) -> None:
    crowd.comes("batch 1", "torch", background=True)
    crowd.comes("person", "torch")
    crowd.comes("batch 2", "keras", background=True)
    assert crowd.settled() == ["batch 1"]


def test_two_persons_do_not_hold_each_other_back_in_different_workers(crowd: Crowd) -> None:
    crowd.comes("a", "torch")
    crowd.comes("b", "keras")
    assert crowd.order == ["a", "b"]


def test_two_batches_may_work_in_different_workers(crowd: Crowd) -> None:
    crowd.comes("a", "torch", background=True)
    crowd.comes("b", "keras", background=True)
    assert crowd.order == ["a", "b"]


def test_a_batch_that_has_held_back_for_long_goes_on_beside_the_person(crowd: Crowd, clock: Clock) -> None:
    crowd.comes("person", "torch")
    crowd.comes("batch 1", "keras", background=True)
    clock.now += 19
    assert crowd.settled() == ["person"]
    clock.now += 2
    until(lambda: "batch 1" in crowd.order)
    crowd.goes("batch 1")
    # The same long call does not hold the next photo of the batch back for as long again.
    crowd.comes("batch 2", "keras", background=True)
    until(lambda: "batch 2" in crowd.order)


def test_many_short_calls_of_persons_do_not_stop_a_batch_for_ever(crowd: Crowd, clock: Clock) -> None:
    crowd.comes("person 0", "torch")
    crowd.comes("batch", "keras", background=True)
    for number in range(1, 5):
        clock.now += 4
        crowd.comes(f"person {number}", "read")
        crowd.goes(f"person {number - 1}")
    assert "batch" not in crowd.settled()
    clock.now += 5
    until(lambda: "batch" in crowd.order)


def test_even_a_batch_that_waited_long_lets_a_person_go_first_in_the_same_line(crowd: Crowd, clock: Clock) -> None:
    crowd.comes("first", "keras")
    crowd.comes("batch", "keras", background=True)
    clock.now += 60
    crowd.comes("second", "keras")
    crowd.goes("first")
    until(lambda: len(crowd.order) == 2)
    assert crowd.settled() == ["first", "second"]


def test_a_batch_leaves_one_of_two_places_to_persons(crowd: Crowd) -> None:
    crowd.comes("batch 1", "read", background=True)
    crowd.comes("batch 2", "read", background=True)
    assert crowd.settled() == ["batch 1"]
    crowd.comes("person", "read")
    assert crowd.order == ["batch 1", "person"]


def test_persons_may_have_both_places(crowd: Crowd) -> None:
    for name in "abc":
        crowd.comes(name, "read")
    assert crowd.settled() == ["a", "b"]


def test_whoever_gives_up_leaves_the_line_to_the_next(crowd: Crowd) -> None:
    crowd.comes("a", "keras")
    crowd.comes("b", "keras")
    crowd.comes("batch", "torch", background=True)
    crowd.goes("a")
    until(lambda: "b" in crowd.order)
    crowd.comes("c", "keras")
    crowd.comes("d", "keras")
    crowd.gives_up("c")
    assert crowd.turns.waiting("keras") == 1
    crowd.goes("b")
    until(lambda: "d" in crowd.order)
    crowd.goes("d")
    until(lambda: "batch" in crowd.order)
    assert crowd.order == ["a", "b", "d", "batch"]
