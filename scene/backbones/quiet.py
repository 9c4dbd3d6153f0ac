"""Imports Keras on TensorFlow without the start-up lines that its C++ libraries write straight to stderr."""

from __future__ import annotations

import os
import sys
import tempfile


def import_keras() -> None:
    """Import keras once per process, on the TensorFlow backend.

    TensorFlow 2.21 writes notes on oneDNN and CUDA before its log level is read; they are held back
    and shown only when the import fails.
    """
    if "keras" in sys.modules:
        return
    os.environ.setdefault("KERAS_BACKEND", "tensorflow")
    os.environ.setdefault("TF_CPP_MIN_LOG_LEVEL", "3")
    sys.stderr.flush()
    kept = os.dup(2)
    with tempfile.TemporaryFile() as held:
        os.dup2(held.fileno(), 2)
        done = False
        try:
            import keras  # noqa: F401 - imported for its effect

            done = True
        finally:
            os.dup2(kept, 2)
            os.close(kept)
            if not done:
                held.seek(0)
                sys.stderr.write(held.read().decode("utf-8", "replace"))
