"""Where an interrupted training goes on: weights, optimizer, best state and history after each pass, in one file."""

from __future__ import annotations

import json
from collections.abc import Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

from core.errors import SettingsError
from core.files import write_bytes

Arrays = list[NDArray[Any]]


@dataclass(slots=True)
class State:
    """Where a training stands. phase, epoch: the next to run (epoch counts within its phase).

    weights, optimizer: as Keras lists them; best: the weights with the best score so far, and best_score
    (larger is better, compared part by part), best_epoch (counted over all phases, from 1). waited: epochs
    without progress. history: a row per epoch. seconds: of training so far.
    """

    phase: int = 0
    epoch: int = 0
    weights: Arrays = field(default_factory=list)
    optimizer: Arrays = field(default_factory=list)
    best: Arrays = field(default_factory=list)
    best_score: tuple[float, ...] = ()
    best_epoch: int = 0
    waited: int = 0
    history: list[dict[str, float]] = field(default_factory=list)
    seconds: float = 0.0


def checkpoint_of(out: Path) -> Path:
    """The file beside the weights to be; not named like weights, so that nothing offers it as a model."""
    return out.with_name(f"{out.stem}.resume")


def save_state(file: Path, state: State, identity: str) -> None:
    """identity: hash of settings and photos; only the same training may go on from this file."""
    from safetensors.numpy import save

    lists = {"weights": state.weights, "optimizer": state.optimizer, "best": state.best}
    tensors = {
        f"{name}/{index}": np.array(value, order="C")  # which keeps shape () as it is
        for name, values in lists.items()
        for index, value in enumerate(values)
    }
    facts = {
        "identity": identity, "phase": state.phase, "epoch": state.epoch, "best_score": list(state.best_score),
        "best_epoch": state.best_epoch, "waited": state.waited, "history": state.history, "seconds": state.seconds,
        "lengths": {name: len(values) for name, values in lists.items()},
    }  # fmt: skip
    write_bytes(file, save(tensors, metadata={"state": json.dumps(facts)}))


def load_state(file: Path, identity: str) -> State | None:
    """The saved state; None when there is none. Raises SettingsError when it is of another training or damaged."""
    from safetensors import SafetensorError, safe_open

    if not file.is_file():
        return None
    try:
        with safe_open(str(file), framework="numpy") as stream:
            facts = json.loads((stream.metadata() or {})["state"])
            lists = {
                name: [stream.get_tensor(f"{name}/{index}") for index in range(length)]
                for name, length in facts["lengths"].items()
            }
        if facts["identity"] != identity:
            raise _other(file)
        return State(
            phase=facts["phase"], epoch=facts["epoch"], best_score=tuple(facts["best_score"]),
            best_epoch=facts["best_epoch"], waited=facts["waited"], history=facts["history"],
            seconds=facts["seconds"], **lists,
        )  # fmt: skip
    except (SafetensorError, OSError, KeyError, ValueError, TypeError) as error:
        raise _other(file) from error


def same_shapes(values: Sequence[Any], arrays: Arrays) -> bool:
    """True when arrays can be assigned to these variables one by one."""
    return [tuple(value.shape) for value in values] == [array.shape for array in arrays]


def _other(file: Path) -> SettingsError:
    return SettingsError(
        name="restart", value=file.name,
        expected_fr="les réglages et les photos de l'entraînement interrompu, ou --restart pour recommencer à zéro",
        expected_en="the settings and photos of the interrupted training, or --restart to begin anew",
    )  # fmt: skip
