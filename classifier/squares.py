"""Decoded photos for training, in batches: kept in memory while they fit, decoded ahead of the network."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from concurrent.futures import ThreadPoolExecutor
from itertools import pairwise
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from classifier.features import square
from core.errors import PhotoError
from core.values import Pixels, Report, no_report

MEMORY = 1 << 30
"""Bytes of decoded photos that are kept; the others are decoded at each pass."""
WORKERS = 2

Change = Callable[[int, Pixels], Pixels]


class Squares:
    """Photos as RGB uint8 (side, side, 3), by position. kept: positions in the list given of those that open."""

    def __init__(self, photos: Sequence[Path], side: int, report: Report = no_report) -> None:
        self.side, self.unreadable = side, list[str]()
        self._photos: list[Path] = []
        self._stored: dict[int, Pixels] = {}
        kept: list[int] = []
        with ThreadPoolExecutor(WORKERS) as pool:
            for index, found in enumerate(pool.map(self._try, photos)):
                report(index / len(photos), f"{index}/{len(photos)}")
                if isinstance(found, PhotoError):
                    self.unreadable.append(found.message("en"))
                    continue
                if (len(self._stored) + 1) * found.nbytes <= MEMORY:
                    self._stored[len(kept)] = found
                kept.append(index)
                self._photos.append(photos[index])
        self.kept: NDArray[np.int64] = np.array(kept, dtype=np.int64)

    def __len__(self) -> int:
        return len(self._photos)

    def __getitem__(self, index: int) -> Pixels:
        stored = self._stored.get(index)
        return stored if stored is not None else square(self._photos[index], self.side)

    def batches(
        self, order: Sequence[int] | NDArray[np.int64], size: int, change: Change | None = None
    ) -> Iterator[tuple[NDArray[np.int64], NDArray[np.uint8]]]:
        """(positions, uint8 (n, side, side, 3)) in the order given; the next batch is made meanwhile."""

        def one(index: int) -> Pixels:
            return change(index, self[index]) if change is not None else self[index]

        parts = [np.asarray(order[start : start + size], dtype=np.int64) for start in range(0, len(order), size)]
        with ThreadPoolExecutor(WORKERS) as pool:
            coming = [pool.submit(one, int(index)) for index in parts[0]] if parts else []
            for part, following in pairwise([*parts, np.empty(0, np.int64)]):
                ready, coming = coming, [pool.submit(one, int(index)) for index in following]
                yield part, np.stack([future.result() for future in ready])

    def _try(self, photo: Path) -> Pixels | PhotoError:
        try:
            return square(photo, self.side)
        except PhotoError as error:
            return error
