"""How long a person waits while a batch sorts photos: the priority queue, against a plain lock.

python -m benchmarks.overtaking

A batch of verdicts runs in the classifier's worker, eight photos a call; meanwhile a person asks the same
worker where the car is, with a short pause between requests. The peer is what Paddock did before: a
``threading.Lock`` around the worker, which the batch takes again at once. Both are also measured without
a batch. The batch's own speed is told with and without the person.
"""

from __future__ import annotations

import statistics
import threading
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

from benchmarks.machine import keep
from core.values import no_report
from studio.desk import CODE
from studio.engines import WorkerEngines
from studio.judging import CHUNK

REQUESTS = 12
PAUSE = 0.4
Ask = Callable[..., Any]


def main() -> None:
    """Measure in one warm worker, print and keep."""
    photos = sorted((CODE / "samples" / "evaluation").rglob("*.jpg"))
    engines = WorkerEngines()
    lock = threading.Lock()

    def locked(*args: Any, **kwargs: Any) -> Any:
        with lock:
            return engines.call(*args, **kwargs)

    try:
        judge(engines.call, photos)
        look(engines.call, photos[0])
        figures = {
            "nobody else": waits(engines.call, photos),
            "plain lock, with a batch": beside(locked, locked, photos),
            "priority queue, with a batch": beside(engines.call, engines.background().call, photos),
            "batch alone": {"photos_a_second": alone(engines.background().call, photos)},
        }
    finally:
        engines.close()
    for name, row in figures.items():
        print(name, row)
    keep("overtaking", {"requests": REQUESTS, "pause_seconds": PAUSE, "photos_a_call": CHUNK, **figures})


def waits(call: Ask, photos: list[Path]) -> dict[str, float]:
    """Median and longest seconds from a person's request to its answer."""
    seconds = []
    for number in range(REQUESTS):
        start = time.perf_counter()
        look(call, photos[number % len(photos)])
        seconds.append(time.perf_counter() - start)
        time.sleep(PAUSE)
    return {"median_seconds": round(statistics.median(seconds), 3), "longest_seconds": round(max(seconds), 3)}


def beside(person: Ask, batch: Ask, photos: list[Path]) -> dict[str, float]:
    """The same while a batch runs, and how fast the batch was."""
    with running(batch, photos) as judged:
        start = time.perf_counter()
        found = waits(person, photos)
        return {**found, "photos_a_second": round(judged[0] / (time.perf_counter() - start), 1)}


def alone(batch: Ask, photos: list[Path]) -> float:
    """Photos a second of a batch that nobody disturbs."""
    with running(batch, photos) as judged:
        start = time.perf_counter()
        time.sleep(REQUESTS * PAUSE)
        return round(judged[0] / (time.perf_counter() - start), 1)


@contextmanager
def running(call: Ask, photos: list[Path]) -> Iterator[list[int]]:
    """A batch in a thread; yields the count of photos judged since."""
    judged, stop = [0], threading.Event()

    def work() -> None:
        while not stop.is_set():
            judge(call, photos)
            judged[0] += CHUNK

    thread = threading.Thread(target=work)
    thread.start()
    time.sleep(0.5)
    judged[0] = 0
    try:
        yield judged
    finally:
        stop.set()
        thread.join()


def judge(call: Ask, photos: list[Path]) -> None:
    """One call of a batch."""
    chunk = [photos[number % len(photos)] for number in range(CHUNK)]
    call(
        "keras", "studio.tasks.triage:judge", [str(path) for path in chunk], [path.name for path in chunk],
        model="default", models_dir=None, report=no_report,
    )  # fmt: skip


def look(call: Ask, photo: Path) -> None:
    """One request of a person."""
    call("keras", "studio.tasks.look:look", str(photo), photo.name, ["car"], report=no_report)


if __name__ == "__main__":
    main()
