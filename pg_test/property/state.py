"""What the extension has stored and granted, and whether it is what a full evaluation would store and grant."""

import json

from world import STAKEHOLDERS

_ROLES = ", ".join(f"('{name}')" for name in STAKEHOLDERS)

# Generated identities and the state when a transaction began are left out: they tell when, not what. A whole row is
# read where there is one, so that a column that is added to a table is compared from then on.
_CLAIMS = """
SELECT json_agg(to_jsonb(c) || jsonb_build_object('alternatives', (
        SELECT json_agg(to_jsonb(r) - 'claim_id' || jsonb_build_object('oid', k.relation_oid, 'fields', r.fields)
                        ORDER BY r.alternative)
        FROM integratedb.claimed_relation r LEFT JOIN integratedb.claimed_relation_cache k USING (claim_id, alternative)
        WHERE r.claim_id = c.claim_id)) ORDER BY c.claim_id)
FROM integratedb.claim c
"""
_STATE = f"""
WITH role (name) AS (VALUES {_ROLES}),
relation AS (
    SELECT c.oid, n.nspname, c.relname, c.relacl, c.relowner, c.relispartition,
           EXISTS (SELECT FROM pg_depend d
                   WHERE d.classid = 'pg_class'::regclass AND d.objid = c.oid AND d.deptype = 'e') AS member
    FROM pg_class c JOIN pg_namespace n ON n.oid = c.relnamespace
    WHERE n.nspname !~ '^(pg_|property_)' AND n.nspname NOT IN ('information_schema', 'integratedb')
      AND c.relkind IN ('r', 'p', 'v', 'm', 'f'))
SELECT json_build_object(
    'claims', ({_CLAIMS}),
    'ledger', (SELECT json_agg(to_jsonb(g) ORDER BY g::text) FROM integratedb.granted_privilege g),
    'ledger_cache', (SELECT json_agg(to_jsonb(g) ORDER BY g::text) FROM integratedb.granted_privilege_cache g),
    'roles', (SELECT json_agg(to_jsonb(g) ORDER BY g::text) FROM integratedb.stakeholder_cache g),
    'documents', (SELECT json_agg(json_build_array(s.name, s.document) ORDER BY s.name) FROM integratedb.stakeholder s),
    'stale', (SELECT count(*) FROM integratedb.cache_stamp WHERE is_stale),
    'out_of_wildcards', (SELECT json_agg(json_build_array(nspname, relname) ORDER BY nspname, relname) FROM relation
                         WHERE relispartition OR member),
    'relations', (SELECT json_agg(json_build_array(nspname, relname, relowner, relacl::text, (
            SELECT json_agg(json_build_array(attname, attacl::text) ORDER BY attnum) FROM pg_attribute
            WHERE attrelid = r.oid AND attnum > 0 AND NOT attisdropped)) ORDER BY nspname, relname) FROM relation r),
    'schemas', (SELECT json_agg(json_build_array(nspname, nspowner, nspacl::text) ORDER BY nspname) FROM pg_namespace
                WHERE nspname !~ '^pg_'),
    'privileges', (
        SELECT json_agg(json_build_array(role.name, r.nspname, r.relname, a.attname, p.privilege)
                        ORDER BY role.name, r.nspname, r.relname, a.attname, p.privilege)
        FROM role, relation r, (VALUES ('SELECT'), ('INSERT'), ('UPDATE'), ('REFERENCES')) p (privilege), pg_attribute a
        WHERE a.attrelid = r.oid AND NOT a.attisdropped AND (a.attnum > 0 OR a.attname = 'tableoid')
          AND has_column_privilege(role.name, r.oid, a.attnum, p.privilege)),
    'object_privileges', (
        SELECT json_agg(json_build_array(role.name, n.nspname, o.name, o.kind)
                        ORDER BY role.name, n.nspname, o.kind, o.name, o.arguments)
        FROM role, pg_namespace n, LATERAL (
            SELECT 'sequence' AS kind, relname AS name, '' AS arguments FROM pg_class
            WHERE relnamespace = n.oid AND relkind = 'S' AND has_sequence_privilege(role.name, oid, 'USAGE')
            UNION ALL
            SELECT 'function', proname, oidvectortypes(proargtypes) FROM pg_proc
            WHERE pronamespace = n.oid AND has_function_privilege(role.name, oid, 'EXECUTE')
            UNION ALL
            SELECT 'type', typname, '' FROM pg_type
            WHERE typnamespace = n.oid AND typtype IN ('d', 'e', 'r') AND has_type_privilege(role.name, oid, 'USAGE')) o
        WHERE n.nspname !~ '^(pg_|property_)' AND n.nspname NOT IN ('information_schema', 'integratedb')),
    'usage', (SELECT json_agg(json_build_array(role.name, n.nspname) ORDER BY role.name, n.nspname)
              FROM role, pg_namespace n WHERE n.nspname !~ '^pg_' AND has_schema_privilege(role.name, n.oid, 'USAGE')))
"""


class State:
    """What is stored and granted at one moment; `text` is all of it, to be compared as a whole."""

    def __init__(self, connection):
        """Reads it as it is in the connection's transaction."""
        self.text = connection.run(_STATE)[0][0]
        self.all = json.loads(self.text)
        self.claims = self.all["claims"] or []

    @property
    def is_stale(self):
        """DDL has passed with enforcement off: the next DDL takes all states anew."""
        return self.all["stale"] > 0

    def unmet(self):
        """The claims that are stored as unmet."""
        return {claim["claim_id"] for claim in self.claims if claim["status"] == "unmet"}


def differences(stored, synced, after_off=False):
    """What `integratedb.sync()` has changed though nothing was to be changed: lines of text.

    sync() takes what is left of an unmet claim as it is now, so these differ, and are left out:
      - unmet claims; in met ones, alternatives, fields and columns that are unmet; the privileges of that stakeholder
        on relations that these name;
      - the OIDs and the observed shapes of what is pending or absent: the last ones are kept, sync() forgets them;
      - claims of a wildcard on what it would not take in now: an optional relation that is gone, a partition, a
        member of an extension, of which docs/claim-language.md says that claim and privilege stay;
      - why a claim is pending: that was said when it was touched, with the privileges of that moment;
      - row security and security_invoker, which once accepted stay accepted;
      - `after_off`, when the baseline has just found out what was done with enforcement off: it grants what is
        missing, and leaves privileges on what is claimed no longer to sync().
    """
    found, lenient = [], set()
    left_out = {tuple(pair) for pair in stored.all["out_of_wildcards"] or ()}
    after = {_key(claim): claim for claim in synced.claims}
    for claim in stored.claims:
        other = after.pop(_key(claim), None)
        if other is None:
            if claim["derived"] and _stays(claim, left_out):
                lenient |= _places(claim["stakeholder"], claim["alternatives"])
            else:
                found.append(f"only stored, sync() removes it: {json.dumps(claim)}")
        else:
            found += _claim_differences(claim, other, lenient)
    found += [f"only after sync(): {json.dumps(claim)}" for claim in after.values()]
    for what, place in _PLACES.items():
        after_sync = synced.all[what] or []
        here = [row for row in stored.all[what] or [] if not after_off or row in after_sync]
        found += _row_differences(what, here, after_sync, lambda row, place=place: place(row) in lenient)
    found += _row_differences("role", stored.all["roles"] or [], synced.all["roles"] or [], lambda _: False)
    return found


# Lists of rows, and whose and where a row is.
_PLACES = {
    "ledger": lambda row: (row["stakeholder"], row["schema_name"], row["relation_name"]),
    "ledger_cache": lambda row: (row["stakeholder"], row["schema_name"], row["relation_name"]),
    "privileges": lambda row: tuple(row[:3]),
    "object_privileges": lambda row: tuple(row[:3]),
    "usage": lambda row: (row[0], row[1], ""),
}


def _key(claim):
    paths = [(one["kind"], one["schema_name"], one["relation_name"]) for one in claim["alternatives"]]
    return claim["stakeholder"], claim["match_number"], claim["derived"], tuple(paths)


def _stays(claim, left_out):
    [only] = claim["alternatives"]
    return only["status"] != "met" or (only["schema_name"], only["relation_name"]) in left_out


def _places(stakeholder, alternatives):
    """Where privileges may differ: these relations, and the schemas that they are in."""
    return {(stakeholder, one["schema_name"], name) for one in alternatives for name in (one["relation_name"], "")}


def _claim_differences(claim, other, lenient):
    if claim["status"] == "unmet":
        lenient |= _places(claim["stakeholder"], claim["alternatives"])
        return []
    found = _different("claim", claim, other, ("alternatives", "reason"))
    for one, two in zip(claim["alternatives"], other["alternatives"]):
        if one["status"] == "unmet" or _has_unmet_columns(one):
            lenient |= _places(claim["stakeholder"], [one])
        if one["status"] == "unmet":
            continue
        if one["status"] != "met":
            found += (
                [] if two["status"] == one["status"] else [f"alternative: {json.dumps(one)}\nsync(): {json.dumps(two)}"]
            )
            continue
        found += _different("alternative", one, two, ("fields", "row_security", "security_invoker"))
        found += [
            f"{json.dumps(one)} has not accepted {what}, sync() has"
            for what in ("row_security", "security_invoker")
            if two[what] and not one[what]
        ]
        if len(one["fields"]) != len(two["fields"]):
            found.append(f"fields of {_key(claim)}: {json.dumps(one['fields'])}\nsync(): {json.dumps(two['fields'])}")
        for field, field_after in zip(one["fields"], two["fields"]):
            found += _field_differences(_key(claim), field, field_after)
    return found


def _has_unmet_columns(alternative):
    return any(column.get("status") == "unmet" for field in alternative["fields"] for column in field["columns"])


def _field_differences(key, field, other):
    found = []
    if field.get("status") != "unmet":
        found += _different(f"field of {key}", field, other, ("columns",))
    for column, column_after in zip(field["columns"], other["columns"]):
        status = column.get("status")
        skipped = {"unmet": ("status", "observed"), "pending": ("observed",)}.get(status, ())
        found += _different(f"column of {key}", column, column_after, skipped)
    return found


def _different(what, one, other, skipped):
    keys = sorted(one.keys() | other.keys())
    changed = [key for key in keys if key not in skipped and one.get(key) != other.get(key)]
    return [f"{what} {json.dumps(one)}\n  {key}: sync() has {json.dumps(other.get(key))}" for key in changed]


def _row_differences(what, before, after, is_left_out):
    before = {json.dumps(row): row for row in before if not is_left_out(row)}
    after = {json.dumps(row): row for row in after if not is_left_out(row)}
    found = [f"{what}: {text} is there, sync() removes it" for text in before if text not in after]
    return found + [f"{what}: {text} is missing, sync() adds it" for text in after if text not in before]
