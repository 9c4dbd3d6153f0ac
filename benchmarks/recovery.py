"""After a kill: seconds from the start of a process until the ledger is there again and an act can be recorded.

python -m benchmarks.recovery

A child records, and is killed without closing anything, so that the database's log lies beside it. Then a
fresh process opens the workspace; measured from the process's own start, Python and imports included.
"""

from __future__ import annotations

import os
import signal
import statistics
import subprocess
import sys
import tempfile
import time
from pathlib import Path

from audit.ledger import append, head
from benchmarks.machine import keep
from studio import projection
from studio.workspace import Workspace

EVENTS = 50_000
RUNS = 5
LIMIT = 3.0
"""Seconds that the issue allows."""

RECORD = """
import sys
from pathlib import Path
from studio.workspace import Workspace
workspace = Workspace.open(Path(sys.argv[1]))
print("open", flush=True)
while True:
    workspace.record("decide", who="a", subject="0" * 64, parameters={"label": "ok"})
"""
REOPEN = """
import sys, time
from pathlib import Path
start = time.perf_counter()
from studio.workspace import Workspace
imported = time.perf_counter()
workspace = Workspace.open(Path(sys.argv[1]), create=False)
opened = time.perf_counter()
print(workspace.head().size, imported - start, opened - imported, flush=True)
"""


def main() -> None:
    """Measure, print and keep."""
    with tempfile.TemporaryDirectory() as place:
        folder = Path(place) / "atelier"
        written = write_events(folder, EVENTS)
        killed = [after_a_kill(folder) for _ in range(RUNS)]
        forget_tables(folder)
        refolded = reopen(folder)
    figures = {
        "events": written,
        "limit_seconds": LIMIT,
        "after a kill (median)": {
            name: round(statistics.median(run[name] for run in killed), 3)
            for name in ("process_seconds", "import_seconds", "open_seconds", "log_megabytes")
        },
        "after a kill (worst) process_seconds": round(max(run["process_seconds"] for run in killed), 3),
        "runs": RUNS,
        "with every table folded anew": {name: round(value, 3) for name, value in refolded.items()},
    }
    print(figures)
    keep("recovery", figures)


def write_events(folder: Path, count: int) -> int:
    """A workspace with this many events: half verdicts of a model, half decisions of a person; returns how many."""
    workspace = Workspace.open(folder)
    with workspace.writing() as connection:
        for number in range(count // 2):
            sha = f"{number:064x}"
            append(
                connection, time="2026-06-13T16:00:00.000+00:00", actor="Camille", action="judge", subject=sha,
                parameters={"label": "ok", "probabilities": [0.8, 0.1, 0.1]},
            )  # fmt: skip
            append(
                connection, time="2026-06-13T16:00:00.000+00:00", actor="Camille", action="decide", subject=sha,
                parameters={"label": "retoucher", "before": None},
            )  # fmt: skip
    workspace.catch_up()
    size = head(workspace._connection).size
    assert projection.folded(workspace._connection) == size
    workspace.close()
    return size


def after_a_kill(folder: Path) -> dict[str, float]:
    """Kill a process that records, then open the workspace in a fresh one."""
    process = subprocess.Popen([sys.executable, "-c", RECORD, str(folder)], stdout=subprocess.PIPE, text=True)
    assert process.stdout is not None
    process.stdout.readline()
    time.sleep(1.0)
    process.send_signal(signal.SIGKILL)
    process.wait()
    log = (folder / "paddock.db-wal").stat().st_size / 1e6
    assert log > 0, "the kill left no log behind"
    return {**reopen(folder), "log_megabytes": log}


def reopen(folder: Path) -> dict[str, float]:
    """Seconds of a fresh process, in parts. It ends without closing, as a kill would."""
    start = time.perf_counter()
    process = subprocess.Popen(
        [sys.executable, "-c", REOPEN, str(folder)], stdout=subprocess.PIPE, text=True,
        env={**os.environ, "PYTHONPATH": str(Path.cwd())},
    )  # fmt: skip
    assert process.stdout is not None
    size, imported, opened = process.stdout.readline().split()
    whole = time.perf_counter() - start
    process.wait()
    assert int(size) >= EVENTS
    return {"process_seconds": whole, "import_seconds": float(imported), "open_seconds": float(opened)}


def forget_tables(folder: Path) -> None:
    """As after an update that has new tables: every event is folded once more."""
    workspace = Workspace.open(folder, create=False)
    with workspace.writing() as connection:
        connection.execute("UPDATE folded SET seq = 0")
    workspace.close()


if __name__ == "__main__":
    assert Path("studio").is_dir(), "run it from the checkout"
    main()
