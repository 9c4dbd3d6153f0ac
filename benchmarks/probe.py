"""How steady the shipped models' verdicts are: ``python -m benchmarks.probe --data DIR [--photos 300] [--seed 0]``.

DIR: photos at any depth. Every model whose weights are here is probed on the same photos; the figures go to
benchmarks/results/probe.json.
"""

from __future__ import annotations

import argparse
import os
import time
from pathlib import Path

from benchmarks.machine import keep
from classifier.probe import PHOTOS, probe

MODELS = ("default",)
"""Models that ship."""


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--data", type=Path, required=True)
    parser.add_argument("--photos", type=int, default=PHOTOS)
    parser.add_argument("--seed", type=int, default=0)
    parser.add_argument("--model", action="append", help="default, a name or a file; may be given several times")
    options = parser.parse_args()
    os.environ.setdefault("TF_CPP_MIN_LOG_LEVEL", "3")
    told = []
    for model in options.model or MODELS:
        start = time.perf_counter()
        done = probe(options.data, model, photos=options.photos, seed=options.seed)
        seconds = round(time.perf_counter() - start, 1)
        told.append({**done.as_json("en"), "seconds": seconds})
        print(
            f"{done.model}: {done.photos} photos in {seconds} s; change, flips, of sure ones, by the rule, mean change"
        )
        for effect in done.effects:
            label, drift = effect.worst
            print(f"{effect.name:12} {effect.flips:4} {effect.sure_flips:4} {effect.by_rule:4} "
                  f"{effect.mean_change:.3f}  {label} {drift:+.3f}")  # fmt: skip
    keep("probe", {"models": told})


if __name__ == "__main__":
    main()
