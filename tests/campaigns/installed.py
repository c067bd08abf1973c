"""`python -m tests.campaigns.installed`: a wheel, an empty environment, the demo in it, and what it writes out."""

from __future__ import annotations

import os
import subprocess
import sys
import tempfile
from pathlib import Path

ROOT = Path(__file__).resolve().parents[2]


def main() -> int:
    """Build, install, look; the first thing that fails ends it."""
    with tempfile.TemporaryDirectory() as name:
        place = Path(name)
        kept = {key: os.environ[key] for key in os.environ if key != "PYTHONPATH"}

        def run(*command: str) -> None:
            print("+", *command, flush=True)
            subprocess.run(command, check=True, cwd=place, env=kept)

        run(sys.executable, "-m", "pip", "wheel", "--quiet", "--no-deps", "--wheel-dir", str(place), str(ROOT))
        [wheel] = place.glob("tuppence-*.whl")
        run(sys.executable, "-m", "venv", "empty")
        run("empty/bin/pip", "install", "--quiet", str(wheel))
        for language in ("en", "de"):
            run("empty/bin/tuppence", "demo", "--language", language)
        run("empty/bin/tuppence", "deploy", "systemd", "--to", "written")
        print(f"{wheel.name} works in an empty environment")
    return 0


if __name__ == "__main__":
    sys.exit(main())
