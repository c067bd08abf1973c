"""Three PostgreSQL under Patroni, etcd and HAProxy, all Debian's, on loopback: a cluster whose leader can be killed."""

from __future__ import annotations

import asyncio
import json
import os
import pwd
import shutil
import signal
from collections.abc import AsyncIterator, Iterator
from contextlib import asynccontextmanager, suppress
from pathlib import Path
from typing import Any

import aiohttp

from tests.campaigns import ISOLATION
from tests.campaigns.balancing import free_ports

NODES = 3
NEEDED = ("patroni", "etcd", "haproxy")
PATH = "/usr/sbin:/usr/bin:/usr/local/sbin:/usr/local/bin"
INSTALL = "apt-get install patroni etcd-server haproxy postgresql"
USER = "postgres"  # PostgreSQL does not run as root
TTL_S = 20  # after which a leader that says nothing is none any more; Patroni takes no less
PATIENCE_S = 120.0  # only ends a hang

NODE = """
scope: tuppence
name: node{number}
restapi: {{listen: "127.0.0.1:{rest}", connect_address: "127.0.0.1:{rest}"}}
etcd3: {{host: "127.0.0.1:{etcd}"}}
bootstrap:
  dcs:
    ttl: {ttl}
    loop_wait: 1
    retry_timeout: 3
    primary_start_timeout: 0
    synchronous_mode: {synchronous}
    postgresql:
      use_pg_rewind: true
      parameters: {{max_connections: 60, shared_buffers: 16MB, wal_log_hints: "on", wal_keep_size: 256MB,
        default_transaction_isolation: {isolation}}}
  initdb: [{{encoding: UTF8}}, {{auth: trust}}, data-checksums]
  pg_hba: [host all all 127.0.0.1/32 trust, host replication all 127.0.0.1/32 trust]
postgresql:
  listen: "127.0.0.1:{port}"
  connect_address: "127.0.0.1:{port}"
  data_dir: {data}
  bin_dir: {programs}
  pgpass: {data}.pass
  authentication: {{superuser: {{username: postgres}}, replication: {{username: replicator}}}}
  parameters: {{unix_socket_directories: "{folder}"}}
watchdog: {{mode: "off"}}
"""
PROXY = """
defaults
    mode tcp
    timeout connect 1s
    timeout client 1h
    timeout server 1h
listen leader
    bind 127.0.0.1:{port}
    option httpchk OPTIONS /primary
    http-check expect status 200
    default-server inter 500ms fall 2 rise 1 on-marked-down shutdown-sessions
{servers}
"""


def missing() -> str | None:
    """What has to be installed, as a line."""
    lacking = [name for name in NEEDED if shutil.which(name, path=PATH) is None]
    if programs() is None:
        lacking.append("postgresql")
    return f"{', '.join(lacking)} missing: {INSTALL}" if lacking else None


def programs() -> Path | None:
    """Where the newest of Debian's PostgreSQL is."""
    found = sorted(Path("/usr/lib/postgresql").glob("*/bin/postgres"), key=lambda file: int(file.parts[-3]))
    return found[-1].parent if found else None


class Node:
    """One machine: Patroni, and the PostgreSQL that it runs."""

    def __init__(self, number: int, ports: tuple[int, int], etcd: int, folder: Path, *, synchronous: bool) -> None:
        self.name, (self.port, self.rest) = f"node{number}", ports
        self.data, self._log = folder / f"data{number}", folder / f"node{number}.log"
        self._file = folder / f"node{number}.yml"
        self._file.write_text(
            NODE.format(
                number=number, rest=self.rest, etcd=etcd, port=self.port, data=self.data, programs=programs(),
                folder=folder, ttl=TTL_S, synchronous=str(synchronous).lower(),
                isolation=(ISOLATION or "read committed").lower(),
            )
        )  # fmt: skip
        self.patroni: asyncio.subprocess.Process | None = None

    async def start(self) -> None:
        """Switch it on."""
        self.patroni = await started(self._log, "patroni", str(self._file))

    @property
    def postmaster(self) -> int | None:
        """The process id of its PostgreSQL."""
        with suppress(FileNotFoundError, ValueError, IndexError):
            return int((self.data / "postmaster.pid").read_text().splitlines()[0])
        return None

    def kill_database(self) -> None:
        """PostgreSQL dies at once, with all its processes; Patroni lives."""
        if (postmaster := self.postmaster) is not None:
            for pid in [postmaster, *children(postmaster)]:
                with suppress(ProcessLookupError):
                    os.kill(pid, signal.SIGKILL)

    async def kill(self) -> None:
        """The machine is gone."""
        if self.patroni is not None and self.patroni.returncode is None:
            self.patroni.kill()
        self.kill_database()
        if self.patroni is not None:
            await self.patroni.wait()


def children(parent: int) -> Iterator[int]:
    """The processes that one has started."""
    for file in Path("/proc").glob("[0-9]*/stat"):
        with suppress(OSError):
            if int(file.read_text().rpartition(") ")[2].split()[1]) == parent:
                yield int(file.parent.name)


async def started(log: Path, program: str, *arguments: str) -> asyncio.subprocess.Process:
    """A process of the database's user."""
    path = shutil.which(program, path=PATH)
    assert path is not None
    who: dict[str, Any] = {"user": USER, "group": USER, "extra_groups": []} if os.geteuid() == 0 else {}
    with log.open("ab") as out:
        return await asyncio.create_subprocess_exec(
            path, *arguments, stdout=out, stderr=out, cwd=log.parent, env={"PATH": PATH, "LANG": "C.UTF-8"}, **who
        )


class Cluster:
    """Three nodes, whose leader stands behind one port."""

    def __init__(self, nodes: list[Node], port: int) -> None:
        self.nodes = nodes
        self.url = f"postgresql+asyncpg://postgres@127.0.0.1:{port}/postgres"

    async def _seen(self) -> list[dict[str, Any]]:
        """What the first node that answers knows of all."""
        async with aiohttp.ClientSession(timeout=aiohttp.ClientTimeout(2)) as client:
            for node in self.nodes:
                with suppress(aiohttp.ClientError, OSError, TimeoutError, ValueError):
                    async with client.get(f"http://127.0.0.1:{node.rest}/cluster") as answer:
                        members: list[dict[str, Any]] = json.loads(await answer.text())["members"]
                        return members
        return []

    async def leader(self, *, besides: Node | None = None) -> Node:
        """Who leads, once somebody does (other than this one) and a standby is in step; the third may be behind."""
        async with asyncio.timeout(PATIENCE_S):
            while True:
                members = await self._seen()
                roles = {member["name"]: member["role"] for member in members if member["state"] in READY}
                leads = [node for node in self.nodes if roles.get(node.name) == "leader" and node is not besides]
                if leads and (not self.is_synchronous or "sync_standby" in roles.values()) and len(roles) == NODES:
                    return leads[0]
                await asyncio.sleep(0.2)

    is_synchronous = True


READY = ("running", "streaming")


@asynccontextmanager
async def cluster(folder: Path, *, synchronous: bool = True) -> AsyncIterator[Cluster]:
    """A cluster that is whole."""
    own(folder)
    etcd, peers, proxy, *ports = free_ports(3 + 2 * NODES)
    nodes = [Node(n, (ports[2 * n], ports[2 * n + 1]), etcd, folder, synchronous=synchronous) for n in range(NODES)]
    servers = "\n".join(f"    server {node.name} 127.0.0.1:{node.port} check port {node.rest}" for node in nodes)
    (folder / "haproxy.cfg").write_text(PROXY.format(port=proxy, servers=servers))
    urls = ("--listen-client-urls", f"http://127.0.0.1:{etcd}", "--advertise-client-urls", f"http://127.0.0.1:{etcd}")
    urls += ("--listen-peer-urls", f"http://127.0.0.1:{peers}")
    more = [
        await started(folder / "etcd.log", "etcd", "--data-dir", str(folder / "etcd"), *urls),
        await started(folder / "haproxy.log", "haproxy", "-db", "-f", str(folder / "haproxy.cfg")),
    ]
    whole = Cluster(nodes, proxy)
    whole.is_synchronous = synchronous
    try:
        for node in nodes:
            await node.start()
        await whole.leader()
        yield whole
    finally:
        for node in nodes:
            await node.kill()
        for process in more:
            process.kill()
            await process.wait()


def own(folder: Path) -> None:
    """The database's user lives there."""
    folder.chmod(0o755)
    if os.geteuid() == 0:
        user = pwd.getpwnam(USER)
        os.chown(folder, user.pw_uid, user.pw_gid)
