"""The simulator over PostgreSQL: the same random commands into a core on a server and into model.py.

    python -m tests.campaigns.simulate_on_server --seeds 60
    CAMPAIGN_ISOLATION=SERIALIZABLE python -m tests.campaigns.simulate_on_server

Where the machine would die in simulate.py, one core is closed here and another goes on with the books; processes that
are killed are in crash.py and many.py.
"""

from __future__ import annotations

import argparse
import asyncio
import shutil
import tempfile
from functools import partial
from pathlib import Path
from typing import Any

from tests.campaigns.bank import Server, postgresql_server
from tests.campaigns.drive import PlainRules, World
from tests.campaigns.on_server import books, mirror, prepare
from tests.campaigns.simulate import RULES, Simulation, simulate, tell


class ServerWorld(World):
    """A core on a server; its file is a copy of what the books hold, made after each step."""

    async def open(self) -> None:
        await super().open()
        await self._copy()

    async def perform(self, wishes: list[dict[str, Any]]) -> list[Any]:
        outcomes = await super().perform(wishes)
        await self._copy()
        return outcomes

    async def run_due(self) -> None:
        await super().run_due()
        await self._copy()

    async def clear(self) -> None:
        await super().clear()
        await self._copy()

    async def freeze(self, number: int, state: str) -> None:
        said = f"UPDATE wallets SET state = '{state}' WHERE id = {number}"
        await self.core._database.write(lambda tx: tx.exec_driver_sql(said))
        await super().freeze(number, state)

    async def _copy(self) -> None:
        await mirror(self.core, self.directory / "books.db")


class ServerSimulation(Simulation):
    """One seed, in books of its own."""

    def __init__(self, *given: Any, server: Server) -> None:
        super().__init__(*given)
        self._server = server

    def world_of(self, directory: Path, rules: PlainRules) -> World:
        shutil.copyfile(directory.parents[1] / "mirror.db", directory / "books.db")
        return ServerWorld(directory, rules, self.seed)

    async def run(self, *given: Any) -> None:
        async with books(self._server, f"seed{self.seed}") as self.world.url:
            await super().run(*given)

    async def _crash(self, _wishes: list[dict[str, Any]], _copy: Path) -> None:
        """Another core goes on, perhaps under other rules."""
        self.crashes["between two batches"] += 1
        await self.world.close()
        if not self.rich and self.chance.random() < 0.5:
            self.world.rules = self.world.model.rules = self.chance.choice(RULES)
        await self.world.open()
        self.world.compare_books()


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--seeds", type=int, default=60, help="how many, from --first on")
    parser.add_argument("--first", type=int, default=0)
    parser.add_argument("--seed", type=int, help="this one alone")
    options = parser.parse_args()
    seeds = range(options.first, options.first + options.seeds)
    if options.seed is not None:
        seeds = range(options.seed, options.seed + 1)
    with tempfile.TemporaryDirectory() as folder, postgresql_server() as server:
        asyncio.run(prepare(server, Path(folder)))
        kind = partial(ServerSimulation, server=server)
        tell(seeds, *asyncio.run(simulate(seeds, Path(folder), show=True, kind=kind, again="simulate_on_server")))


if __name__ == "__main__":
    main()
