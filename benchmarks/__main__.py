"""``make bench``: every benchmark that can run here, results in ``benchmarks/results``."""

from __future__ import annotations

import os
import sys
from pathlib import Path

from benchmarks import memory, page_start, reading, recovery, removal


def main() -> None:
    """Run them one after another; those that need the shared photos say so when they are absent."""
    reading.main()
    page_start.main()
    recovery.main()
    memory.main()
    shared = os.environ.get("PADDOCK_SHARED")
    if shared and (Path(shared) / "race" / "index.csv").is_file():
        sys.argv = ["removal", "--data", str(Path(shared) / "race")]
        removal.main()
    else:
        print("benchmarks.removal: PADDOCK_SHARED is not set, left out")


if __name__ == "__main__":
    main()
