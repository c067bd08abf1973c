"""The build's own step: catalogues compiled into the package that is installed, never into the source.

Where nothing was built, in a clone, they are compiled when they are first read.
"""

from __future__ import annotations

from pathlib import Path

from babel.messages.mofile import write_mo
from babel.messages.pofile import read_po
from setuptools.command.build_py import build_py


class BuildWithCatalogues(build_py):  # type: ignore[misc]  # setuptools has no types
    """Copies the packages as always, then writes a .mo beside every .po that was copied."""

    def run(self) -> None:
        """Build."""
        super().run()
        if not self.editable_mode:
            for path in self._copied():
                with path.open("rb") as source, path.with_suffix(".mo").open("wb") as compiled:
                    write_mo(compiled, read_po(source))

    def get_outputs(self, include_bytecode: bool = True) -> list[str]:
        """What the package holds."""
        outputs: list[str] = super().get_outputs(include_bytecode)
        return [*outputs, *(str(path.with_suffix(".mo")) for path in self._copied())]

    def _copied(self) -> list[Path]:
        return sorted(Path(self.build_lib).glob("bot/words/locales/*/LC_MESSAGES/*.po"))
