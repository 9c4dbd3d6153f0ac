"""What one task may take: time of the processor, time on the clock, and memory."""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Limits:
    """Limits of one task; None: none. A task that passes one is ended with its worker.

    cpu_seconds: processor time of the worker's process, all threads together. wall_seconds: on the clock,
    from the moment that the worker has the task (waiting in line does not count). megabytes: growth of the
    worker's resident memory above what it had when the task began, 1 MB = 10⁶ bytes.
    """

    cpu_seconds: float | None = None
    wall_seconds: float | None = None
    megabytes: float | None = None

    def times(self, factor: float) -> Limits:
        """The same limits for work that is ``factor`` times as large."""

        def larger(limit: float | None) -> float | None:
            return None if limit is None else limit * factor

        return Limits(larger(self.cpu_seconds), larger(self.wall_seconds), larger(self.megabytes))


READING = Limits(cpu_seconds=5, wall_seconds=60, megabytes=1024)
"""To open one photo of up to core.images.MAX_MEGAPIXELS."""
