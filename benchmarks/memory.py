"""Memory of the page's process after 100, 1,000 and 5,000 imported photos, with a client that polls as a browser does.

python -m benchmarks.memory     (a real ``paddock open``; imports by HTTP, judged by the shipped model)
"""

from __future__ import annotations

import argparse
import statistics
import tempfile
import threading
import time
from pathlib import Path
from typing import Any

import psutil

from benchmarks.machine import keep
from tests.made import encoded, scene
from tests.page.served import serving
from tests.page.visiting import Visitor

STEPS = (100, 1000, 5000)
BATCH = 100
ALLOWED_MB = 50
"""Growth allowed from 1,000 photos to the last step."""
SETTLED = 5.0
"""Seconds of quiet polling before memory is read."""


def main() -> None:
    """Measure, print and keep."""
    parser = argparse.ArgumentParser()
    parser.add_argument("--steps", type=int, nargs="+", default=list(STEPS))
    steps = parser.parse_known_args()[0].steps
    with tempfile.TemporaryDirectory(prefix="memory-") as folder, serving(Path(folder) / "desk") as page:
        visitor, process = Visitor(page), psutil.Process(page.process.pid)
        rows = [{"photos": 0, "resident_mb": _resident(process)}]
        with _Polling(page):
            for done, wanted in zip([0, *steps], steps, strict=False):
                began = time.monotonic()
                import_photos(visitor, range(done, wanted))
                imported = time.monotonic()
                _until_quiet(visitor)
                time.sleep(SETTLED)
                row = {
                    "photos": wanted, "resident_mb": _resident(process), "imported_s": round(imported - began, 1),
                    "judged_s": round(time.monotonic() - SETTLED - began, 1), **changes_ms(visitor),
                }  # fmt: skip
                print(row, flush=True)
                rows.append(row)
        visitor.close()
    first, last = rows[-2]["resident_mb"], rows[-1]["resident_mb"]
    growth = round(last - first, 1)
    keep("memory", {"rows": rows, "growth_mb": growth, "allowed_mb": ALLOWED_MB, "judged_by": "the shipped classifier"})
    print(f"from {rows[-2]['photos']} to {rows[-1]['photos']} photos: {growth} MB ({ALLOWED_MB} allowed)")


def import_photos(visitor: Visitor, numbers: range) -> None:
    """Upload and import small photos, a hundred at a time."""
    for start in range(numbers.start, numbers.stop, BATCH):
        batch = range(start, min(start + BATCH, numbers.stop))
        files = [visitor.upload(encoded(scene(96, 64, number), "JPEG"), f"{number:05d}.jpg") for number in batch]
        state = visitor.wait(visitor.call("import", files=files)["job"])
        assert state["result"] == {"added": len(batch), "known": 0, "errors": 0}, state


def changes_ms(visitor: Visitor) -> dict[str, float]:
    """Milliseconds of a ``changes`` call: all photos (a page that opens), and nothing new (each poll)."""
    seq = visitor.call("changes", after=0)["seq"]
    return {"changes_all_ms": _median_ms(visitor, 0), "changes_none_ms": _median_ms(visitor, seq)}


def _median_ms(visitor: Visitor, after: int) -> float:
    spent = []
    for _ in range(5):
        began = time.perf_counter()
        visitor.call("changes", after=after)
        spent.append(time.perf_counter() - began)
    return round(1000 * statistics.median(spent), 1)


def _until_quiet(visitor: Visitor) -> None:
    while any(job["active"] for job in visitor.call("changes", after=1 << 40)["jobs"]):
        time.sleep(0.5)


def _resident(process: psutil.Process) -> float:
    return round(process.memory_info().rss / 1e6, 1)


class _Polling:
    """A page left open: asks every second what has changed since it asked last, and fetches some thumbnails."""

    def __init__(self, page: Any) -> None:
        self._visitor, self._stop = Visitor(page), threading.Event()
        self._thread = threading.Thread(target=self._run, daemon=True)
        self._failure: BaseException | None = None

    def _run(self) -> None:
        seq = 0
        try:
            while not self._stop.wait(1.0):
                told = self._visitor.call("changes", after=seq)
                seq = told["seq"]
                for photo in told["photos"][:20]:
                    self._visitor.client.get(f"/media/thumb/{photo['sha']}.jpg").raise_for_status()
        except Exception as error:  # noqa: BLE001 - raised again where the measuring goes on
            self._failure = error

    def __enter__(self) -> None:
        self._thread.start()

    def __exit__(self, *_: object) -> None:
        self._stop.set()
        self._thread.join()
        self._visitor.close()
        if self._failure is not None:
            raise self._failure


if __name__ == "__main__":
    main()
