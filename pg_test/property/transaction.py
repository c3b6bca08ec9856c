"""One transaction, twice: where the extension does nothing, to find what it does to the claims; then in earnest."""

from dataclasses import dataclass, field

from libpq import DatabaseError
from verdict import Disagreement, Full, Incremental, breaks_as_said, compare_inside, compare_without_extension
from world import SUPERUSER, World

MARKERS = ("SAVEPOINT ", "ROLLBACK TO ", "RELEASE ")
UNDONE = "RAISE EXCEPTION 'undone'"
TRIGGERS = ("integratedb_ddl_command_start", "integratedb_sql_drop", "integratedb_ddl_command_end")


@dataclass
class Transaction:
    """What is issued, by whom and how: `style` is block, autocommit or prepare. `claim` comes first, if there is
    one."""

    role: str = SUPERUSER
    style: str = "block"
    enforcement: str = "enforce"
    validation: str = "deferred"
    claim: str = ""
    items: list = field(default_factory=list)

    def settings(self, local):
        """The statements that set role and settings; `local` to a transaction."""
        word = "SET LOCAL" if local else "SET"
        made = [f"{word} integratedb.validation = {self.validation}"] * (self.validation != "deferred")
        made += [f"{word} integratedb.enforcement = {self.enforcement}"] * (self.enforcement != "enforce")
        return made + [f"{word} ROLE {self.role}"] * (self.role != SUPERUSER)

    def script(self):
        """As psql would be given it."""
        if self.style == "autocommit":
            return [*self.settings(local=False), *self.items, "RESET ALL", "RESET ROLE"]
        end = (
            ["PREPARE TRANSACTION 'property'", "COMMIT PREPARED 'property'"] if self.style == "prepare" else ["COMMIT"]
        )
        return ["BEGIN", *[self.claim] * bool(self.claim), *self.settings(local=True), *self.items, *end]


@dataclass
class Explored:
    """What came of a transaction where the extension did nothing."""

    items: list = field(default_factory=list)
    newly: object = None
    before: object = None
    # After each DDL statement; for immediate validation only.
    steps: list = field(default_factory=list)
    statements: int = 0
    errors: int = 0


def is_ddl(item):
    """Whether it is one of the statements that count."""
    return not item.startswith(MARKERS)


def explore(connection, transaction, source):
    """Runs the items that `source(World)` gives, one list after the other until it gives None, with enforcement off,
    and rolls back. Those that fail with an ordinary error are left out of what is returned."""
    done = Explored()
    connection.run("BEGIN")
    if transaction.claim and connection.attempt(transaction.claim):
        connection.run("ROLLBACK")
        return None
    if connection.run("SELECT FROM integratedb.cache_stamp WHERE is_stale"):
        # DDL has passed with enforcement off. In earnest the next one begins with a new baseline, so here too.
        connection.run("CREATE TABLE public.property_baseline ()")
        connection.run("DROP TABLE public.property_baseline")
    before = done.before = Full(connection)
    connection.run("SET LOCAL integratedb.enforcement = off")
    as_role = transaction.role != SUPERUSER
    while True:
        # The role is set for each item anew: it reads the catalogs as it would, and the survey is the superuser's.
        items = source(World(connection, transaction.role))
        if items is None:
            break
        for item in items:
            if as_role:
                connection.run(f"SET LOCAL ROLE {transaction.role}")
            worked = _try(connection, item)
            if as_role:
                connection.run("SET LOCAL ROLE NONE")
            if not worked:
                done.errors += is_ddl(item)
                continue
            done.items.append(item)
            done.statements += is_ddl(item)
            if transaction.validation == "immediate" and is_ddl(item):
                done.steps.append((item, Full(connection).since(before)))
    after = Full(connection)
    done.newly = after.since(before)
    fails = connection.attempt("SELECT integratedb.validate_migration()") is not None
    connection.run("ROLLBACK")
    if fails != bool(after.claims):
        raise Disagreement(
            "validate", f"validate_migration() {'fails' if fails else 'passes'}, unmet_claims(): {after.claims}"
        )
    return done


def _try(connection, item):
    """Whether it works; if not, as if it had not been issued."""
    if not is_ddl(item):
        # A savepoint of ours would be in the way of theirs: they fail only when theirs is not there.
        name = item.split()[-1]
        if not item.startswith("SAVEPOINT ") and name not in connection.savepoints:
            return False
        connection.run(item)
        if item.startswith("SAVEPOINT "):
            connection.savepoints.append(name)
        elif item.startswith("RELEASE "):
            del connection.savepoints[connection.savepoints.index(name) :]
        else:
            del connection.savepoints[connection.savepoints.index(name) + 1 :]
        return True
    connection.run("SAVEPOINT property_try")
    worked = not connection.attempt(item.replace(" CONCURRENTLY", "")) and _is_installed(connection, item)
    if not worked:
        connection.run("ROLLBACK TO property_try")
    connection.run("RELEASE property_try")
    return worked


def _is_installed(connection, item):
    """Whether the extension is still there. A relation that is a member of plpgsql takes that along with CASCADE, and with it
    the extension, which has a procedure in it."""
    return "CASCADE" not in item or connection.run("SELECT to_regclass('integratedb.claim')")[0][0] is not None


def perform(connection, transaction, explored, look_inside):
    """Issues it in earnest, and compares what the extension says with what was explored; with `look_inside`, also with
    the claims just before COMMIT, which is done anyway where only that can tell. Returns whether it was accepted, or
    None when an ordinary error stopped it."""
    incremental, inside = Incremental(), None
    look_inside = look_inside or bool(explored.newly.accessless)
    try:
        if transaction.style == "autocommit":
            if look_inside and " CONCURRENTLY" not in transaction.items[0]:
                inside = _rehearse(connection, transaction, explored.before)
            for setting in transaction.settings(local=False):
                connection.run(setting)
            connection.run(transaction.items[0])
            incremental = _warned(connection, incremental)
        else:
            connection.run("BEGIN")
            if transaction.claim:
                connection.run(transaction.claim)
            # A claim that is made here has another number than the one that was made to explore.
            before = Full(connection) if transaction.claim else explored.before
            for statement in [*transaction.settings(local=True), *transaction.items]:
                connection.run(statement)
            if look_inside:
                inside = _inside(connection, transaction, before)
            connection.run("PREPARE TRANSACTION 'property'" if transaction.style == "prepare" else "COMMIT")
            incremental = _warned(connection, incremental)
            if transaction.style == "prepare":
                connection.run("COMMIT PREPARED 'property'")
    except DatabaseError as error:
        incremental = Incremental.of(error.report)
        accepted = False
        if incremental is None:
            is_ordinary = error.report.sqlstate[:2] not in ("XX", "58") and _is_ordinary(transaction, error)
            if not is_ordinary and not _fails_by_itself(connection, transaction, error):
                raise Disagreement("error", f"Only with the extension:\n{error}") from None
            return None
    else:
        accepted = True
    finally:
        connection.attempt("ROLLBACK")
        connection.run("RESET ROLE")
        connection.run("RESET integratedb.enforcement")
        connection.run("RESET integratedb.validation")
    if transaction.enforcement == "off":
        return accepted
    if transaction.validation == "immediate" and not accepted:
        _compare_immediate(incremental, explored.steps, transaction.role)
        return False
    compare_without_extension(incremental, explored.newly, transaction.role)
    if inside is not None:
        compare_inside(incremental, inside, explored.newly, transaction.role)
    if (
        transaction.validation == "immediate"
        and any(newly.sure() for _, newly in explored.steps)
        and transaction.enforcement == "enforce"
    ):
        raise Disagreement(
            "verdict",
            "With validation = immediate it passes, though a statement breaks claims:\n"
            + "\n".join(f"{item}\n{newly}" for item, newly in explored.steps),
        )
    return accepted


def _is_ordinary(transaction, error):
    """What fails in earnest only: commands that cannot run in a block, PREPARE after work on temporary objects or on
    a server that has no room for it (max_prepared_transactions)."""
    return any(" CONCURRENTLY" in item for item in transaction.items) or (
        transaction.style == "prepare" and error.report.sqlstate in ("0A000", "55000")
    )


def _fails_by_itself(connection, transaction, error):
    """Whether the server says the same without the extension where nobody looks in between, as is done to explore. (In
    PostgreSQL 15 ALTER DOMAIN ... DROP CONSTRAINT and then DDL in a subtransaction is XX000.)"""
    connection.attempt("ROLLBACK")
    connection.run("BEGIN")
    try:
        for trigger in TRIGGERS:
            connection.run(f"ALTER EVENT TRIGGER {trigger} DISABLE")
        for statement in [*transaction.settings(local=True), *transaction.items]:
            connection.run(statement)
    except DatabaseError as again:
        return (again.report.sqlstate, again.report.message) == (error.report.sqlstate, error.report.message)
    else:
        return False
    finally:
        connection.run("ROLLBACK")


def _warned(connection, otherwise):
    """What a WARNING said instead of an ERROR, under enforcement = warn."""
    for warning in connection.warnings:
        found = Incremental.of(warning)
        if found:
            return found
    return otherwise


def _rehearse(connection, transaction, before):
    """What an autocommit statement would leave unmet, found in a transaction that is rolled back."""
    connection.run("BEGIN")
    try:
        for statement in [*transaction.settings(local=True), *transaction.items]:
            connection.run(statement)
        return _inside(connection, transaction, before)
    except DatabaseError as error:
        if Incremental.of(error.report):
            return None  # With validation = immediate it fails here as it will fail there.
        raise
    finally:
        connection.run("ROLLBACK")


def _inside(connection, transaction, before):
    if transaction.role != SUPERUSER:
        connection.run("SET LOCAL ROLE NONE")
    newly = Full(connection).since(before)
    if transaction.role != SUPERUSER:
        connection.run(f"SET LOCAL ROLE {transaction.role}")
    return newly


def _compare_immediate(incremental, steps, role):
    """The first statement after which something is unmet is the one that fails."""
    for _, newly in steps:
        if newly.sure() or breaks_as_said(incremental, newly, role):
            return compare_without_extension(incremental, newly, role)
    raise Disagreement("verdict", f"With validation = immediate: {incremental}\nNo statement breaks anything.")
