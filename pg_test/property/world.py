"""What there is in the database, as the generators of statements and documents see it; and the names they use."""

import json
import re

SUPERUSER = "superuser"
OWNER = "property_owner"
STAKEHOLDERS = ("property_a", "property_b", "property_c")

# Pools are small, so that what is dropped or renamed comes back under a name that is claimed. Some names need quotes.
SCHEMAS = ("shop", "billing", "Odd Place")
RELATIONS = ("customers", "orders", "items", "events", "notes", "totals", "archive", "Mixed Case", "dot.ted")
COLUMNS = ("id", "total", "note", "email", "state", "amount", "at_time", "Odd Col")
TYPES = ("mood", "email_text", "money_amount", "address", "kind")
SEQUENCES = ("numbers", "counter")
LABELS = ("new", "paid", "refunded", "sad", "glad")

BASE_TYPES = (
    "smallint",
    "integer",
    "bigint",
    "text",
    "character varying",
    "character varying(20)",
    "character varying(80)",
    "character(2)",
    "numeric",
    "numeric(8,2)",
    "numeric(12,2)",
    "numeric(12,4)",
    "bit varying(8)",
    "boolean",
    "date",
    "timestamp with time zone",
    "uuid",
    "jsonb",
    "integer[]",
    "character varying(20)[]",
)

# From a shape to those that a reader does not notice; for the generators to choose what breaks nothing.
WIDER = {
    "character varying(20)": ("character varying(80)", "text"),
    "character varying(80)": ("character varying(200)", "text"),
    "character varying(200)": ("text",),
    "character varying": ("text",),
    "numeric(8,2)": ("numeric(12,2)", "numeric(12,4)"),
    "numeric(12,2)": ("numeric(14,2)", "numeric"),
    "numeric(14,2)": ("numeric",),
}

_SNAPSHOT = """
WITH schema AS (
    SELECT oid, nspname AS name, pg_get_userbyid(nspowner) AS owner FROM pg_namespace
    WHERE nspname !~ '^(pg_|property_)' AND nspname NOT IN ('information_schema', 'integratedb', 'public')),
relation AS (
    SELECT c.*, s.name AS schema_name FROM pg_class c JOIN schema s ON s.oid = c.relnamespace),
a_type AS (
    SELECT t.*, s.name AS schema_name FROM pg_type t JOIN schema s ON s.oid = t.typnamespace
    LEFT JOIN pg_class c ON c.oid = t.typrelid
    WHERE t.typtype IN ('d', 'e') OR c.relkind = 'c')
SELECT json_build_object(
    'schemas', (SELECT json_agg(json_build_object('name', name, 'owner', owner) ORDER BY name) FROM schema),
    'relations', (SELECT json_agg(json_build_object(
        'schema', r.schema_name, 'name', r.relname, 'kind', r.relkind, 'owner', pg_get_userbyid(r.relowner),
        'row_security', r.relrowsecurity, 'partition', r.relispartition, 'typed', r.reloftype <> 0,
        'parents', (SELECT json_agg(json_build_array(p.schema_name, p.relname) ORDER BY i.inhseqno)
                    FROM pg_inherits i JOIN relation p ON p.oid = i.inhparent WHERE i.inhrelid = r.oid),
        'constraints', (SELECT json_agg(k.conname ORDER BY k.conname) FROM pg_constraint k WHERE k.conrelid = r.oid),
        'columns', (SELECT json_agg(json_build_object(
                'name', a.attname, 'type', format_type(a.atttypid, a.atttypmod), 'not_null', a.attnotnull,
                'base', (SELECT format_type(b.oid, NULL) FROM pg_type b WHERE b.oid = a.atttypid AND b.typtype = 'b'),
                'generated', a.attgenerated <> '', 'identity', a.attidentity <> '', 'inherited', a.attinhcount > 0,
                'has_default', a.atthasdef) ORDER BY a.attnum)
            FROM pg_attribute a WHERE a.attrelid = r.oid AND a.attnum > 0 AND NOT a.attisdropped))
        ORDER BY r.schema_name, r.relname) FROM relation r WHERE r.relkind IN ('r', 'p', 'v', 'm', 'f')),
    'indexes', (SELECT json_agg(json_build_object(
            'schema', r.schema_name, 'name', r.relname, 'owner', pg_get_userbyid(r.relowner)) ORDER BY r.schema_name,
            r.relname) FROM relation r WHERE r.relkind IN ('i', 'I')), 'sequences', (SELECT
            json_agg(json_build_object( 'schema', r.schema_name, 'name', r.relname, 'owner',
            pg_get_userbyid(r.relowner)) ORDER BY r.schema_name, r.relname) FROM relation r WHERE r.relkind = 'S'),
            'types', (SELECT json_agg(json_build_object( 'schema', t.schema_name, 'name', t.typname, 'kind',
            t.typtype, 'owner', pg_get_userbyid(t.typowner), 'constraints', (SELECT json_agg(k.conname ORDER BY
            k.conname) FROM pg_constraint k WHERE k.contypid = t.oid), 'labels', (SELECT json_agg(e.enumlabel ORDER BY
            e.enumsortorder) FROM pg_enum e WHERE e.enumtypid = t.oid), 'attributes', (SELECT json_agg(a.attname ORDER
            BY a.attnum) FROM pg_attribute a WHERE a.attrelid = t.typrelid AND a.attnum > 0 AND NOT a.attisdropped))
            ORDER BY t.schema_name, t.typname) FROM a_type t))
"""


def quoted(name):
    """A name as SQL writes it."""
    return name if re.fullmatch("[a-z_][a-z0-9_]*", name) else '"' + name.replace('"', '""') + '"'


def literal(text):
    """A string as SQL writes it."""
    return "'" + text.replace("'", "''") + "'"


def sql_name(item):
    """`schema.name` of a relation, type or other object of a World, as SQL writes it."""
    return f"{quoted(item['schema'])}.{quoted(item['name'])}"


def path(schema, relation):
    """A path as a claim document writes it."""

    def part(name):
        return '"' + name.replace('"', '""') + '"' if name == "*" or re.search('[."]', name) else name

    return f"{part(schema)}.{part(relation)}"


class World:
    """The catalogs at one moment: `schemas`, `relations`, `indexes`, `sequences`, `types`, as lists of dictionaries
    in an order that does not depend on OIDs; and `role`, who is to issue the next statement."""

    def __init__(self, connection, role=SUPERUSER):
        """Reads the catalogs as they are in the connection's transaction."""
        found = json.loads(connection.run(_SNAPSHOT)[0][0])
        self.role = role
        self.schemas, self.relations = found["schemas"] or [], found["relations"] or []
        self.indexes, self.sequences, self.types = (
            found["indexes"] or [],
            found["sequences"] or [],
            found["types"] or [],
        )
        for relation in self.relations:
            relation["columns"] = relation["columns"] or []
            relation["parents"] = relation["parents"] or []

    def mine(self, objects):
        """Those that the role may alter. A superuser may alter all."""
        return [item for item in objects if self.role == SUPERUSER or item["owner"] == self.role]

    def of_kind(self, kinds):
        """Relations of these kinds (`pg_class.relkind`) that the role may alter."""
        return self.mine([relation for relation in self.relations if relation["kind"] in kinds])

    def types_of_kind(self, kinds):
        """Types of these kinds (`pg_type.typtype`) that the role may alter."""
        return self.mine([item for item in self.types if item["kind"] in kinds])


def pick(random, items):
    """One of them, or None when there are none."""
    items = list(items)
    return random.choice(items) if items else None


def column_type(world, random):
    """A type for a column, as SQL writes it: a base type more often than one of the world's."""
    own = [sql_name(item) + random.choice(("", "", "[]")) for item in world.types]
    own += [sql_name(relation) for relation in world.relations if relation["kind"] == "r"][:1]
    return random.choice(own) if own and random.random() < 0.25 else random.choice(BASE_TYPES)


def new_name(world, random, pool):
    """A schema that is there and a name of the pool, as SQL writes them; the name may be taken."""
    schema = pick(random, world.mine(world.schemas) or world.schemas)
    return schema and f"{quoted(schema['name'])}.{quoted(random.choice(pool))}"


def free_name(world, random, pool=RELATIONS):
    """As `new_name`, and nothing has this name; None when all are taken."""
    taken = {(item["schema"], item["name"]) for item in world.relations + world.types + world.sequences + world.indexes}
    schemas = [schema["name"] for schema in world.mine(world.schemas) or world.schemas]
    found = pick(random, [(schema, name) for schema in schemas for name in pool if (schema, name) not in taken])
    return found and f"{quoted(found[0])}.{quoted(found[1])}"
