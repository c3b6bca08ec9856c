"""A database of its own: set up, claimed, and changed step by step, with everything compared after each step."""

import os
from dataclasses import dataclass

import documents
import kinds
from libpq import Connection, ConnectionLost, DatabaseError
from state import State, differences
from transaction import UNDONE, Transaction, explore, perform
from verdict import Disagreement, Full
from world import OWNER, SCHEMAS, STAKEHOLDERS, SUPERUSER, World, quoted

DATABASE = "integratedb_property"
SYNC = "SELECT integratedb.sync()"

PREPARATION = [
    "CREATE EXTENSION integratedb",
    f"CREATE ROLE {OWNER}",
    f"GRANT CREATE ON DATABASE {DATABASE} TO {OWNER}",
    f"CREATE SCHEMA {quoted(SCHEMAS[0])} AUTHORIZATION {OWNER}",
    f"CREATE SCHEMA {quoted(SCHEMAS[1])}",
    f"GRANT ALL ON SCHEMA {quoted(SCHEMAS[1])} TO {OWNER}",
    "CREATE FOREIGN DATA WRAPPER property_wrapper",
    "CREATE SERVER property_server FOREIGN DATA WRAPPER property_wrapper",
    *(f"SELECT FROM integratedb.create_stakeholder('{name}')" for name in STAKEHOLDERS),
]


@dataclass
class Call:
    """A call of one of the extension's functions, by the superuser, in a transaction of its own."""

    sql: str

    def script(self):
        """As psql would be given it."""
        return [self.sql]


@dataclass
class Counts:
    """What was done. `refused` are statements of transactions that were refused; `errors` failed for other reasons."""

    accepted: int = 0
    refused: int = 0
    errors: int = 0
    transactions: int = 0
    refused_transactions: int = 0
    claims: int = 0

    def add(self, other):
        """Adds all of `other`."""
        for name, number in vars(other).items():
            setattr(self, name, getattr(self, name) + number)


def connect(database):
    """A session of the superuser."""
    return Connection(
        host=os.environ["PGHOST"],
        port=os.environ["PGPORT"],
        user=os.environ["PGUSER"],
        dbname=database,
        options="-c client_min_messages=warning -c statement_timeout=60s",
    )


def clean():
    """Drops database and roles, those of a run that was killed too."""
    connection = connect("postgres")
    connection.run(f"DROP DATABASE IF EXISTS {DATABASE} WITH (FORCE)")
    connection.run(f"DROP ROLE IF EXISTS {', '.join((OWNER, *STAKEHOLDERS))}")
    connection.close()


class Episode:
    """One database. `steps` is what has been done, and enough to do it again."""

    def __init__(self):
        """Makes the database and the stakeholders."""
        clean()
        connection = connect("postgres")
        connection.run(f"CREATE DATABASE {DATABASE} TEMPLATE template0")
        connection.close()
        self.connection = connect(DATABASE)
        self.connection.savepoints = []
        for sql in PREPARATION:
            self.connection.run(sql)
        self.steps, self.counts, self.compares, self.before = [], Counts(), True, None
        # DDL has passed with enforcement off, and sync() has not been called since.
        self.after_off = False
        # Claims that have been unmet because they lacked a privilege.
        self.lacked = set()

    def close(self):
        """Ends the session; the database stays until the next one."""
        self.connection.close()

    def populate(self, random):
        """Random relations and types, before anything is claimed, and the first claims."""
        self.compares = False
        for number in range(24):
            role = SUPERUSER if number % 3 == 0 else OWNER
            for item in kinds.statements(World(self.connection, role), random, "create" if number > 5 else None):
                self._populate_with(Transaction(role=role, style="autocommit", items=[item]))
        self.compares = True
        for stakeholder in STAKEHOLDERS:
            for _ in range(4):
                if self.call(documents.call(stakeholder, documents.document(World(self.connection), random))):
                    break

    def _populate_with(self, transaction):
        if not any(self.connection.attempt(sql) for sql in transaction.script()):
            self.steps.append(transaction)
        self.connection.run("RESET ROLE")

    def random_step(self, random):
        """A random transaction, or now and then a claim."""
        if self.after_off and self.before and not self.before.is_stale:
            self.call(SYNC)
            return
        if random.random() < 0.12:
            return self.random_call(random)
        role = random.choice((SUPERUSER, OWNER))
        style = random.choices(("block", "autocommit", "prepare"), (65, 30, 5))[0]
        transaction = Transaction(role=role, style=style)
        if style != "prepare" and random.random() < 0.06:
            transaction.enforcement = random.choice(("warn", "warn", "off"))
        elif random.random() < 0.07:
            transaction.validation = "immediate"
        elif style == "block" and random.random() < 0.05:
            document = documents.document(World(self.connection), random)
            transaction.claim = documents.call(random.choice(STAKEHOLDERS), document)
        explored = self._explore(transaction, _source(transaction, random))
        if explored and explored.statements:
            transaction.items = explored.items
            if style == "autocommit":
                transaction.items = [_concurrently(explored.items[0], random)]
            self._perform(transaction, explored, look_inside=random.random() < 0.6)

    def random_call(self, random):
        """Claims, claims anew or takes back."""
        world, chance = World(self.connection), random.random()
        if chance < 0.55:
            sql = documents.call(random.choice(STAKEHOLDERS), documents.document(world, random))
        elif chance < 0.75:
            sql = documents.short_call(world, random)
        elif chance < 0.93:
            sql = documents.unclaim(self.connection, random)
        else:
            sql = SYNC
        if sql:
            self.call(sql)

    def call(self, sql):
        """Calls a function of the extension; tells whether it succeeded. Compares."""
        self.steps.append(Call(sql))
        error = self.connection.attempt(sql)
        if error:
            self.steps.pop()
            if error.sqlstate.startswith("XX"):
                self.steps.append(Call(sql))
                raise Disagreement("error", str(error))
            return False
        self.counts.claims += 1
        self.after_off = self.after_off and sql != SYNC
        self._compare_stored()
        return True

    def replay(self, step, look_inside=True):
        """Does a step again; what fails with an ordinary error is left out."""
        if isinstance(step, Call):
            self.call(step.sql)
            return
        items = iter([[item] for item in step.items])
        explored = self._explore(step, lambda world: next(items, None))
        if explored and explored.statements:
            again = Transaction(**{**vars(step), "items": explored.items})
            if step.style == "autocommit":
                again.items = step.items[:1]
            self._perform(again, explored, look_inside)

    def _explore(self, transaction, source):
        self.connection.savepoints.clear()
        try:
            return explore(self.connection, transaction, source)
        except DatabaseError as error:
            self.steps.append(transaction)
            raise Disagreement("error", f"With enforcement = off:\n{error}") from None
        except (Disagreement, ConnectionLost):
            self.steps.append(transaction)
            raise

    def _perform(self, transaction, explored, look_inside):
        self.steps.append(transaction)
        before = self.before or (State(self.connection) if self.compares else None)
        accepted = perform(self.connection, transaction, explored, look_inside)
        self._count(explored, accepted)
        self.after_off = self.after_off or transaction.enforcement == "off"
        if accepted:
            self._compare_stored()
        elif self.compares:
            after = State(self.connection)
            if accepted is False and after.text != before.text:
                raise Disagreement("rollback", f"It was refused, but this has changed:\n{_changed(before, after)}")
            self.before = after

    def _count(self, explored, accepted):
        if not self.compares:
            return
        self.counts.errors += explored.errors
        if accepted is None:
            self.counts.errors += explored.statements
            return
        self.counts.transactions += 1
        if accepted:
            self.counts.accepted += explored.statements
        else:
            self.counts.refused += explored.statements
            self.counts.refused_transactions += 1

    def _compare_stored(self):
        """What is stored and granted is what sync() would store and grant, and what a survey of all claims finds."""
        self.before = None
        full = Full(self.connection)
        self.lacked |= full.accessless
        if not self.compares:
            return
        stored = self.before = State(self.connection)
        if stored.is_stale:
            return
        unmet, stored_unmet = set(full.claims), stored.unmet()
        # USAGE on a schema, granted for a claim that was touched, mends others; they are seen to when they are touched.
        if unmet - stored_unmet or stored_unmet - unmet - self.lacked:
            text = f"Claims stored as unmet: {sorted(stored_unmet)}, found unmet: {sorted(unmet)}"
            raise Disagreement("status", text)
        self.connection.run("BEGIN")
        try:
            self.connection.run(SYNC)
            synced = State(self.connection)
        except DatabaseError as error:
            raise Disagreement("error", str(error)) from None
        finally:
            self.connection.run("ROLLBACK")
        found = differences(stored, synced, self.after_off)
        if found:
            raise Disagreement("stored", "\n".join(["What is stored is not what sync() makes:", *found]))


def _source(transaction, random):
    """Gives the items of a random transaction, one list after the other."""
    left = 1 if transaction.style == "autocommit" else random.randint(1, 4)
    savepoints = []

    def items(world):
        nonlocal left
        if left <= 0:
            return None
        marker = _marker(savepoints, random) if transaction.style != "autocommit" else None
        if marker:
            return [marker]
        made = kinds.statements(world, random)
        if transaction.style == "autocommit":
            made = made[:1]
        if transaction.validation == "immediate":
            made = [item for item in made if UNDONE not in item]
        left -= len(made) or 1
        return made

    return items


def _marker(savepoints, random):
    chance = random.random()
    if chance < 0.08:
        savepoints.append(f"s{len(savepoints) + 1}")
        return f"SAVEPOINT {savepoints[-1]}"
    if savepoints and chance < 0.4:
        return f"{random.choice(('ROLLBACK TO', 'ROLLBACK TO', 'RELEASE'))} SAVEPOINT {random.choice(savepoints)}"
    return None


def _concurrently(item, random):
    """Now and then the form that commits on the way."""
    if random.random() < 0.3:
        for start in ("CREATE INDEX", "CREATE UNIQUE INDEX", "DROP INDEX"):
            if item.startswith(start) and "CASCADE" not in item:
                return item.replace(start, f"{start} CONCURRENTLY", 1)
        if item.startswith("ALTER TABLE") and " DETACH PARTITION " in item:
            return f"{item} CONCURRENTLY"
    return item


def _changed(before, after):
    return "\n".join(
        f"{key}: {before.all[key]}\n  now {after.all[key]}" for key in before.all if before.all[key] != after.all[key]
    )
