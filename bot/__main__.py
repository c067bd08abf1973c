"""`python -m bot`, also installed as `tuppence`."""

import sys

from bot.loading import loading
from bot.streams import spoken


def main() -> int:
    """Run the command that was given; returns the exit status."""
    return spoken(_command)


def _command() -> int:
    with loading():
        from bot import cli
    return cli.main()


if __name__ == "__main__":
    sys.exit(main())
