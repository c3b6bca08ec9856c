"""kill -9 of a backend, of the postmaster and of all processes, in a migration and in a claim: whole or not at all."""

import time
from collections import Counter

import agreement
import scene
from libpq import ConnectionLost
from server import Failure, wait_for
from state import State

# A database grows with each round.
ROUNDS_OF_A_DATABASE = 20
GID = "fault"
KILLS = ("backend", "postmaster", "all")
POINTS = ("after a statement", "at a lock", "at a moment", "at its end")
# What COMMIT may take, with what the extension does before it.
END = 0.03
# What the triggers and claim read or write on their way, in this order; somebody else's lock stops them there.
STOPS = (
    "integratedb.cache_stamp",
    "integratedb.claimed_relation_cache",
    "integratedb.claimed_relation",
    "integratedb.claim",
    "integratedb.granted_privilege_cache",
    "integratedb.granted_privilege",
    "integratedb.stakeholder",
    "integratedb.document_change",
    "integratedb.migration",
    "shop.orders",
    "pg_catalog.pg_statistic",
)


def run(server, random, rounds):
    """Kills so many times; a summary. Raises Failure, whose text begins with what was killed and when."""
    counts = Counter()
    for number in range(rounds):
        if number % ROUNDS_OF_A_DATABASE == 0:
            scene.build(server)
            durations = _durations(server, random)
        one = _Round(server, random, number + 1, durations)
        try:
            one.run()
        except Failure as failure:
            raise Failure(f"round {number + 1}, {one}:\n{failure}") from None
        counts.update([one.kill, one.point, one.outcome])
    return f"{rounds} kills ({', '.join(f'{name} {counts[name]}' for name in sorted(counts))})"


def _durations(server, random):
    """How long each kind of transaction takes here and now, so that a random moment is within it."""
    connection, durations = server.connect(scene.DATABASE), {}
    for work in (scene.migration(connection, random, 0), scene.claim_of_many(connection, 0)):
        begun = time.monotonic()
        for sql in ["BEGIN", *work.statements, "ROLLBACK"]:
            connection.run(sql)
        durations[work.name] = time.monotonic() - begun
    connection.close()
    return durations


class _Round:
    """One kill. `kill` is what of, `point` when, `outcome` what came of the transaction."""

    def __init__(self, server, random, number, durations):
        self.server, self.random = server, random
        self.number, self.durations = number, durations
        # In turn, so that a few rounds have all of them.
        self.kill, self.point = KILLS[number % len(KILLS)], POINTS[number % len(POINTS)]
        self.ends_with = "PREPARE" if random.random() < 0.3 else "COMMIT"
        self.where = self.outcome = None

    def __str__(self):
        return f"kill -9 of {self.kill} {self.point} ({self.where}) of a {self.work.name}, {self.ends_with}"

    def run(self):
        """Does it, and compares."""
        connection = self.server.connect(scene.DATABASE)
        if self.random.random() < 0.4:
            self.work = scene.claim_of_many(connection, self.number)
        else:
            self.work = scene.migration(connection, self.random, self.number)
        unmet, before = agreement.lines_of(connection), State(connection)
        end = "COMMIT" if self.ends_with == "COMMIT" else f"PREPARE TRANSACTION '{GID}'"
        must_be, result = self._until_killed(connection, ["BEGIN", *self.work.statements, end])
        for sent in (connection, *self.sessions):
            sent.close()
        if not (result is None or isinstance(result, ConnectionLost) or result.sqlstate.startswith("57P")):
            raise Failure(f"it failed by itself: {result}")
        connection = self.server.connect(scene.DATABASE)
        whole = self._finish(connection, must_be)
        if not whole:
            after = State(connection)
            if after.text != before.text:
                changed = [f"{key}: {before.all[key]}\n  now {after.all[key]}" for key in before.all if before.all[key] != after.all[key]]
                raise Failure("It was not committed, but this has changed:\n" + "\n".join(changed))
        agreement.check(connection, unmet)
        connection.close()

    def _until_killed(self, watcher, statements):
        """Whether it must be whole afterwards (None: either), and what the client got."""
        victim = self.server.connect(scene.DATABASE)
        self.sessions = [victim]
        if self.point == "after a statement":
            self.where = self.random.randint(1, len(statements))
            for sql in statements[: self.where]:
                victim.run(sql)
            self._kill(victim, watcher)
            return self.where == len(statements), None
        if self.point == "at a lock":
            blocker = self.server.connect(scene.DATABASE)
            self.sessions.append(blocker)
            self.where = self.random.choice(STOPS)
            blocker.run("BEGIN")
            blocker.run(f"LOCK TABLE {self.where}")
            result = victim.begin(*statements)
            waits = f"SELECT FROM pg_locks WHERE pid = {victim.pid} AND NOT granted"
            wait_for("a lock or the end", lambda: result.done() or watcher.run(waits))
            stopped = not result.done()
        elif self.point == "at its end":
            self.where = self.random.uniform(0, END)
            for sql in statements[:-1]:
                victim.run(sql)
            result = victim.begin(statements[-1])
            time.sleep(self.where)
            stopped = False
        else:
            self.where = self.random.uniform(0, 1.5 * self.durations[self.work.name])
            result = victim.begin(*statements)
            time.sleep(self.where)
            stopped = False
        self._kill(victim, watcher)
        got = result.result()
        if got is None:
            return True, None
        # What ends by itself after the postmaster's death may have gone on until then.
        return False if stopped else None, got

    def _kill(self, victim, watcher):
        if self.kill == "backend":
            self.server.kill_backend(victim, watcher)
        else:
            self.server.kill_postmaster(with_all=self.kill == "all")

    def _finish(self, connection, must_be):
        """Whether it is committed, a prepared transaction at random; all of it, or nothing."""
        prepared = connection.run("SELECT gid FROM pg_prepared_xacts") == [[GID]]
        if prepared and self.ends_with != "PREPARE":
            raise Failure("it is prepared")
        if self.ends_with == "PREPARE" and must_be is not None and prepared != must_be:
            raise Failure(f"prepared: {prepared}, expected: {must_be}")
        whole = self._probe(connection)
        if prepared:
            if whole:
                raise Failure("it is prepared, and committed")
            whole = self._finish_prepared(connection)
        elif self.ends_with == "COMMIT" and must_be is not None and whole != must_be:
            raise Failure(f"committed: {whole}, expected: {must_be}")
        elif self.ends_with == "PREPARE" and whole:
            raise Failure("it is committed, and was never prepared")
        self.outcome = "whole" if whole else "nothing"
        return whole

    def _finish_prepared(self, connection):
        """The prepared transaction still holds the fence; then it ends."""
        connection.run("SET integratedb.fence_timeout = 0")
        report = connection.attempt(scene.claim(scene.READER, {"match": []}))
        connection.run("RESET integratedb.fence_timeout")
        if report is None or report.sqlstate != "55P03":
            raise Failure(f"a claim passes a prepared transaction: {report}")
        commits = self.random.random() < 0.5
        connection.run(f"{'COMMIT' if commits else 'ROLLBACK'} PREPARED '{GID}'")
        if self._probe(connection) != commits:
            raise Failure(f"after {'COMMIT' if commits else 'ROLLBACK'} PREPARED: committed: {not commits}")
        return commits

    def _probe(self, connection):
        [found] = connection.run("SELECT " + ", ".join(self.work.probes))
        if len(set(found)) != 1:
            raise Failure(f"half of it is there: {list(zip(self.work.probes, found))}")
        return found[0] == "t"
