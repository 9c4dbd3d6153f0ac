"""A mask from the regions that scene found: polygons of text or panels, filled and grown."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np

from core.errors import MaskError
from core.values import Origin, Region, Selection
from editing.maskops import grow


def from_regions(
    regions: Sequence[Region],
    size: tuple[int, int],
    origin: Origin,
    *,
    grow_px: float = 0.0,
    grow_fraction: float = 0.0,
    words: str = "",
    understood: str = "",
) -> Selection:
    """The union of the regions' polygons at size (height, width) of the photo, as a proposal.

    Each polygon grows by grow_px pixels plus grow_fraction of its own shorter side: letters need a
    rim, or their shadows and JPEG halos stay behind. origin: of the detector that found the
    regions; the growth is added to its parameters.

    Raises MaskError when there is no region, or none touches the photo.
    """
    import cv2

    mask = np.zeros(size, dtype=np.bool_)
    for region in regions:
        corners = np.rint(np.asarray(region.polygon, dtype=np.float64)).astype(np.int32)
        if len(corners) < 3:
            continue
        drawn = cv2.fillPoly(np.zeros(size, dtype=np.uint8), [corners], 1)
        shorter = float(min(cv2.minAreaRect(corners)[1]))
        mask |= grow(np.asarray(drawn > 0), grow_px + grow_fraction * shorter)
    if not mask.any():
        raise MaskError(
            problem_fr="rien de tel n'a été trouvé sur cette photo. Tracez un cadre ou peignez la zone au pinceau.",
            problem_en="nothing like it was found in this photo. Draw a box or paint the area with the brush.",
        )
    parameters = {**origin.parameters, "regions": len(regions), "grow_px": grow_px, "grow_fraction": grow_fraction}
    made = Origin(
        origin.backend, origin.model, origin.revision, origin.sha256, origin.seed, parameters, origin.libraries
    )
    return Selection(mask, made, words=words, understood=understood, proposal=True)
