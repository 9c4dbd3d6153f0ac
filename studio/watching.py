"""Looks at a worker's process while it works, and says when it has taken more than it may."""

from __future__ import annotations

import time

from core.errors import EngineFailed, TaskTooLarge, TaskTooLong
from studio.limits import Limits

LOOK_SECONDS = 0.05
"""How often a worker is looked at."""
FLOOR_MEGABYTES = 200.0
"""Free memory of the machine under which a worker is ended, before the system ends the page instead."""
WORTH_ENDING_MEGABYTES = 150.0
"""A worker that holds less gives nothing back worth having."""


class Watch:
    """One task of one process, from the moment of making."""

    def __init__(self, pid: int, task: str, limits: Limits | None) -> None:
        import psutil

        self._gone = psutil.Error
        self._available = psutil.virtual_memory
        self._task, self._limits = task, limits or Limits()
        self._process: psutil.Process | None = None
        try:
            self._process = psutil.Process(pid)
            self._cpu, self._resident = self._cpu_seconds(), self._megabytes()
        except psutil.Error:
            self._process = None  # it ended this moment: the pipe tells
        self._began = self._looked = time.monotonic()

    def look(self) -> EngineFailed | None:
        """The limit that is passed, as the error to raise, or None. Cheap to ask often."""
        now = time.monotonic()
        if self._process is None or now - self._looked < LOOK_SECONDS:
            return None
        self._looked = now
        try:
            return self._too_long(now) or self._too_large()
        except self._gone:
            return None  # it ended this moment: the pipe tells

    def _too_long(self, now: float) -> EngineFailed | None:
        cpu, wall = self._limits.cpu_seconds, self._limits.wall_seconds
        if cpu is not None and self._cpu_seconds() - self._cpu > cpu:
            return TaskTooLong(
                task=self._task, why_fr=f"cela demande plus de {cpu:g} s de calcul",
                why_en=f"it takes more than {cpu:g} s of computing",
            )  # fmt: skip
        if wall is not None and now - self._began > wall:
            return TaskTooLong(
                task=self._task, why_fr=f"cela dure plus de {wall:g} s", why_en=f"it lasts more than {wall:g} s"
            )
        return None

    def _too_large(self) -> EngineFailed | None:
        resident, limit = self._megabytes(), self._limits.megabytes
        if limit is not None and resident - self._resident > limit:
            return TaskTooLarge(
                task=self._task, why_fr=f"cela demande plus de {limit:.0f} Mo de mémoire",
                why_en=f"it takes more than {limit:.0f} MB of memory",
            )  # fmt: skip
        if resident > WORTH_ENDING_MEGABYTES and self._available().available / 1e6 < FLOOR_MEGABYTES:
            return TaskTooLarge(
                task=self._task,
                why_fr="la mémoire de l'ordinateur est presque pleine ; fermez d'autres programmes",
                why_en="this computer's memory is nearly used up; close other programs",
            )
        return None

    def _cpu_seconds(self) -> float:
        assert self._process is not None
        times = self._process.cpu_times()
        return float(times.user + times.system)

    def _megabytes(self) -> float:
        assert self._process is not None
        return float(self._process.memory_info().rss) / 1e6
