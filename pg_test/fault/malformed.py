"""Malformed documents and scripts: an answer or a clear error, the session lives, nothing changes, memory stays flat."""

import json
from collections import Counter

import agreement
import documents
import mutate
import scene
from server import Failure
from state import State
from world import World

# Calls in a transaction, each below a savepoint.
BATCH = 50
# So many texts, again and again the same: memory is looked at after WARM_UP times, when plans and caches have grown and
# malloc keeps what the largest needs, and once more after CALLS calls more.
TEXTS, WARM_UP, CALLS = 500, 2, 1000
# By how much a backend may have grown then. malloc does not give back every page: so many bytes are nothing.
GROWTH, SLACK = 1.1, 128 * 1024

TAKES_DOCUMENTS = ("claim", "check_document")
DOCUMENT = {
    "match": [
        {"path": "shop.orders", "fields": ["*"], "except": ["state"], "privileges": ["select", "insert"],
         "references": [{"fields": ["customer"], "path": "shop.customers", "to": ["id"]}]},
        {
            "path": "shop.customers",
            "fields": ["id", {"name": "email", "type": ["text", "character varying"], "min_length": 3, "is_nullable": False},
                       {"alternatives": ["note", {"name": "remark", "type": "text"}]}, {"name": "nick", "optional": True}],
            "keys": [["id"]],
            "shape": "declared",
        },
        {"alternatives": [{"path": "billing.invoices", "fields": ["id"]}, {"path": "billing.bills", "fields": ["id"]}]},
        {"function": "shop.price(bigint)"},
        {"path": "billing.*", "fields": ["*"], "except": ["billing.b%"], "optional": True},
        {"path": "shop.later", "fields": ["id"], "pending": True},
    ]
}  # fmt: skip

SCRIPT = """
BEGIN;
SET search_path = shop, "$user";
ALTER TABLE orders ADD COLUMN IF NOT EXISTS placed timestamptz DEFAULT now(), ALTER COLUMN state TYPE varchar(20) USING state::varchar;
ALTER TABLE shop.customers RENAME COLUMN email TO mail;
CREATE TABLE shop.parts (id bigint, at date NOT NULL) PARTITION BY RANGE (at);
CREATE TABLE shop.parts_1 PARTITION OF shop.parts FOR VALUES FROM ('2024-01-01') TO ('2025-01-01');
COMMIT;
CREATE INDEX CONCURRENTLY orders_state ON shop.orders (lower(state)) WHERE state <> 'it''s';
DROP VIEW IF EXISTS shop.totals CASCADE;
CREATE OR REPLACE FUNCTION shop.f(a int, b text DEFAULT E'x\\'y') RETURNS int LANGUAGE plpgsql AS $body$
BEGIN /* nested /* comment */ */ RETURN a + 1; -- done
END $body$;
CREATE FUNCTION shop.g() RETURNS int BEGIN ATOMIC SELECT 1; SELECT 2; END;
CREATE RULE r AS ON INSERT TO shop.items DO ALSO (DELETE FROM shop.items; SELECT 1);
DO $$ BEGIN EXECUTE 'ALTER TABLE shop.items DROP COLUMN label'; END $$;
ALTER DOMAIN shop.money ADD CONSTRAINT positive CHECK (VALUE > 0);
GRANT SELECT (id) ON shop.orders TO property_b; REVOKE ALL ON shop.orders FROM PUBLIC;
COPY shop.items (id, label) FROM stdin;
1\ta;b
\\.
ALTER SCHEMA wide RENAME TO narrow; DROP TABLE loose.plain, billing.invoices;
"""

QUERIES = (
    "SELECT o.id, c.email FROM shop.orders o JOIN shop.customers c ON c.id = o.customer WHERE o.total > $1 ORDER BY 1",
    "WITH x AS (SELECT * FROM shop.items) INSERT INTO shop.orders (customer, total) SELECT id, 1 FROM x RETURNING id",
    "UPDATE shop.customers SET note = (SELECT max(label) FROM shop.items), total = DEFAULT WHERE id IN (1, 2) RETURNING *",
    "SELECT count(*) FILTER (WHERE state = 'x'), shop.price(id) OVER w FROM shop.totals, LATERAL (VALUES (1)) v (id) WINDOW w AS ()",
    "DELETE FROM shop.orders USING shop.customers c WHERE customer = c.id AND NOT EXISTS (SELECT 1 FROM billing.invoices)",
)


def run(server, random, texts):
    """So many malformed texts, then memory; a summary."""
    scene.build(server)
    connection = server.connect(scene.DATABASE)
    calls = _calls(connection)
    corpus = _corpus(connection, random)
    for name in calls:
        # As they are they get an answer, or nothing would be tested of what comes after reading them.
        for text in (DOCUMENT,) if name in TAKES_DOCUMENTS else (corpus["query"] if name == "infer_claims" else (SCRIPT,)):
            text = json.dumps(text) if name in TAKES_DOCUMENTS else text
            connection.run("BEGIN")
            connection.run(calls[name][0] + mutate.literal(text.encode()) + calls[name][1])
            connection.run("ROLLBACK")
    unmet, before = agreement.lines_of(connection), State(connection)
    counts, sent = Counter(), 0
    while sent < texts:
        connection.run("BEGIN")
        for _ in range(min(BATCH, texts - sent)):
            connection.run("SAVEPOINT malformed")
            counts[_send(connection, *_malformed(random, calls, corpus))] += 1
            connection.run("ROLLBACK TO malformed")
            connection.run("RELEASE malformed")
            sent += 1
        connection.run("ROLLBACK")
    after = State(connection)
    if after.text != before.text:
        raise Failure("Everything was rolled back, but something has changed")
    if not counts["00000"] or len(counts) < 4:
        raise Failure(f"the texts are not as mixed as they were meant to be: {counts}")
    agreement.check(connection, unmet)
    connection.close()
    grown = [_memory(server, random, call, corpus) for call in calls]
    return f"{texts} malformed texts for {', '.join(sorted(calls))}: {counts['00000']} answers, {texts - counts['00000']} errors; {'; '.join(grown)}"


def _calls(connection):
    """What is called: a name, and the SQL around the text. What is not there (yet) is left out."""
    calls = {
        "claim": (b"SELECT FROM integratedb.claim('property_c', ", b"::jsonb)"),
        "check_document": (b"SELECT FROM integratedb.check_document(", b"::jsonb, 'property_c')"),
        "infer_claims": (b"SELECT integratedb.infer_claims(ARRAY[", b"])"),
        "preview_migration": (b"SELECT FROM integratedb.preview_migration(", b")"),
        "rehearse_migration": (b"SELECT FROM integratedb.rehearse_migration(", b")"),
    }
    there = {row[0] for row in connection.run("SELECT proname FROM pg_proc WHERE pronamespace = 'integratedb'::regnamespace")}
    missing = {"claim", "check_document", "infer_claims"} - there
    if missing:
        raise Failure(f"no such functions: {missing}")
    return {name: call for name, call in calls.items() if name in there}


def _corpus(connection, random):
    """What is changed: documents as the property test claims them, a rich one, and scripts."""
    world = World(connection)
    made = [DOCUMENT] * 10 + [documents.document(world, random) for _ in range(20)]
    return {"document": made, "query": QUERIES, "script": [SCRIPT, *scene.migration(connection, random, 0).statements]}


def _malformed(random, calls, corpus, name=None):
    """A call with a text, and its SQL."""
    name = name or random.choice(sorted(calls))
    if name in TAKES_DOCUMENTS:
        text = mutate.document(random.choice(corpus["document"]), random)
    else:
        kind = "query" if name == "infer_claims" else "script"
        text = mutate.script(random.choice(corpus[kind]), random)
    return name, calls[name][0] + mutate.literal(text) + calls[name][1]


def _send(connection, name, sql):
    """The SQLSTATE that it ends with: a clear one."""
    report = connection.attempt(sql)
    if report is None:
        return "00000"
    if report.sqlstate[:2] == "XX" or not report.message:
        raise Failure(f"{name} is not clear: {report}\n{sql!r}")
    return report.sqlstate


def _memory(server, random, name, corpus):
    """Memory of a backend after many calls of one kind, against what it was after some."""
    connection = server.connect(scene.DATABASE)
    calls, looks = _calls(connection), []
    texts = [_malformed(random, calls, corpus, name) for _ in range(TEXTS)]
    for times in (WARM_UP, CALLS // TEXTS):
        for text in texts * times:
            connection.run("BEGIN")
            _send(connection, *text)
            connection.run("ROLLBACK")
        looks.append(_look(connection))
    connection.close()
    (anonymous, contexts), (anonymous_after, contexts_after) = looks
    if anonymous_after > anonymous * GROWTH + SLACK or contexts_after > contexts * GROWTH + SLACK:
        raise Failure(f"{name} keeps memory: {looks[0]} bytes (process, contexts), {CALLS} calls later {looks[1]}")
    return f"{name} {anonymous // 1024} to {anonymous_after // 1024} kB"


def _look(connection):
    """Bytes of the process that are its own, shared buffers left out; and of its memory contexts."""
    with open(f"/proc/{connection.pid}/status", encoding="ascii") as file:
        [line] = [line for line in file if line.startswith("RssAnon:")]
    contexts = connection.run("SELECT sum(total_bytes) FROM pg_backend_memory_contexts")[0][0]
    return int(line.split()[1]) * 1024, int(contexts)
