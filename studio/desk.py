"""What every use case works with: the workspace, the engines, the settings and who is acting."""

from __future__ import annotations

import os
from dataclasses import dataclass
from pathlib import Path

from core.images import LIMIT_VARIABLE
from core.settings import Settings
from studio.engines import Engines
from studio.workspace import Workspace


@dataclass(frozen=True, slots=True)
class Desk:
    """One opened workspace with its engines. who: name recorded with every act, as declared.

    Making one sets the pixel limit of this process and of the workers that it will start.
    """

    workspace: Workspace
    engines: Engines
    settings: Settings
    who: str

    def __post_init__(self) -> None:
        os.environ[LIMIT_VARIABLE] = str(self.settings.max_megapixels)

    def acting(self, who: str) -> Desk:
        """The same desk with another person at it."""
        return Desk(self.workspace, self.engines, self.settings, who or self.who)

    def in_background(self) -> Desk:
        """The same desk for a batch: its engine calls give way to those that a person waits for."""
        return Desk(self.workspace, self.engines.background(), self.settings, self.who)

    @property
    def models_dir(self) -> str | None:
        """The models folder as text for a worker, None when there is none."""
        return str(self.settings.models) if self.settings.models else None


CODE = Path(__file__).resolve().parent.parent
"""The checkout that runs: ``artifacts/`` and ``samples/`` are below it."""
