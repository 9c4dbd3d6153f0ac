"""Where every weight comes from: a registry as data, a models folder, a lock, and no silent download.

`facts` and `registry` say what is known; `locate` finds verified files and never downloads; `pull`
downloads once and records; `check` hashes everything again. Importing this imports no framework.
"""

from core.weights.located import MODELS, Located, ModelState, locate, states
from core.weights.lock import LOCK
from core.weights.model_facts import ModelFacts, facts, registry
from core.weights.pulling import HubUnreachable, check, pull, record

__all__ = [
    "LOCK", "MODELS", "HubUnreachable", "Located", "ModelFacts", "ModelState", "check", "facts", "locate",
    "pull", "record", "registry", "states",
]  # fmt: skip
