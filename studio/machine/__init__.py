"""What this computer has and lacks for Paddock: facts with a state, asked without loading any framework.

``facts`` looks at everything at once; ``children`` asks what only an import can tell, in processes
of their own; ``deep`` really runs each engine; ``yardstick`` measures the processor. The words are
the app's: a fact names its variant, the texts say what it means and what to do.
"""

from studio.machine.fact import GROUPS, Fact, State
from studio.machine.facts import facts, ready

__all__ = ["GROUPS", "Fact", "State", "facts", "ready"]
