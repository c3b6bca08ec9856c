"""A cluster that logs all that it can, sessions on it, and checks."""

import os
import re
import shlex
import subprocess
import time
from concurrent.futures import ThreadPoolExecutor

from libpq import Connection, ConnectionLost, DatabaseError

DATABASE = "integratedb_credentials"
# How long to wait for what has to come: not a measure of anything.
PATIENCE = 60
_NAME = "credentials"
_CLUSTER = os.path.join(os.environ["INTEGRATEDB_ROOT"], "tools", "cluster")
_SETTINGS = """
log_statement = all
log_min_duration_statement = 0
log_min_messages = debug1
log_parameter_max_length = -1
log_parameter_max_length_on_error = -1
debug_print_parse = on
debug_print_plan = on
track_activity_query_size = 100kB
shared_preload_libraries = 'pg_stat_statements'
pg_stat_statements.track = all
pg_stat_statements.track_utility = on
"""


class Failure(Exception):
    """What was to hold does not."""


def check(what, holds, found=""):
    """Says that it holds, or fails."""
    if not holds:
        raise Failure(f"{what}\n{found}")
    print(f"ok {what}")
    check.passed += 1


check.passed = 0


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

    def begin(self, sql):
        """Runs it beside the test; a future of the ERROR, ConnectionLost or None."""
        return self._thread.submit(self.outcome, sql)

    def outcome(self, sql):
        """Runs it; the ERROR, ConnectionLost or None."""
        try:
            self.run(sql)
        except DatabaseError as error:
            return error.report
        except ConnectionLost as lost:
            return lost
        return None

    def is_alive(self):
        """Whether it goes on."""
        return not isinstance(self.outcome("SELECT 1"), ConnectionLost)


class Server:
    """A private cluster, see tools/cluster."""

    def __init__(self):
        """Makes and starts it."""
        self._cluster("destroy")
        self._cluster("init", CLUSTER_CONF=_SETTINGS)
        self._cluster("start")
        found = dict(re.findall(r"export (\w+)=(.*);", self._cluster("env")))
        self.socket, self.port = (shlex.split(found[name])[0] for name in ("PGHOST", "PGPORT"))

    def destroy(self):
        """Stops and removes it."""
        self._cluster("destroy")

    def log(self):
        """All that it has written."""
        return self._cluster("log")

    def admin(self, database=DATABASE):
        """A session of the superuser."""
        return Session(
            host=self.socket, port=self.port, user="postgres", dbname=database,
            options="-c client_min_messages=warning -c statement_timeout=120s",
        )

    def login(self, username, password, database=DATABASE):
        """A session by password, as an application has one; ConnectionLost when it is refused."""
        return Session(host="127.0.0.1", port=self.port, user=username, password=password, dbname=database)

    def may_log_in(self, username, password):
        """Whether that works."""
        try:
            self.login(username, password).close()
        except ConnectionLost:
            return False
        return True

    def dump(self, database):
        """What pg_dump writes."""
        command = ["pg_dump", "-h", self.socket, "-p", self.port, "-U", "postgres", "-d", database]
        return subprocess.run(command, capture_output=True, text=True, check=True).stdout

    def _cluster(self, *command, **environment):
        done = subprocess.run(
            [_CLUSTER, *command, _NAME], env=os.environ | environment, capture_output=True, text=True, check=False
        )
        if done.returncode:
            raise Failure(f"tools/cluster {' '.join(command)}: {done.stderr}")
        return done.stdout
