"""Proofs that nothing is lost: kills, a full disk and mutated pictures, for the tests and for ``make soak``."""
