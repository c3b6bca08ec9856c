"""What the tests do to the shop's database: ask the superuser, migrate, look at every trace, read as a role."""

import os
from contextlib import contextmanager
from dataclasses import dataclass

import django
import psycopg2
from django.core.management import call_command
from django.db import Error, connection

os.environ.setdefault("DJANGO_SETTINGS_MODULE", "settings")
django.setup()


def connect(user):
    """A connection of `user` in autocommit mode."""
    session = psycopg2.connect(dbname="integratedb_real", user=user)
    session.autocommit = True
    return session


def ask(session, sql, *values):
    """The rows of a query."""
    with session.cursor() as cursor:
        cursor.execute(sql, values)
        return cursor.fetchall() if cursor.description else []


@contextmanager
def acting_as(role):
    """Django is connected as the role."""
    owner = connection.settings_dict["USER"]
    connection.close()
    connection.settings_dict["USER"] = role
    try:
        yield
    finally:
        connection.close()
        connection.settings_dict["USER"] = owner


@dataclass
class Refused(Exception):
    """A migration that the server refused."""

    sqlstate: str
    message: str
    details: list
    hint: str


def migrate(*target):
    """Runs Django's `migrate`; raises Refused with what the server said."""
    try:
        call_command("migrate", *target, verbosity=0)
    except Error as error:
        said = error.__cause__.diag
        details = (said.message_detail or "").splitlines()
        raise Refused(said.sqlstate, said.message_primary, details, said.message_hint) from None


def applied():
    """The migrations that Django recorded, in order."""
    return [f"{app}.{name}" for app, name in ask(connection, "SELECT app, name FROM django_migrations ORDER BY id")]


# Relations with their owner and access, columns with their type, default and access, indexes, constraints: what
# `\d` shows, without OIDs. A migration that was rolled back leaves this as it was.
TRACE = """
SELECT c.oid::regclass::text, c.relkind::text, c.relowner::regrole::text, c.relacl::text, c.relrowsecurity::text
  FROM pg_class c WHERE c.relnamespace = 'public'::regnamespace
UNION ALL
SELECT c.oid::regclass::text, a.attname, format_type(a.atttypid, a.atttypmod), a.attacl::text,
       concat(a.attnotnull, a.attidentity, pg_get_expr(d.adbin, d.adrelid))
  FROM pg_class c JOIN pg_attribute a ON a.attrelid = c.oid AND a.attnum > 0 AND NOT a.attisdropped
       LEFT JOIN pg_attrdef d ON d.adrelid = c.oid AND d.adnum = a.attnum
 WHERE c.relnamespace = 'public'::regnamespace
UNION ALL
SELECT indrelid::regclass::text, indexrelid::regclass::text, pg_get_indexdef(indexrelid), indisvalid::text, NULL
  FROM pg_index JOIN pg_class ON oid = indexrelid WHERE relnamespace = 'public'::regnamespace
UNION ALL
SELECT conrelid::regclass::text, conname, pg_get_constraintdef(oid), NULL, NULL
  FROM pg_constraint WHERE connamespace = 'public'::regnamespace
ORDER BY 1, 2, 3"""


def trace():
    """All that a migration could have changed in `public`, and what Django has recorded."""
    return ask(connection, TRACE), applied()


def columns():
    """Every column of every table and view of `public`, as (relation, column)."""
    return set(ask(connection, """
        SELECT c.relname, a.attname FROM pg_class c JOIN pg_attribute a ON a.attrelid = c.oid
         WHERE c.relnamespace = 'public'::regnamespace AND c.relkind IN ('r', 'p', 'v', 'm', 'f')
           AND a.attnum > 0 AND NOT a.attisdropped"""))


def readable(role):
    """The columns of `public` that `role` reads when it tries, one by one."""
    session = connect(role)
    found = set()
    for relation, column in columns():
        try:
            ask(session, f'SELECT "{column}" FROM public."{relation}"')
            found.add((relation, column))
        except psycopg2.errors.InsufficientPrivilege:
            pass
    session.close()
    return found
