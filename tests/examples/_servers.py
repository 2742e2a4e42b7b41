# SPDX-License-Identifier: MIT
"""Real servers on 127.0.0.1, each with a port and a folder of its own, ended by their own process id."""

import contextlib
import os
import pathlib
import pwd
import shutil
import signal
import socket
import subprocess
import tempfile
import time

START_SECONDS = 60


def free_port():
    with socket.socket() as listener:
        listener.bind(("127.0.0.1", 0))
        return listener.getsockname()[1]


def is_open(port):
    with socket.socket() as client:
        return client.connect_ex(("127.0.0.1", port)) == 0


class Server:
    """What a started program needs: a folder, a log, an end. Made anew on another port if one is taken meanwhile."""

    def __init__(self, user=None):
        self.folder = pathlib.Path(tempfile.mkdtemp(prefix="cloakroom-"))
        self.account = {}
        if user is not None:
            os.chown(self.folder, user.pw_uid, user.pw_gid)
            self.account = {"user": user.pw_uid, "group": user.pw_gid, "extra_groups": []}
        self.log = open(self.folder / "log", "w+b")
        self.process = None

    def run(self, command):
        return subprocess.Popen(command, stdin=subprocess.DEVNULL, stdout=self.log, stderr=self.log,
                                cwd=self.folder, **self.account)

    def start(self, command_on):
        for _ in range(5):
            self.port = free_port()
            self.process = self.run(command_on(self.port))
            end = time.monotonic() + START_SECONDS
            while self.process.poll() is None and time.monotonic() < end:
                if self.answers():
                    return
                time.sleep(0.02)
            self.end_process()
        text = (self.folder / "log").read_text(errors="replace")
        self.close()
        raise AssertionError(f"{type(self).__name__} did not start:\n{text}")

    def end_process(self):
        if self.process is not None and self.process.poll() is None:
            self.process.send_signal(self.END)
            try:
                self.process.wait(START_SECONDS)
            except subprocess.TimeoutExpired:
                self.process.kill()
                self.process.wait()

    def close(self):
        self.end_process()
        self.log.close()
        shutil.rmtree(self.folder, ignore_errors=True)


class Redis(Server):
    END = signal.SIGKILL
    PASSWORD = "coat-and-hat-redis"

    def __init__(self, *options):
        super().__init__()
        self.start(lambda port: ["redis-server", "--port", str(port), "--bind", "127.0.0.1", "--save", "",
                                 "--appendonly", "no", "--requirepass", self.PASSWORD, *options])

    def url(self, password=PASSWORD):
        return f"redis://:{password}@127.0.0.1:{self.port}/0"

    def answers(self):
        with contextlib.suppress(OSError):
            return self.ask("PING") == b"+PONG"
        return False

    def ask(self, *words):
        """The first line of the answer to one command."""
        def packed(*parts):
            parts = [part if isinstance(part, bytes) else str(part).encode() for part in parts]
            return b"*%d\r\n" % len(parts) + b"".join(b"$%d\r\n%s\r\n" % (len(part), part) for part in parts)

        with socket.create_connection(("127.0.0.1", self.port), timeout=10) as connection:
            connection.sendall(packed("AUTH", self.PASSWORD) + packed(*words))
            answer = connection.makefile("rb")
            login = answer.readline().strip()
            assert login == b"+OK", login
            return answer.readline().strip()


class RedisCluster(Redis):
    """A cluster of one server, which has all slots."""

    def __init__(self):
        super().__init__("--cluster-enabled", "yes", "--cluster-announce-ip", "127.0.0.1")
        assert self.ask("CLUSTER", "ADDSLOTS", *range(16384)) == b"+OK"
        end = time.monotonic() + START_SECONDS
        while time.monotonic() < end and self.ask("GET", "any") != b"$-1":
            time.sleep(0.02)


class Memcached(Server):
    END = signal.SIGKILL

    def __init__(self):
        super().__init__()
        name = pwd.getpwuid(os.geteuid()).pw_name
        self.start(lambda port: ["memcached", "-u", name, "-l", "127.0.0.1", "-p", str(port), "-U", "0"])

    def url(self):
        return f"memcached://127.0.0.1:{self.port}"

    def answers(self):
        with contextlib.suppress(OSError):
            return self.ask(b"version").startswith(b"VERSION")
        return False

    def ask(self, command):
        """The first line of the answer to one command."""
        with socket.create_connection(("127.0.0.1", self.port), timeout=10) as connection:
            connection.sendall(command + b"\r\n")
            return connection.makefile("rb").readline().strip()


class Postgres(Server):
    END = signal.SIGINT
    USER = "cloakroom"
    PASSWORD = "coat-and-hat-postgres"

    def __init__(self):
        found = sorted(pathlib.Path("/usr/lib/postgresql").glob("*/bin/postgres"))
        assert found, "PostgreSQL's server is not installed: tools/install_dependencies servers"
        self.programs = found[-1].parent
        super().__init__(pwd.getpwnam("postgres") if os.geteuid() == 0 else None)
        (self.folder / "password").write_text(self.PASSWORD)
        made = self.run([self.programs / "initdb", "--pgdata", self.folder / "data", "--username", self.USER,
                         "--pwfile", self.folder / "password", "--auth=scram-sha-256", "--encoding=UTF8",
                         "--locale=C", "--no-sync"])
        assert made.wait(START_SECONDS) == 0, (self.folder / "log").read_text()
        self.start(lambda port: [self.programs / "postgres", "-D", self.folder / "data", "-h", "127.0.0.1", "-p",
                                 str(port), "-c", "unix_socket_directories=", "-c", "fsync=off",
                                 "-c", "shared_buffers=16MB"])

    def url(self, database="postgres", password=PASSWORD):
        return f"postgresql://{self.USER}:{password}@127.0.0.1:{self.port}/{database}"

    def answers(self):
        return subprocess.run([self.programs / "psql", "-c", "SELECT 1", self.url()], capture_output=True,
                              check=False).returncode == 0

    def sql(self, text, database="postgres"):
        done = subprocess.run([self.programs / "psql", "-qAt", "-v", "ON_ERROR_STOP=1", "-c", text, self.url(database)],
                              capture_output=True, text=True, check=False, timeout=START_SECONDS)
        assert done.returncode == 0, done.stderr
        return done.stdout.strip()
