"""statement_timeout, lock_timeout, cancel and termination in the middle of the triggers, of COMMIT and of claim."""

import json
import time
from collections import Counter

import agreement
import scene
from libpq import ConnectionLost
from server import Failure, wait_for
from state import State
from world import OWNER, literal

GID = "fault"
BREAK, CANCELED, LOCKED, TERMINATED = "2BP01", "57014", "55P03", "57P01"
# How a statement that waits is stopped, and the SQLSTATE that the client gets.
HOWS = {"statement_timeout": CANCELED, "lock_timeout": LOCKED, "cancel": CANCELED, "terminate": TERMINATED}
STYLES = ("autocommit", "block", "savepoint", "handler")
RANDOM_MOMENTS = 80
WAIT_MS = 150
# So many statements that wait for a lock will do.
ENOUGH = 2

DDL = (
    "CREATE TABLE shop.more (id bigint)",
    "ALTER TABLE orders ADD COLUMN more text",
    "ALTER TABLE billing.invoices RENAME TO bills",
    "ALTER DOMAIN shop.money ADD CHECK (VALUE < 1000000)",
    "DROP TABLE loose.plain",
)
CALLS = (
    scene.claim(scene.MANY, scene.EVERY_WIDE),
    "SELECT FROM integratedb.unclaim('property_b')",
    "SELECT integratedb.sync()",
    "SELECT FROM integratedb.create_stakeholder('property_d')",
    "SELECT FROM integratedb.deprecate('shop.customers', '{note}')",
    "SELECT FROM integratedb.protect('loose.plain')",
    f"SELECT FROM integratedb.waive({literal(scene.MANY)}, 'wide.t_1', '{{column-exists}}', 'a test', 'tomorrow')",
    "SELECT FROM integratedb.issue_credential('property_b')",
    "DO $$BEGIN SET LOCAL ROLE property_b; PERFORM integratedb.request_claim('{\"match\": []}', 'a test'); END$$",
)
# For the lock on `baseline` only those wait who find a copy of a database.
_TABLES = (
    "SELECT format('LOCK TABLE %s', oid::regclass) FROM pg_class WHERE relnamespace = 'integratedb'::regnamespace "
    "AND relkind = 'r' AND relname <> 'baseline' ORDER BY relname"
)
# Locks that are no lock on a whole table: a row of ours, and what a claim and a DDL command hold against each other.
_OTHER_LOCKS = (
    "SELECT FROM integratedb.claim FOR UPDATE",
    "LOCK TABLE integratedb.fence IN EXCLUSIVE MODE",
)
# The libraries bring settings of their own.
_LOAD = "DO 'BEGIN PERFORM FROM integratedb.unmet_claims(); END'"
_SETTINGS = """
SELECT json_object_agg(name, setting) FROM (
    SELECT name, setting FROM pg_settings WHERE name !~ '_timeout$|^in_hot_standby$'
    UNION ALL VALUES ('user', current_user::text), ('session user', session_user::text), ('path', current_schemas(true)::text)) s
"""


def run(server, random):
    """All locks, and random moments; a summary."""
    scene.build(server)
    waits = _Waits(server, random)
    stopped = waits.run()
    waits.close()
    moments = _random_moments(server, random)
    return f"{stopped} statements stopped at {waits.locks} locks, {moments}"


class _Waits:
    """Somebody holds a lock that the triggers, COMMIT or claim need, and what waits for it is stopped."""

    def __init__(self, server, random):
        self.server, self.random = server, random
        self.blocker, self.watcher = server.connect(scene.DATABASE), server.connect(scene.DATABASE)
        self.victims = {user: self._victim(user) for user in ("postgres", OWNER)}
        self.locks = 0

    def _victim(self, user):
        victim = self.server.connect(scene.DATABASE, user)
        victim.run(_LOAD)
        victim.run("SET search_path = loose, shop, public")
        victim.settings = json.loads(victim.run(_SETTINGS)[0][0])
        return victim

    def close(self):
        """Ends the sessions."""
        for session in (self.blocker, self.watcher, *self.victims.values()):
            session.close()

    def run(self):
        """How many statements have been stopped. Every table of ours has to stop some, or it is not tested."""
        self.unmet, self.before = agreement.lines_of(self.watcher), State(self.watcher)
        stopped, idle = 0, []
        tables = [row[0] for row in self.watcher.run(_TABLES)]
        for lock in [*tables, *_OTHER_LOCKS]:
            found = self._stopped_by(lock)
            if not found:
                idle.append(lock)
                continue
            self.locks += 1
            for how in HOWS:
                # The server ends statement_timeout before it begins with COMMIT.
                sqls = [sql for sql, where in found.items() if where == "inside" or how != "statement_timeout"]
                if not sqls:
                    continue
                sql = self.random.choice(sqls)
                user = self.random.choice(("postgres", OWNER)) if sql in DDL else "postgres"
                style = self.random.choice(STYLES)
                try:
                    self._stop(lock, sql, how, style, user)
                except (Failure, ConnectionLost) as failure:
                    raise Failure(f"{lock}, {how}, {style}, {user}: {sql}\n{failure}") from None
                stopped += 1
        if idle:
            raise Failure(f"nothing waits for these locks: {idle}")
        agreement.check(self.watcher, self.unmet)
        return stopped

    def _stopped_by(self, lock):
        """Some statements that wait for the lock, and where: "inside" or before their "COMMIT"."""
        found = {}
        for sql in self.random.sample((*DDL, *CALLS), len(DDL) + len(CALLS)):
            where = self._waits_for(lock, sql)
            if where:
                found[sql] = where
            if len(found) == ENOUGH:
                break
        return found

    def _waits_for(self, lock, sql):
        """Whether and where a transaction with this statement waits for the lock; undone."""
        victim = self.victims["postgres"]
        self._hold(lock)
        result = victim.begin("BEGIN", sql, f"PREPARE TRANSACTION '{GID}'")
        waits = self._until_waiting(victim, result)
        where = None
        if waits:
            activity = f"FROM pg_stat_activity WHERE pid = {victim.pid}"
            where = self.watcher.run(f"SELECT CASE WHEN query ~ '^PREPARE' THEN 'COMMIT' ELSE 'inside' END {activity}")[0][0]
            self.watcher.run(f"SELECT pg_cancel_backend({victim.pid})")
        got = result.result()
        self.blocker.run("ROLLBACK")
        victim.run("ROLLBACK" if got else f"ROLLBACK PREPARED '{GID}'")
        if (got.sqlstate if got else None) != (CANCELED if waits else None):
            raise Failure(f"{lock}: {sql}\n{got}")
        return where

    def _hold(self, lock):
        self.polls = "integratedb.fence" in lock
        self.blocker.run("BEGIN")
        self.blocker.run(lock)

    def _until_waiting(self, victim, result):
        """Whether it comes to wait for a lock. What polls for the fence does not wait in the server's sense, but goes on."""
        query = f"SELECT FROM pg_locks WHERE pid = {victim.pid} AND NOT granted"
        if self.polls:
            query = f"SELECT FROM pg_stat_activity WHERE pid = {victim.pid} AND clock_timestamp() - query_start > '1s'"
        wait_for("a lock or the end", lambda: result.done() or self.watcher.run(query))
        return not result.done()

    def _stop(self, lock, sql, how, style, user):
        victim = self.victims[user]
        if how.endswith("_timeout"):
            victim.run(f"SET {how} = {WAIT_MS}")
        if how == "lock_timeout":
            victim.run(f"SET integratedb.fence_timeout = {WAIT_MS}")
        self._hold(lock)
        got = self._issue(victim, sql, style, how)
        self.blocker.run("ROLLBACK")
        if how == "terminate":
            if isinstance(got, ConnectionLost):
                victim.close()
                victim = self.victims[user] = self._victim(user)
            else:
                raise Failure(f"it is not terminated: {got}")
        elif (got.sqlstate if got else None) != HOWS[how]:
            raise Failure(f"it is not stopped: {got}")
        else:
            victim.attempt("ROLLBACK")
            for name in ("statement_timeout", "lock_timeout", "integratedb.fence_timeout"):
                victim.run(f"RESET {name}")
        after = State(self.watcher)
        if after.text != self.before.text:
            raise Failure(f"It was stopped, but this has changed: {_changed(self.before, after)}")
        _is_usable(victim, user)

    def _issue(self, victim, sql, style, how):
        """What the client gets: an ERROR's Message or ConnectionLost. What was caught on the way is told too."""
        handler = f"""DO $do$ BEGIN EXECUTE $sql${sql}$sql$; EXCEPTION
            WHEN query_canceled THEN PERFORM set_config('fault.caught', '{CANCELED}', false);
            WHEN lock_not_available THEN PERFORM set_config('fault.caught', '{LOCKED}', false); END $do$"""
        if style == "savepoint":
            victim.run("BEGIN")
            victim.run("SAVEPOINT before")
        victim.run("SET fault.caught = ''")
        statements = {
            "autocommit": [sql],
            "block": ["BEGIN", sql, "COMMIT"],
            "savepoint": [sql, "COMMIT"],
            "handler": [handler],
        }[style]
        result = victim.begin(*statements)
        if how in ("cancel", "terminate") and self._until_waiting(victim, result):
            self.watcher.run(f"SELECT pg_{'cancel' if how == 'cancel' else 'terminate'}_backend({victim.pid})")
        got = result.result()
        if isinstance(got, ConnectionLost):
            return got
        if style == "savepoint" and victim.attempt("ROLLBACK TO before") is None:
            # What was stopped is undone, and what comes after it in the same transaction works.
            self.blocker.run("ROLLBACK")
            self.blocker.run("BEGIN")
            victim.run("SET LOCAL statement_timeout = 0")
            victim.run("SET LOCAL lock_timeout = 0")
            victim.run("CREATE TABLE shop.kept ()")
            victim.run("DROP TABLE shop.kept")
            victim.run("COMMIT")
        if victim.warnings:
            raise Failure(f"WARNING: {victim.warnings}")
        return got or _Caught(victim.run("SELECT current_setting('fault.caught')")[0][0])


class _Caught:
    """An ERROR that a handler has caught."""

    def __init__(self, sqlstate):
        self.sqlstate = sqlstate

    def __repr__(self):
        return f"caught: {self.sqlstate!r}"


def _changed(before, after):
    return "\n".join(
        f"{key}: {before.all[key]}\n  now {after.all[key]}" for key in before.all if before.all[key] != after.all[key]
    )


def _is_usable(victim, user):
    """User, search_path and all settings are as before; nothing of the owner's security context is left."""
    victim.run("RESET fault.caught")
    settings = json.loads(victim.run(_SETTINGS)[0][0])
    settings.pop("fault.caught", None)
    if settings != victim.settings:
        raise Failure(f"settings: {set(settings.items()) ^ set(victim.settings.items())}")
    victim.run("BEGIN")
    if user == "postgres":
        # Not allowed in a security-restricted operation.
        victim.run("CREATE TEMPORARY TABLE usable ()")
        victim.run("SET LOCAL ROLE NONE")
    victim.run("CREATE TABLE usable (id bigint)")
    victim.run("CREATE TABLE shop.usable (id bigint)")
    query = (
        "SELECT has_table_privilege('property_b', 'shop.usable', 'SELECT') AND relowner = session_user::regrole "
        "AND to_regclass('loose.usable') IS NOT NULL FROM pg_class WHERE oid = 'shop.usable'::regclass"
    )
    query = query if user != "postgres" else query.replace("to_regclass('loose.usable') IS NOT NULL", "true")
    works = victim.run(query)[0][0] == "t"
    victim.run("ROLLBACK")
    if not works:
        raise Failure("DDL afterwards does not work as ever")


def _random_moments(server, random):
    """Timeouts and cancels anywhere in what has to look at hundreds of claims."""
    watcher, victim = server.connect(scene.DATABASE), server.connect(scene.DATABASE)
    watcher.run(scene.claim(scene.MANY, scene.EVERY_WIDE))
    unmet, before = agreement.lines_of(watcher), State(watcher)
    victim.run(_LOAD)
    victim.settings = json.loads(victim.run(_SETTINGS)[0][0])
    works = (
        ("ALTER DOMAIN shop.money ADD CHECK (VALUE < 1000000)", ()),
        ("ALTER DOMAIN shop.money RENAME TO cash", (BREAK,)),
        ("DROP SCHEMA wide CASCADE", (BREAK,)),
        ("ALTER SCHEMA wide RENAME TO narrow", (BREAK,)),
        ("DO 'BEGIN FOR i IN 1..40 LOOP EXECUTE format(''CREATE TABLE shop.made_%s (id bigint)'', i); END LOOP; END'", ()),
        (scene.claim(scene.MANY, scene.SOME_WIDE), ()),
        ("SELECT integratedb.sync()", ()),
    )
    durations, counts = {}, Counter()
    for sql, expected in works:
        begun = time.monotonic()
        _transaction(victim, sql, None, expected, watcher)
        durations[sql] = time.monotonic() - begun
    for number in range(RANDOM_MOMENTS):
        sql, expected = works[number % len(works)]
        moment = random.uniform(0.001, max(0.05, durations[sql]))
        how = random.choice(("statement_timeout", "cancel"))
        outcome = _transaction(victim, sql, (how, moment), expected, watcher)
        counts[outcome] += 1
        if random.random() < 0.1 or number == RANDOM_MOMENTS - 1:
            after = State(watcher)
            if after.text != before.text:
                raise Failure(f"{sql}, {how}: It was undone, but this has changed: {_changed(before, after)}")
        settings = json.loads(victim.run(_SETTINGS)[0][0])
        if settings != victim.settings:
            raise Failure(f"{sql}, {how}: settings: {set(settings.items()) ^ set(victim.settings.items())}")
    if not counts[CANCELED]:
        raise Failure(f"none of the random moments hit anything: {counts}")
    agreement.check(watcher, unmet)
    for session in (watcher, victim):
        session.close()
    return f"{counts[CANCELED]} of {RANDOM_MOMENTS} random moments hit"


def _transaction(victim, sql, stop, expected, watcher):
    """Runs it to the end of its transaction, stopped at a moment or not, and undoes it; what came of it."""
    how, moment = stop or (None, None)
    limit = [f"SET LOCAL statement_timeout = {max(1, int(moment * 1000))}"] if how == "statement_timeout" else []
    result = victim.begin("BEGIN", *limit, sql, f"PREPARE TRANSACTION '{GID}'")
    if how == "cancel":
        time.sleep(moment)
        watcher.run(f"SELECT pg_cancel_backend({victim.pid})")
    got = result.result()
    strange = [warning for warning in victim.warnings if warning.sqlstate not in expected]
    allowed = (*expected, CANCELED) if stop else (*expected,)
    if strange or got and (isinstance(got, ConnectionLost) or got.sqlstate not in allowed):
        raise Failure(f"{sql}, {stop}: {got}, {strange}")
    victim.run("ROLLBACK" if got else f"ROLLBACK PREPARED '{GID}'")
    return got.sqlstate if got else "done"
