"""Previews of migrations, each asked for before it is run, and held against what a rehearsal finds and what then
really happens."""

import json
import os
import re
from contextlib import contextmanager
from dataclasses import dataclass, field

import psycopg2

# Of these neither a preview nor a rehearsal has anything to say.
CONTROL = {"BEGIN", "COMMIT", "SAVEPOINT", "RELEASE"}
# What makes its commands while it runs. A SELECT is one of these when a function in it may do anything.
DYNAMIC = {"DO", "CALL", "EXECUTE", "SELECT"}
REFUSED = "the server would refuse this"


class Session:
    """A session that is opened at its first use, and again at the next when it was closed in between."""

    def __init__(self, connect, user):
        self.connect, self.user, self.session = connect, user, None

    def cursor(self):
        if self.session is None:
            self.session = self.connect(self.user)
        return self.session.cursor()

    def close(self):
        if self.session is not None:
            self.session.close()
        self.session = None


@contextmanager
def copy_of(database, owner):
    """The name of a copy of the database, in which no claim stops the owner. Nobody else may be connected to it."""
    copy = f"{database}_copy"
    server = psycopg2.connect(dbname="postgres", user=os.environ["PGUSER"])
    server.autocommit = True
    with server.cursor() as cursor:
        cursor.execute(f"CREATE DATABASE {copy} TEMPLATE {database} OWNER {owner}")
        try:
            cursor.execute(f"ALTER ROLE {owner} IN DATABASE {copy} SET integratedb.enforcement = 'off'")
            yield copy
        finally:
            cursor.execute(f"DROP DATABASE {copy} WITH (FORCE)")
    server.close()


def same(statements):
    """The statements in order, without what differs from one run to the next: times, numbers, white space."""
    bare = [" ".join(re.sub(r"'[^']*'|\d+", "0", statement).strip().rstrip(";").split()) for statement in statements]
    return sorted(statement for statement in bare if statement)


def reads(statement):
    """Whether the application itself looks at the catalogs with this."""
    return statement.lstrip().lower().startswith(("select", "show"))


@dataclass
class Figures:
    """What previews have said of how many statements. What only reads or controls transactions is not counted."""

    migrations: set = field(default_factory=set)
    previews: int = 0
    statements: int = 0
    safe: int = 0
    breaks: int = 0
    # Of these the dynamic ones apart, and what the server does refuse.
    unknown: int = 0
    dynamic: int = 0
    refused: int = 0
    wrong_safe: int = 0
    wrong_breaks: int = 0

    def row(self, title):
        """As a row of a table in Markdown."""
        numbers = [len(self.migrations), self.previews, self.statements, self.safe, self.breaks, self.unknown]
        numbers += [self.dynamic, self.refused, self.wrong_safe, self.wrong_breaks]
        return f"| {title} | {' | '.join(map(str, numbers))} |"


class Foresight:
    """All previews of one application, by chapters."""

    def __init__(self, session):
        """`session` is one of the role that migrates."""
        self.session = session
        self.figures = {}
        # A line for each thing that was not as foreseen.
        self.wrong = []
        # Why the other unknown ones are unknown.
        self.reasons = []

    def look(self, chapter, migrations, statements, script=None, single_transaction=True):
        """Previews migrations that are run at once. Without a script the statements are all that was sent elsewhere,
        with what it reads; in a script the application has written none of that."""
        figures = self.figures.setdefault(chapter, Figures())
        return Look(self, figures, migrations, statements, script, single_transaction)

    def ask(self, function, script, *arguments):
        """The rows that a function gives for a script, as dictionaries."""
        placeholders = ", ".join(["%s"] * (1 + len(arguments)))
        with self.session.cursor() as cursor:
            cursor.execute(f"SELECT integratedb.{function}({placeholders})::text", (script, *arguments))
            return json.loads(cursor.fetchone()[0])

    def unknown_share(self):
        """Per cent of the statements that are not dynamic and that the server does run."""
        all_of = self.figures.values()
        told = sum(figures.statements - figures.dynamic - figures.refused for figures in all_of)
        return 100 * sum(figures.unknown for figures in all_of) / told

    def conclude(self, test, account):
        """Asserts that all was as foreseen, and that the account shows these figures."""
        test.assertEqual(self.wrong, [])
        test.assertLess(self.unknown_share(), 2, self.reasons)
        for chapter, figures in self.figures.items():
            test.assertIn(figures.row(chapter), account)

    def __str__(self):
        """A row for each chapter, and a line for all of them."""
        all_of = self.figures.values()
        previews, statements = (sum(getattr(each, name) for each in all_of) for name in ("previews", "statements"))
        unknown = f"{self.unknown_share():.1f}% unknown"
        total = f"{previews} previews of {statements} statements, {unknown}, {len(self.wrong)} not as foreseen"
        return "\n".join([*(figures.row(chapter) for chapter, figures in self.figures.items()), total])


class Look:
    """One preview."""

    def __init__(self, foresight, figures, migrations, statements, script, single_transaction):
        self.foresight, self.figures, self.migrations = foresight, figures, migrations
        self.statements, self.with_reads, self.single_transaction = statements, script is None, single_transaction
        self.wrong_safe, self.wrong_breaks = set(), set()
        if script is None:
            script = "".join(f"{statement.strip().rstrip(';')};\n" for statement in statements)
        self.rows = foresight.ask("preview_migration_json", script, single_transaction)
        self.rehearsed = foresight.ask("rehearse_migration_json", script) if single_transaction and self.rows else []

    def happened(self, details=None, sent=None, failed=None):
        """Holds the preview against what has happened: the lines of the error's detail, if the migration was refused;
        what was sent until then, if that is known; the SQLSTATE, if it has failed otherwise."""
        if sent is not None:
            sent = [statement for statement in sent if self.with_reads or not reads(statement)]
            until_then = (details or failed) and not self.single_transaction
            foreseen = self.statements[: len(sent)] if until_then else self.statements
            if same(sent) != same(foreseen):
                self.wrong(f"sent {same(sent)}, previewed {same(foreseen)}")
        if failed:
            self.compare_with_failure(failed)
        elif self.single_transaction:
            self.compare_with_rehearsal()
            self.compare_with_commit(details or [])
        else:
            self.compare_one_by_one(details or [], len(sent))
        self.count()

    def compare_with_rehearsal(self):
        """Statement by statement, of those that it has run."""
        for row, found in zip(self.rows, self.rehearsed):
            if row["number"] != found["number"] or row["statement"] != found["statement"]:
                self.wrong(f"rehearsed {found}, previewed {row}")
            if found["verdict"] == "fails":
                self.wrong(f"the rehearsal fails: {found['detail']}", row)
            if found["verdict"] in ("safe", "breaks"):
                self.hold(row, lines(found))
                if row["verdict"] != "unknown" and row["rewrites"] != found["rewrites"]:
                    self.wrong(f"rewrites {found['rewrites']}, foreseen {row['rewrites']}", row)
        for found in self.rehearsed[len(self.rows) :]:
            if found["verdict"] != "safe":
                self.wrong(f"at the end of the rehearsal: {found}")

    def compare_with_commit(self, details):
        """All of it in one transaction: what it is refused for, and after which statements."""
        refused = dict(line.rsplit(" after ", 1) for line in details)
        foreseen = set()
        for row, found in zip(self.rows, self.rehearsed):
            # Of what is unknown nothing was told.
            foreseen |= set(lines(found if row["verdict"] == "unknown" else row))
            not_refused = [line for line in lines(row) if not refused.get(line, "").startswith(row["statement"])]
            if not_refused:
                self.wrong_breaks.add(row["number"])
                self.wrong(f"not refused for {not_refused}, but for {refused}", row)
        if not foreseen.issuperset(refused):
            if not self.wrong_safe:
                # One of the statements.
                self.wrong_safe.add(None)
            self.wrong(f"refused for {refused}, foreseen {foreseen}")

    def compare_one_by_one(self, details, sent):
        """Each statement in a transaction of its own, as far as these were sent; the last was refused, if one was."""
        for row in self.rows[:sent]:
            refused = details if row["number"] == sent else []
            self.hold(row, [line.rsplit(" after ", 1)[0] for line in refused])

    def hold(self, row, found):
        """Compares what the statement would break with what it breaks."""
        if row["verdict"] == "unknown" or sorted(lines(row)) == sorted(found):
            return
        (self.wrong_safe if row["verdict"] == "safe" else self.wrong_breaks).add(row["number"])
        self.wrong(f"it breaks {sorted(found)}, foreseen {sorted(lines(row))}", row)

    def compare_with_failure(self, failed):
        """The server refuses a statement, whatever is claimed."""
        if not any(row["verdict"] == "unknown" and row["detail"].startswith(REFUSED) for row in self.rows):
            self.wrong(f"failed with {failed}")

    def wrong(self, what, row=None):
        """Notes what is not as foreseen."""
        at = f" {row['number']}: {row['statement']} {row['object']}, {row['verdict']} ({row['detail']})" if row else ""
        self.foresight.wrong.append(f"{self.name()}{at}: {what}")

    def name(self):
        """The first and the last of the migrations."""
        return " to ".join(self.migrations[:: len(self.migrations) - 1 or 1])

    def count(self):
        self.figures.migrations.update(self.migrations)
        self.figures.previews += 1
        for row in self.rows:
            verdict, detail = row["verdict"], row["detail"] or ""
            if row["statement"] in CONTROL or (row["statement"] == "SELECT" and verdict == "safe"):
                continue
            self.figures.statements += 1
            if verdict == "unknown" and row["statement"] in DYNAMIC:
                verdict = "dynamic"
            elif verdict == "unknown" and detail.startswith(REFUSED):
                verdict = "refused"
            elif verdict == "unknown":
                self.foresight.reasons.append(f"{self.name()}: {row['statement']} {row['object']}: {detail}")
            setattr(self.figures, verdict, getattr(self.figures, verdict) + 1)
        self.figures.wrong_safe += len(self.wrong_safe)
        self.figures.wrong_breaks += len(self.wrong_breaks)


def lines(row):
    """What a statement breaks, as lines of an error's detail."""
    return [
        f"{each['stakeholder']}: {each['path']}{' column ' + each['column'] if each['column'] else ''}: "
        f"expected {each['expected']}, found {each['actual']} ({each['rule']})"
        for each in row["violations"]
        if row["verdict"] == "breaks"
    ]

