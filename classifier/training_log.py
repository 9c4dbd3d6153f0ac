"""Curves of a training for TensorBoard and Weights & Biases, when they are asked for."""

from __future__ import annotations

import importlib
import time
from collections.abc import Mapping
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

from classifier.config import Logging
from core.errors import SettingsError


class Curves:
    """Writes numbers per epoch; close() ends the files. Nothing is opened that was not asked for."""

    def __init__(self, how: Logging, name: str, config: Mapping[str, Any]) -> None:
        """Raises SettingsError when Weights & Biases is asked for and not installed."""
        self._run = _wandb(how.wandb, name, config) if how.wandb else None
        self._events = _event_file(Path(how.tensorboard) / name) if how.tensorboard else None

    def log(self, epoch: int, values: Mapping[str, float]) -> None:
        """epoch: counted over all phases, from 1."""
        if self._run is not None:
            self._run.log(dict(values), step=epoch)
        if self._events is not None:
            from tensorflow.compat import v1

            summary = v1.Summary(value=[v1.Summary.Value(tag=tag, simple_value=x) for tag, x in values.items()])
            self._events.write(v1.Event(wall_time=_hour(), step=epoch, summary=summary).SerializeToString())
            self._events.flush()

    def close(self) -> None:
        """End both; a second call does nothing."""
        if self._run is not None:
            self._run.finish()
        if self._events is not None:
            self._events.close()
        self._run = self._events = None


def _hour() -> float:
    """When something happened, as the format wants it written; nothing is computed from it."""
    return datetime.now(UTC).timestamp()


def _event_file(folder: Path) -> Any:
    """TensorBoard's file format (TFRecord of Event messages), written without TensorBoard itself."""
    import tensorflow as tf

    folder.mkdir(parents=True, exist_ok=True)
    writer = tf.io.TFRecordWriter(str(folder / f"events.out.tfevents.{time.time_ns()}.paddock"))
    first = tf.compat.v1.Event(wall_time=_hour(), file_version="brain.Event:2")
    writer.write(first.SerializeToString())
    return writer


def _wandb(project: str, name: str, config: Mapping[str, Any]) -> Any:
    try:
        wandb = importlib.import_module("wandb")
    except ImportError as error:
        raise SettingsError(
            name="logging.wandb", value=project,
            expected_fr="wandb installé (pip install wandb==0.31.0), ou rien",
            expected_en="wandb installed (pip install wandb==0.31.0), or nothing",
        ) from error  # fmt: skip
    return wandb.init(project=project, name=name, config=dict(config))
