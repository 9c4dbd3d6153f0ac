"""One thing that is known of this computer."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any, Literal

State = Literal["good", "note", "missing"]
"""good: as it should be; note: works, with something to know; missing: needed and not there."""

Group = Literal["system", "space", "compute", "parts", "models"]
GROUPS: tuple[Group, ...] = ("system", "space", "compute", "parts", "models")


@dataclass(frozen=True, slots=True)
class Fact:
    """A fact and what it means.

    id: what it is about ("python", "cv2", "model.clipseg" …). variant: which sentence tells it; the
    text is ``machine.say.ABOUT.VARIANT`` with ``values`` filled in, ABOUT being the id up to its first
    full stop. Values named ``*_bytes`` are bytes, ``*_share`` are 0..1.
    """

    id: str
    group: Group
    state: State
    variant: str
    values: Mapping[str, Any] = field(default_factory=dict)

    @property
    def about(self) -> str:
        """The id's family: "model" of "model.clipseg"."""
        return self.id.partition(".")[0]

    def as_json(self) -> dict[str, Any]:
        """For ``--json`` and the page, before the words."""
        return {"id": self.id, "group": self.group, "state": self.state, "variant": self.variant, **self.values}
