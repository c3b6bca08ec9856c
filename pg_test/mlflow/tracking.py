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

DATABASE = "integratedb_mlflow"
URL = f"postgresql+psycopg2://mlflow@/{DATABASE}?host={os.environ['PGHOST']}&port={os.environ['PGPORT']}"
# Where `mlflow db upgrade` has its revisions and its env.py from.
CONFIG = _get_alembic_config(URL)
REVISIONS = [script.revision for script in ScriptDirectory.from_config(CONFIG).walk_revisions()][::-1]


def connect(user):
    """A connection of `user` in autocommit mode."""
    session = psycopg2.connect(dbname=DATABASE, user=user)
    session.autocommit = True
    return session


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


def alembic(run, revision):
    """Runs `command.upgrade` or `command.downgrade` to the revision; raises Refused with what the server said."""
    try:
        run(CONFIG, revision)
    except DBAPIError as error:
        said = error.orig.diag
        details = (said.message_detail or "").splitlines()
        raised = f"{name(error)}: ({name(error.orig)})"
        raise Refused(raised, said.sqlstate, said.message_primary, details, said.message_hint) from None


def upgrade(revision):
    alembic(command.upgrade, revision)


def downgrade(revision):
    alembic(command.downgrade, revision)


def first_upgrade(revision):
    """What `mlflow db upgrade` does to an empty database, no further than the revision."""
    engine = create_engine(URL)
    InitialBase.metadata.create_all(engine)
    engine.dispose()
    upgrade(revision)


def mlflow_db_upgrade(**environment):
    """Runs the command itself."""
    arguments = [Path(sys.executable).parent / "mlflow", "db", "upgrade", URL]
    return subprocess.run(arguments, capture_output=True, text=True, check=False, env={**os.environ, **environment})


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
