"""A PostgreSQL server of the tests' own: started from Debian's binaries, thrown away at the end."""

from __future__ import annotations

import os
import pwd
import shutil
import socket
import subprocess
import tempfile
from dataclasses import dataclass, field
from itertools import count
from pathlib import Path

import psycopg
import pytest

from casework.records import migrate


def binaries() -> Path | None:
    """The folder of the newest server that is installed."""
    found = sorted(Path("/usr/lib/postgresql").glob("*/bin/initdb"), key=lambda path: int(path.parts[-3]))
    return found[-1].parent if found else None


@dataclass
class Cluster:
    """A running server on a port of 127.0.0.1."""

    bin: Path
    home: Path
    port: int
    options: str
    _names: count[int] = field(default_factory=count)

    @classmethod
    def start(cls, *, durable: bool) -> Cluster:
        """Without `durable` nothing is forced to the disk: quicker, and no test kills the machine."""
        found = binaries()
        if found is None:
            if os.environ.get("CI") == "true":
                pytest.fail("PostgreSQL is not installed, and CI runs everything")
            pytest.skip("PostgreSQL is not installed (Debian: apt-get install postgresql)")
        home = Path(tempfile.mkdtemp(prefix="enrum-postgresql-"))
        with socket.socket() as free:
            free.bind(("127.0.0.1", 0))
            port = free.getsockname()[1]
        options = f"-p {port} -c listen_addresses=127.0.0.1 -c unix_socket_directories={home} -c max_connections=60"
        if not durable:
            options += " -c fsync=off -c full_page_writes=off"
        cluster = cls(found, home, port, options)
        if os.getuid() == 0:
            shutil.chown(home, _server_user())
        home.chmod(0o755)
        cluster._run(
            "initdb", "--pgdata", str(home / "data"), "--username=enrum", "--auth=trust", "--encoding=UTF8", "--no-sync"
        )
        cluster.restart()
        return cluster

    def stop(self) -> None:
        self.kill()
        shutil.rmtree(self.home, ignore_errors=True)

    def kill(self) -> None:
        """Every process of the server, without a farewell."""
        self._run("pg_ctl", "-D", str(self.home / "data"), "-m", "immediate", "stop")

    def restart(self) -> None:
        """With recovery from the log."""
        self._run(
            "pg_ctl", "-D", str(self.home / "data"), "-l", str(self.home / "log"), "-w", "-o", self.options, "start"
        )

    def url(self, name: str) -> str:
        return f"postgresql://enrum@127.0.0.1:{self.port}/{name}"

    def database(self, *, empty: bool = False) -> str:
        """A new database, migrated unless `empty`: its URL."""
        name = f"t{next(self._names)}"
        template = "template1" if empty else "migrated"
        with psycopg.connect(self.url("postgres"), autocommit=True) as server:
            if not empty and not server.execute("SELECT 1 FROM pg_database WHERE datname = 'migrated'").fetchone():
                server.execute("CREATE DATABASE migrated")
                migrate(self.url("migrated"))
            server.execute(f"CREATE DATABASE {name} TEMPLATE {template} STRATEGY FILE_COPY")
        return self.url(name)

    def drop(self, url: str) -> None:
        """A database is a thousand files: hundreds of them would take minutes to remove at the end."""
        with psycopg.connect(self.url("postgres"), autocommit=True) as server:
            server.execute(f"DROP DATABASE {url.rpartition('/')[2]} WITH (FORCE)")

    def copy(self, url: str) -> str:
        """A dump of a database, restored under another name: its URL."""
        name = f"t{next(self._names)}"
        with psycopg.connect(self.url("postgres"), autocommit=True) as server:
            server.execute(f"CREATE DATABASE {name}")
        dump = subprocess.run([str(self.bin / "pg_dump"), "--dbname", url], check=True, capture_output=True)
        restore = [str(self.bin / "psql"), "--quiet", "--set=ON_ERROR_STOP=1", "--dbname", self.url(name)]
        subprocess.run(restore, input=dump.stdout, check=True, stdout=subprocess.DEVNULL)
        return self.url(name)

    def bytes_on_disk(self) -> bytes:
        """Every file of the server as it is now: tables, dead rows, write-ahead log, its own log."""
        with psycopg.connect(self.url("postgres"), autocommit=True) as server:
            server.execute("CHECKPOINT")
        paths = [path for path in sorted(self.home.rglob("*")) if path.is_file() and not path.is_socket()]
        return b"".join(path.read_bytes() for path in paths)

    def _run(self, program: str, *arguments: str) -> None:
        user = _server_user() if os.getuid() == 0 else None
        subprocess.run(
            [str(self.bin / program), *arguments], user=user, cwd=self.home, check=True, stdout=subprocess.DEVNULL
        )


def _server_user() -> str:
    """The server refuses to be run by root."""
    for name in ("postgres", "nobody"):
        try:
            return pwd.getpwnam(name).pw_name
        except KeyError:
            continue
    raise LookupError("no user to run PostgreSQL as")
