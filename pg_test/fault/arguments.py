"""Random values for every argument of every function, as each kind of caller: an answer or a clear error, and no change by
those who may change nothing."""

import json
import re
from collections import Counter

import agreement
import mutate
import scene
from malformed import BATCH, DOCUMENT, SCRIPT
from server import Failure
from state import State
from world import OWNER, literal

ADMINISTRATOR, NOBODY = "property_admin", "property_nobody"
# Whom a call comes from: who may do all, some and nothing.
CALLERS = ("", ADMINISTRATOR, OWNER, scene.READER, NOBODY)
_ROLES = f"""
DO $$ BEGIN CREATE ROLE {ADMINISTRATOR}; EXCEPTION WHEN duplicate_object THEN NULL; END $$;
DO $$ BEGIN CREATE ROLE {NOBODY}; EXCEPTION WHEN duplicate_object THEN NULL; END $$;
SELECT integratedb.grant_admin('{ADMINISTRATOR}');
"""

_TEXTS = (
    "", " ", "*", ".", "..", '"', "'", "\\", "%s%n%d", "{0}", "\n", "a\nb", "\t", "\u00e4" * 40, "\U0001f600" * 20, "\u202e", "\ufffe",
    "x" * 70, "y" * 70000, "shop.orders", "shop.*", '"shop"."orders"', "shop.orders.id", "a.b.c", "shop.nosuch", "nosuch.orders",
    "pg_catalog.pg_class", "integratedb.claim", "pg_temp.x", "$user", "public", "PUBLIC", "none", "postgres", "pg_read_all_data",
    "shop.price(bigint)", "shop.price(", "id", "email", "ctid", "xmin", "column-exists", "2999-12-31", "'; DROP TABLE shop.orders; --",
    "$1", "${x}", "numeric(1000,1000)", "text[]", "int[][][]", "(" * 3000, "[" * 3000, *scene.STAKEHOLDERS, OWNER, ADMINISTRATOR, NOBODY,
)  # fmt: skip
_JSON = (
    "null", "{}", "[]", '""', "1e308", '{"match": null}', '{"match": []}', '{"match": [[]]}', '{"match": {}}', '{"statement_timeout": "1s"}',
    '{"statement_timeout": "x"}', '{"connection_limit": -5}', '{"connection_limit": 1e400}', '{"search_path": "a,b"}', '{"owner": "\\n"}',
    '{"": ""}', '{"stakeholders": [{"name": "x"}]}', '{"name": "\\ud83d\\ude00"}',
)  # fmt: skip
# Values of other types, as text.
_OTHERS = {
    "boolean": ("true", "false"),
    "integer": ("0", "-1", "1", "2147483647"),
    "bigint": ("0", "-1", "1", "9223372036854775807"),
    "date": ("infinity", "-infinity", "0001-01-01 BC", "5874897-12-31", "tomorrow", "2999-12-31"),
    "timestamp with time zone": ("infinity", "-infinity", "now", "tomorrow", "4713-01-01 BC", "294276-12-31"),
    "interval": ("0", "-1 day", "1 microsecond", "178000000 years", "1 day", "10 seconds", "-178000000 years"),
}
_FUNCTIONS = """
    SELECT p.proname, p.prokind, ARRAY(SELECT format_type(t, NULL) FROM unnest(p.proargtypes) WITH ORDINALITY AS x (t, n) ORDER BY n)::text
    FROM pg_proc p WHERE p.pronamespace = 'integratedb'::regnamespace
      AND p.prorettype NOT IN ('trigger'::regtype, 'event_trigger'::regtype) ORDER BY p.oid::regprocedure::text
"""
# A message is one line that can be read.
LONGEST = 1000
_IS_TEXT = ("text", "text[]", "json", "jsonb")


def run(server, random, calls):
    """So many calls of each function that takes a text; a summary."""
    scene.build(server)
    connection = server.connect(scene.DATABASE)
    connection.run(_ROLES)
    # A call that waits for others has nobody to wait for.
    connection.run("SET lock_timeout = '5s'")
    functions = [
        (name, kind, re.findall(r'"([^"]*)"|([^{},]+)', arguments)) for name, kind, arguments in connection.run(_FUNCTIONS)
    ]
    functions = [(name, kind, [quoted or plain for quoted, plain in arguments]) for name, kind, arguments in functions]
    functions = [function for function in functions if any(type_name in _IS_TEXT for type_name in function[2])]
    unmet, before = agreement.lines_of(connection), State(connection)
    counts, by_caller = Counter(), Counter()
    for function in functions:
        for first in range(0, calls, BATCH):
            connection.run("BEGIN")
            for number in range(first, min(first + BATCH, calls)):
                caller = CALLERS[number % len(CALLERS)]
                connection.run("SAVEPOINT argument")
                if caller:
                    connection.run(f"SET LOCAL SESSION AUTHORIZATION {caller}")
                state = _send(connection, _call(function, random), caller)
                counts[state] += 1
                by_caller[caller, state == "00000"] += 1
                connection.run("ROLLBACK TO argument")
            connection.run("ROLLBACK")
    _by_nobody(connection, functions, random)
    after = State(connection)
    if after.text != before.text:
        raise Failure("Everything was rolled back or refused, but something has changed")
    if len(counts) < 8 or any(not by_caller[caller, True] for caller in CALLERS):
        raise Failure(f"the calls are not as mixed as they were meant to be: {counts}, {by_caller}")
    agreement.check(connection, unmet)
    connection.close()
    return f"{calls} calls of each of {len(functions)} functions as {len(CALLERS)} roles: {counts['00000']} answers, {len(counts) - 1} SQLSTATEs"


def _by_nobody(connection, functions, random):
    """The same as a role with no right to anything, and committed."""
    connection.run(f"SET SESSION AUTHORIZATION {NOBODY}")
    for function in functions:
        for _ in range(5):
            _send(connection, _call(function, random), NOBODY)
    connection.run("RESET SESSION AUTHORIZATION")


def _call(function, random):
    name, kind, arguments = function
    values = b", ".join(_value(type_name, random) + b"::" + type_name.encode() for type_name in arguments)
    verb = b"CALL integratedb." if kind == "p" else b"SELECT FROM integratedb."
    return verb + name.encode() + b"(" + values + b")"


def _value(type_name, random):
    if random.random() < 0.03:
        return b"NULL"
    if type_name.endswith("[]"):
        element = type_name[:-2]
        return b"ARRAY[" + b", ".join(_value(element, random) for _ in range(random.choice((0, 1, 1, 2, 3, 200)))) + b"]"
    if type_name in ("json", "jsonb"):
        text = mutate.document(DOCUMENT, random) if random.random() < 0.5 else random.choice(_JSON).encode()
        return mutate.literal(text)
    if type_name in _OTHERS:
        return literal(random.choice(_OTHERS[type_name])).encode()
    if type_name != "text":
        raise Failure(f"no values for arguments of type {type_name}")
    draw = random.random()
    if draw < 0.1:
        return mutate.literal(mutate.script(SCRIPT, random))
    if draw < 0.2:
        return mutate.literal(json.dumps(random.choice(_TEXTS)).encode())
    return mutate.literal(random.choice(_TEXTS).encode("utf-8", "replace"))


def _send(connection, sql, caller):
    """The SQLSTATE that it ends with: a clear one, on one line."""
    report = connection.attempt(sql)
    if report is None:
        return "00000"
    if report.sqlstate[:2] == "XX" or not 0 < len(report.message) < LONGEST or "\n" in report.message:
        raise Failure(f"not clear, as {caller or 'superuser'}: {report}\n{sql[:2000]!r}")
    return report.sqlstate
