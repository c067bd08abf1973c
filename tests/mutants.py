"""Mutants that no test can tell from the original: file, source line with the kind of change, reason."""

EQUIVALENT: dict[str, dict[str, str]] = {}
