"""What the tests do to mlflow's database: ask the superuser, migrate, look at every trace, read as a role."""

import os
import subprocess
import sys
from dataclasses import dataclass
from pathlib import Path

import psycopg2
from alembic import command
from alembic.script import ScriptDirectory
from mlflow.store.db.utils import _get_alembic_config
from mlflow.store.tracking.dbmodels.initial_models import Base as InitialBase
from sqlalchemy import create_engine
from sqlalchemy.exc import DBAPIError

from foresight import Session
from previewed import Previews

DATABASE = "integratedb_mlflow"


def url(database):
    return f"postgresql+psycopg2://mlflow@/{database}?host={os.environ['PGHOST']}&port={os.environ['PGPORT']}"


URL = url(DATABASE)
# Where `mlflow db upgrade` has its revisions and its env.py from.
CONFIG = _get_alembic_config(URL)
REVISIONS = [script.revision for script in ScriptDirectory.from_config(CONFIG).walk_revisions()][::-1]


def connect(user):
    """A connection of `user` in autocommit mode."""
    session = psycopg2.connect(dbname=DATABASE, user=user)
    session.autocommit = True
    return session


SUPERUSER, OWNER = (Session(connect, user) for user in (os.environ["PGUSER"], "mlflow"))
PREVIEWS = Previews("mlflow", DATABASE, url, [OWNER, SUPERUSER])
EACH, AT_ONCE, BACK = "mlflow: revision by revision", "mlflow: all that is missing, at once", "mlflow: back again"


def ask(session, sql, *values, **named):
    """The rows of a query."""
    with session.cursor() as cursor:
        cursor.execute(sql, named or values)
        return cursor.fetchall() if cursor.description else []


@dataclass
class Refused(Exception):
    """A migration that the server refused, and the classes of what SQLAlchemy and psycopg2 raised."""

    raised: str
    sqlstate: str
    message: str
    details: list
    hint: str


def name(error):
    return f"{type(error).__module__}.{type(error).__qualname__}"


def alembic(chapter, run, revisions, start, end):
    """Previews and runs `command.upgrade` or `command.downgrade`; raises Refused with what the server said."""
    with PREVIEWS.foreseen(chapter, run, revisions, start, end) as (look, sent):
        try:
            run(CONFIG, end)
        except DBAPIError as error:
            said = error.orig.diag
            details = (said.message_detail or "").splitlines()
            raised = f"{name(error)}: ({name(error.orig)})"
            look.happened(details, sent)
            raise Refused(raised, said.sqlstate, said.message_primary, details, said.message_hint) from None
        look.happened(sent=sent)


def upgrade(revision):
    start = recorded(OWNER)
    alembic(EACH, command.upgrade, missing(start, revision), start, revision)


def downgrade(revision):
    start = recorded(OWNER)
    if revision == "-1":
        revision = REVISIONS[REVISIONS.index(start) - 1]
    alembic(BACK, command.downgrade, missing(revision, start), start, revision)


def missing(start, end):
    """The revisions between the two, with the last."""
    return REVISIONS[REVISIONS.index(start) + 1 if start in REVISIONS else 0 : REVISIONS.index(end) + 1]


def first_upgrade(revision):
    """What `mlflow db upgrade` does to an empty database, no further than the revision."""
    engine = create_engine(URL)
    InitialBase.metadata.create_all(engine)
    engine.dispose()
    alembic(EACH, command.upgrade, missing(None, revision), "base", revision)


def mlflow_db_upgrade(**environment):
    """Runs the command itself. It is previewed, unless the environment makes it stop at the first break."""

    def run():
        arguments = [Path(sys.executable).parent / "mlflow", "db", "upgrade", URL]
        return subprocess.run(arguments, capture_output=True, text=True, check=False, env={**os.environ, **environment})

    if environment:
        return run()
    start, end = recorded(OWNER), REVISIONS[-1]
    with PREVIEWS.foreseen(AT_ONCE, command.upgrade, missing(start, end), start, end) as (look, _):
        ran = run()
        look.happened(details_of(ran.stderr))
    return ran


def details_of(stderr):
    """The lines of the detail of an error that ends the traceback, if there is one."""
    return stderr.partition("\nDETAIL:  ")[2].partition("\nHINT:  ")[0].splitlines()


# Relations with their owner and access, columns with their type, default and access, constraints, indexes, triggers and
# functions: what `\d` shows, without OIDs. A migration that was rolled back leaves this as it was.
TRACE = """
SELECT c.oid::regclass::text, c.relkind::text, c.relowner::regrole::text, c.relacl::text, c.relrowsecurity::text
  FROM pg_class c WHERE c.relnamespace = 'public'::regnamespace
UNION ALL
SELECT c.oid::regclass::text, a.attname, format_type(a.atttypid, a.atttypmod), a.attacl::text,
       concat(a.attnotnull, pg_get_expr(d.adbin, d.adrelid))
  FROM pg_class c JOIN pg_attribute a ON a.attrelid = c.oid AND a.attnum > 0 AND NOT a.attisdropped
       LEFT JOIN pg_attrdef d ON d.adrelid = c.oid AND d.adnum = a.attnum
 WHERE c.relnamespace = 'public'::regnamespace
UNION ALL
SELECT conrelid::regclass::text, conname, pg_get_constraintdef(oid), NULL, NULL
  FROM pg_constraint WHERE connamespace = 'public'::regnamespace
UNION ALL
SELECT i.indrelid::regclass::text, c.relname, pg_get_indexdef(c.oid), NULL, NULL
  FROM pg_index i JOIN pg_class c ON c.oid = i.indexrelid WHERE c.relnamespace = 'public'::regnamespace
UNION ALL
SELECT t.tgrelid::regclass::text, t.tgname, pg_get_triggerdef(t.oid), NULL, NULL
  FROM pg_trigger t JOIN pg_class c ON c.oid = t.tgrelid
 WHERE c.relnamespace = 'public'::regnamespace AND NOT t.tgisinternal
UNION ALL
SELECT oid::regprocedure::text, prosrc, proacl::text, NULL, NULL
  FROM pg_proc WHERE pronamespace = 'public'::regnamespace
ORDER BY 1, 2, 3"""


def trace(session):
    """All that a migration could have changed in `public`, and the revision that Alembic has recorded."""
    return ask(session, TRACE), recorded(session)


def recorded(session):
    """The revision that the database is at."""
    [[revision]] = ask(session, "SELECT version_num FROM alembic_version")
    return revision


def columns(session):
    """Every column of every table and view of `public`, as (relation, column)."""
    return set(ask(session, """
        SELECT c.relname, a.attname FROM pg_class c JOIN pg_attribute a ON a.attrelid = c.oid
         WHERE c.relnamespace = 'public'::regnamespace AND c.relkind IN ('r', 'p', 'v', 'm', 'f')
           AND a.attnum > 0 AND NOT a.attisdropped"""))


def keys(session, tables):
    """The keys, foreign keys and indexes of these tables, as they are defined."""
    return ask(
        session,
        """SELECT conrelid::regclass::text AS relation, conname, pg_get_constraintdef(oid)
             FROM pg_constraint WHERE contype <> 'c' AND conrelid::regclass::text = ANY (%(tables)s)
           UNION ALL
           SELECT indrelid::regclass::text, indexrelid::regclass::text, pg_get_indexdef(indexrelid)
             FROM pg_index WHERE indrelid::regclass::text = ANY (%(tables)s)
            ORDER BY 1, 2, 3""",
        tables=sorted(tables),
    )


def readable(role):
    """The columns of `public` that `role` reads when it tries, one by one."""
    session = connect(role)
    found = set()
    for relation, column in columns(session):
        try:
            ask(session, f'SELECT "{column}" FROM public."{relation}"')
            found.add((relation, column))
        except psycopg2.errors.InsufficientPrivilege:
            pass
    session.close()
    return found
