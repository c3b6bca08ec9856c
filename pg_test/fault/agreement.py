"""What holds after every fault: claims, privileges and catalogs agree, and the extension goes on."""

from verdict import Full
from server import Failure
from state import State, differences
from world import STAKEHOLDERS

BREAK = "2BP01"

# The catalogs hold grants to stakeholders that the ledger does not, or the other way round; either is a row.
_LEDGER = f"""
WITH role AS (SELECT oid, rolname FROM pg_roles WHERE rolname IN ({", ".join(f"'{name}'" for name in STAKEHOLDERS)})),
ledger AS (
    SELECT g.stakeholder, c.oid, g.privilege, g.whole, json_array_elements_text(
               CASE WHEN g.whole THEN '[null]' ELSE g.column_names END) AS column_name
    FROM integratedb.granted_privilege g
    JOIN pg_namespace n ON n.nspname = g.schema_name JOIN pg_class c ON c.relnamespace = n.oid AND c.relname = g.relation_name
    WHERE g.object_kind = 'relation'),
granted AS (
    SELECT role.rolname AS stakeholder, c.oid, x.privilege_type AS privilege, NULL AS column_name
    FROM pg_class c, aclexplode(c.relacl) x JOIN role ON role.oid = x.grantee
    WHERE c.relkind IN ('r', 'p', 'v', 'm', 'f') AND c.relowner <> role.oid
    UNION ALL
    SELECT role.rolname, a.attrelid, x.privilege_type, a.attname::text
    FROM pg_attribute a, aclexplode(a.attacl) x JOIN role ON role.oid = x.grantee WHERE NOT a.attisdropped),
missing AS (SELECT stakeholder, oid, privilege, column_name FROM ledger EXCEPT SELECT * FROM granted),
more AS (SELECT * FROM granted EXCEPT SELECT stakeholder, oid, privilege, column_name FROM ledger)
SELECT 'in the ledger, not granted', stakeholder, oid::regclass, privilege, column_name FROM missing
UNION ALL
SELECT 'granted, not in the ledger', stakeholder, oid::regclass, privilege, column_name FROM more
UNION ALL
SELECT 'in the ledger, no such relation', g.stakeholder, NULL, g.privilege, g.schema_name || '.' || g.relation_name
FROM integratedb.granted_privilege g
WHERE g.object_kind = 'relation' AND NOT EXISTS (
    SELECT FROM pg_namespace n JOIN pg_class c ON c.relnamespace = n.oid
    WHERE n.nspname = g.schema_name AND c.relname = g.relation_name)
UNION ALL
SELECT 'the ledger by name is not the ledger by OID', stakeholder, object_oid::regclass, privilege, relation_name
FROM (SELECT * FROM integratedb.granted_privilege WHERE object_kind = 'relation') g
FULL JOIN (
    SELECT k.*, n.nspname, c.relname,
           (SELECT json_agg(a.attname ORDER BY a.attname) FROM pg_attribute a
            WHERE a.attrelid = c.oid AND a.attnum = ANY (k.attribute_numbers) AND NOT a.attisdropped) AS attributes
    FROM integratedb.granted_privilege_cache k
    LEFT JOIN pg_class c ON c.oid = k.object_oid LEFT JOIN pg_namespace n ON n.oid = c.relnamespace
    WHERE k.object_kind = 'relation') k USING (stakeholder, schema_name, relation_name, privilege)
WHERE g.whole IS NULL OR k.whole IS NULL OR g.whole <> k.whole OR k.nspname IS DISTINCT FROM schema_name
   OR k.relname IS DISTINCT FROM relation_name
   OR NOT g.whole AND (SELECT json_agg(x ORDER BY x) FROM json_array_elements_text(g.column_names) x)::text <> k.attributes::text
"""

# What the documents need and the roles do not have.
_NEEDS = """
SELECT k.stakeholder, k.path, k.column_name
FROM integratedb.claimed_columns k JOIN integratedb.claims c USING (claim_id)
WHERE c.status = 'met' AND k.status = 'met' AND k.active
  AND NOT (has_column_privilege(k.stakeholder, k.path, k.column_name, 'SELECT')
           AND has_schema_privilege(k.stakeholder, split_part(k.path, '.', 1), 'USAGE'))
"""


def check(connection, unmet_before):
    """Raises Failure with all that does not agree. `unmet_before` are the lines of what was unmet before the fault."""
    found = []
    full = Full(connection)
    lines = _lines(full)
    if lines != unmet_before:
        found.append(f"unmet before: {unmet_before}, now: {lines}")
    report = connection.attempt("SELECT integratedb.validate_migration()")
    if (report is not None) != bool(lines) or report and report.sqlstate != BREAK:
        found.append(f"validate_migration(): {report}, unmet: {lines}")
    stored = State(connection)
    if stored.unmet() != set(full.claims):
        found.append(f"stored as unmet: {stored.unmet()}, found unmet: {set(full.claims)}")
    if stored.is_stale:
        found.append("the caches are marked as stale")
    found += [" ".join(str(part) for part in row) for row in connection.run(_LEDGER)]
    found += [f"needed, not granted: {row}" for row in connection.run(_NEEDS)]
    connection.run("BEGIN")
    connection.run("SELECT integratedb.sync()")
    found += differences(stored, State(connection))
    connection.run("ROLLBACK")
    found += _goes_on(connection)
    if found:
        raise Failure("\n".join(found))
    return stored


def lines_of(connection):
    """All violations now."""
    return _lines(Full(connection))


def _lines(full):
    return sorted(line for lines in full.claims.values() for line in lines.elements())


def _goes_on(connection):
    """DDL is judged, and a wildcard takes in what is new; undone."""
    connection.run("BEGIN")
    connection.run("CREATE TABLE shop.goes_on (id bigint)")
    found = []
    if connection.warnings:
        found.append(f"WARNING: {connection.warnings}")
    if connection.run(f"SELECT has_table_privilege('{STAKEHOLDERS[1]}', 'shop.goes_on', 'SELECT')")[0][0] != "t":
        found.append("the wildcard does not take in what is new")
    connection.run("ROLLBACK")
    report = connection.attempt("ALTER TABLE shop.orders DROP COLUMN state")
    if report is None or report.sqlstate != BREAK:
        found.append(f"a break is not refused: {report}")
    return found
