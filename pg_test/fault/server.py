"""The cluster that is killed, and sessions on it."""

import os
import re
import shlex
import signal
import subprocess
import time
from concurrent.futures import ThreadPoolExecutor

from libpq import Connection, ConnectionLost, DatabaseError

NAME = "fault"
# How long to wait for what has to come: not a measure of anything.
PATIENCE = 180
_CLUSTER = os.path.join(os.environ["INTEGRATEDB_ROOT"], "tools", "cluster")


class Failure(Exception):
    """What was to hold after a fault does not."""


def wait_for(what, condition):
    """Until `condition()` is true."""
    end = time.monotonic() + PATIENCE
    while not condition():
        if time.monotonic() > end:
            raise Failure(f"waited in vain: {what}")
        time.sleep(0.01)


class Session(Connection):
    """A session whose statements can run while the test does something else."""

    def __init__(self, **parameters):
        super().__init__(**parameters)
        self._thread = ThreadPoolExecutor(1)
        self.pid = int(self.run("SELECT pg_backend_pid()")[0][0])

    def begin(self, *statements):
        """Runs them one after the other, beside the test; a future of None, an ERROR's Message or ConnectionLost."""

        def work():
            try:
                for sql in statements:
                    self.run(sql)
            except DatabaseError as error:
                return error.report
            except ConnectionLost as lost:
                return lost
            return None

        return self._thread.submit(work)

    def close(self):
        """Ends the session, after what it runs."""
        self._thread.shutdown()
        super().close()


class Server:
    """A private cluster, see tools/cluster."""

    def __init__(self):
        """Makes and starts it."""
        self._cluster("destroy")
        self._cluster("init")
        self.start()
        self.data = self.connect("postgres").run("SHOW data_directory")[0][0]

    def destroy(self):
        """Stops and removes it."""
        self._cluster("destroy")

    def stop(self):
        """Stops it."""
        self._cluster("stop")

    def start(self):
        """Starts it; it may have another port than before."""
        self._cluster("start")
        exports = self._cluster("env")
        found = dict(re.findall(r"export (\w+)=(.*);", exports))
        self.host, self.port = (shlex.split(found[name])[0] for name in ("PGHOST", "PGPORT"))

    def connect(self, database, user="postgres"):
        """A session; ConnectionLost when the server is not there (yet)."""
        options = "-c client_min_messages=warning -c statement_timeout=120s"
        return Session(host=self.host, port=self.port, user=user, dbname=database, options=options)

    def postmaster(self):
        """Its process."""
        with open(os.path.join(self.data, "postmaster.pid"), encoding="ascii") as file:
            return int(file.readline())

    def kill_backend(self, session, watcher):
        """kill -9 of a session's process. The postmaster then ends all others, and recovers; waits for that."""
        if session.pid not in _children(self.postmaster()):
            raise Failure(f"{session.pid} is no backend of ours")
        os.kill(session.pid, signal.SIGKILL)
        wait_for("the other sessions end", lambda: _is_lost(watcher))
        self._wait_until_ready()

    def kill_postmaster(self, with_all):
        """kill -9 of the postmaster; of all its processes at once, or they end by themselves. Starts it again."""
        postmaster = self.postmaster()
        children = _children(postmaster)
        for pid in [postmaster, *(children if with_all else ())]:
            _kill(pid)
        # A server is not started beside backends that still run, nor while its process is not reaped.
        wait_for("all its processes are gone", lambda: not any(map(_runs, [postmaster, *children])))
        self.start()
        self._wait_until_ready()

    def _wait_until_ready(self):
        def ready():
            try:
                self.connect("postgres").close()
            except ConnectionLost:
                return False
            return True

        wait_for("the server recovers", ready)

    @staticmethod
    def _cluster(command):
        done = subprocess.run([_CLUSTER, command, NAME], stdin=subprocess.DEVNULL, capture_output=True, text=True)
        if done.returncode:
            raise Failure(f"tools/cluster {command}: {done.stderr}")
        return done.stdout


def _is_lost(session):
    try:
        session.run("SELECT")
    except ConnectionLost:
        return True
    except DatabaseError:
        pass
    return False


def _stat(pid):
    """State and parent of a process, or None."""
    try:
        with open(f"/proc/{pid}/stat", encoding="utf-8", errors="replace") as file:
            return file.read().rpartition(")")[2].split()[:2]
    except (FileNotFoundError, ProcessLookupError):
        return None


def _children(parent):
    stats = ((int(name), _stat(name)) for name in os.listdir("/proc") if name.isdigit())
    return [pid for pid, stat in stats if stat and int(stat[1]) == parent]


def _runs(pid):
    return _stat(pid) is not None


def _kill(pid):
    try:
        os.kill(pid, signal.SIGKILL)
    except ProcessLookupError:
        pass
