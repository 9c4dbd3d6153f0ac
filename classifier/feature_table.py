"""Features of many photos, plain and mirrored, computed once and kept in a cache folder."""

from __future__ import annotations

import hashlib
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from classifier.features import feature_model, square
from core.errors import PhotoError
from core.files import write_bytes
from core.values import Report, no_report
from core.weights import Located

BATCH = 16


@dataclass(frozen=True, slots=True, eq=False)
class FeatureTable:
    """plain, mirrored: float32 (n, features) of the photo and of its left-right mirror image.

    kept: indices, in the list that was given, of the n photos that could be read; unreadable: the others.
    """

    plain: NDArray[np.float32]
    mirrored: NDArray[np.float32]
    kept: NDArray[np.int64]
    unreadable: tuple[str, ...]


def feature_table(
    photos: Sequence[Path],
    backbone: str,
    weights: Located,
    side: int,
    *,
    cache: Path | None = None,
    report: Report = no_report,
) -> FeatureTable:
    """Features by a backbone at an input side. cache: folder for the result, reused when nothing changed."""
    kept_at = cache / f"features-{_key(photos, weights.sha256, side)}.npz" if cache is not None else None
    if kept_at is not None and kept_at.is_file():
        with np.load(kept_at, allow_pickle=False) as stored:
            names = tuple(str(name) for name in stored["unreadable"])
            return FeatureTable(stored["plain"], stored["mirrored"], stored["kept"], names)
    table = _compute(photos, backbone, weights, side, report)
    if kept_at is not None:
        _store(kept_at, table)
    return table


def _compute(photos: Sequence[Path], backbone: str, weights: Located, side: int, report: Report) -> FeatureTable:
    model = feature_model(backbone, weights.file, side)
    model.compile(jit_compile=False)
    plain, mirrored, kept, unreadable = [], [], [], []
    for start in range(0, len(photos), BATCH):
        report(start / len(photos), f"{start}/{len(photos)}")
        squares = []
        for index in range(start, min(start + BATCH, len(photos))):
            try:
                squares.append(square(photos[index], side))
                kept.append(index)
            except PhotoError as error:
                unreadable.append(error.message("en"))
        if squares:
            batch = np.stack(squares)
            plain.append(np.asarray(model.predict_on_batch(batch)))
            mirrored.append(np.asarray(model.predict_on_batch(batch[:, :, ::-1])))
    width = int(model.output_shape[-1])
    empty = np.empty((0, width), np.float32)
    return FeatureTable(
        np.concatenate([empty, *plain]), np.concatenate([empty, *mirrored]), np.array(kept, np.int64), tuple(unreadable)
    )


def _store(path: Path, table: FeatureTable) -> None:
    import io

    buffer = io.BytesIO()
    names = np.array(table.unreadable, dtype=np.str_)
    np.savez(buffer, plain=table.plain, mirrored=table.mirrored, kept=table.kept, unreadable=names)
    write_bytes(path, buffer.getvalue())


def _key(photos: Sequence[Path], sha256: str, side: int) -> str:
    digest = hashlib.sha256(f"{sha256} {side}".encode())
    for path in photos:
        status = path.stat()
        digest.update(f"{path}|{status.st_size}|{status.st_mtime_ns}\n".encode())
    return digest.hexdigest()[:16]
