"""Statements on whole tables: made, dropped, renamed, moved, put into hierarchies; constraints, indexes, sequences."""

from kinds import statement
from world import (
    COLUMNS,
    OWNER,
    RELATIONS,
    SEQUENCES,
    STAKEHOLDERS,
    SUPERUSER,
    column_type,
    free_name,
    new_name,
    pick,
    quoted,
    sql_name,
)

KEYWORDS = {"r": "TABLE", "p": "TABLE", "v": "VIEW", "m": "MATERIALIZED VIEW", "f": "FOREIGN TABLE"}


def column_definition(world, random, name):
    """A column as CREATE TABLE and ADD COLUMN write it."""
    chance = random.random()
    if chance < 0.05:
        return f"{quoted(name)} {random.choice(('serial', 'bigserial'))}"
    if chance < 0.1:
        return f"{quoted(name)} bigint GENERATED {random.choice(('ALWAYS', 'BY DEFAULT'))} AS IDENTITY"
    if chance < 0.15:
        return f"{quoted(name)} integer GENERATED ALWAYS AS (1 + 1) STORED"
    type_name = column_type(world, random)
    options = random.choice(("", "", "", " NOT NULL", " NOT NULL", f" DEFAULT NULL::{type_name}"))
    return f"{quoted(name)} {type_name}{options}"


def column_definitions(world, random):
    """Columns and perhaps a key, as CREATE TABLE writes them."""
    names = random.sample(COLUMNS, random.randint(0, 5))
    parts = [column_definition(world, random, name) for name in names]
    if names and random.random() < 0.2:
        parts.append(f"{random.choice(('PRIMARY KEY', 'UNIQUE'))} ({quoted(names[0])})")
    return ", ".join(parts)


@statement(8, "create")
def create_table(world, random):
    name = free_name(world, random)
    return name and f"CREATE TABLE {name} ({column_definitions(world, random)})"


@statement(1, "create")
def create_table_like(world, random):
    name, source = free_name(world, random), pick(random, world.relations)
    return name and source and f"CREATE TABLE {name} (LIKE {sql_name(source)} INCLUDING ALL)"


@statement(2, "create")
def create_child(world, random):
    name, parent = free_name(world, random), pick(random, world.of_kind("r"))
    return (
        name and parent and f"CREATE TABLE {name} ({column_definitions(world, random)}) INHERITS ({sql_name(parent)})"
    )


@statement(1, "create")
def create_typed_table(world, random):
    name, row_type = free_name(world, random), pick(random, world.types_of_kind("c"))
    return name and row_type and f"CREATE TABLE {name} OF {sql_name(row_type)}"


@statement(2, "create")
def create_partitioned_table(world, random):
    name = free_name(world, random)
    columns = ", ".join(column_definition(world, random, column) for column in random.sample(COLUMNS[1:], 2))
    return name and f"CREATE TABLE {name} (id integer, {columns}) PARTITION BY {random.choice(('LIST', 'RANGE'))} (id)"


@statement(2, "create")
def create_partition(world, random):
    name, root = free_name(world, random), pick(random, world.of_kind("p"))
    return name and root and f"CREATE TABLE {name} PARTITION OF {sql_name(root)} {bounds(random)}"


def bounds(random):
    """Bounds of a partition; which of LIST and RANGE fits is left to chance."""
    number = random.randint(0, 5)
    return random.choice((f"FOR VALUES IN ({number})", f"FOR VALUES FROM ({number}) TO ({number + 1})", "DEFAULT"))


@statement(2, "create")
def create_table_as(world, random):
    name, source = free_name(world, random), pick(random, world.relations)
    if not name or not source:
        return None
    return random.choice(
        (f"CREATE TABLE {name} AS TABLE {sql_name(source)}", f"SELECT * INTO {name} FROM {sql_name(source)}")
    )


@statement(1, "create")
def create_foreign_table(world, random):
    name = free_name(world, random)
    if world.role != SUPERUSER:
        return None
    columns = ", ".join(f"{quoted(column)} {column_type(world, random)}" for column in random.sample(COLUMNS, 3))
    return name and f"CREATE FOREIGN TABLE {name} ({columns}) SERVER property_server"


@statement(0.3)
def create_temporary_table(world, random):
    return f"CREATE TEMP TABLE {quoted(random.choice(RELATIONS))} ({column_definitions(world, random)})"


@statement(4, "drop")
def drop_relation(world, random):
    relation = pick(random, world.mine(world.relations))
    return (
        relation
        and f"DROP {KEYWORDS[relation['kind']]} {sql_name(relation)}{random.choice(('', ' CASCADE', ' CASCADE'))}"
    )


@statement(1, "drop")
def drop_tables(world, random):
    tables = world.of_kind("rp")
    if len(tables) < 2:
        return None
    return f"DROP TABLE {', '.join(sql_name(table) for table in random.sample(tables, 2))} CASCADE"


@statement(4)
def rename_relation(world, random):
    relation = pick(random, world.mine(world.relations))
    if not relation:
        return None
    # ALTER TABLE renames whatever it is.
    keyword = random.choice((KEYWORDS[relation["kind"]], "TABLE"))
    return f"ALTER {keyword} {sql_name(relation)} RENAME TO {quoted(random.choice(RELATIONS))}"


@statement(3)
def move_relation(world, random):
    relation, schema = pick(random, world.mine(world.relations)), pick(random, world.schemas)
    if not relation or not schema:
        return None
    return f"ALTER {KEYWORDS[relation['kind']]} {sql_name(relation)} SET SCHEMA {quoted(schema['name'])}"


@statement(2)
def attach_partition(world, random):
    root, table = pick(random, world.of_kind("p")), pick(random, world.of_kind("rp"))
    return root and table and f"ALTER TABLE {sql_name(root)} ATTACH PARTITION {sql_name(table)} {bounds(random)}"


@statement(2)
def detach_partition(world, random):
    partition = pick(random, [table for table in world.of_kind("rpf") if table["partition"]])
    if not partition or not partition["parents"]:
        return None
    schema, name = partition["parents"][0]
    return f"ALTER TABLE {quoted(schema)}.{quoted(name)} DETACH PARTITION {sql_name(partition)}"


@statement(1)
def inherit(world, random):
    tables = world.of_kind("r")
    if len(tables) < 2:
        return None
    child, parent = random.sample(tables, 2)
    return f"ALTER TABLE {sql_name(child)} INHERIT {sql_name(parent)}"


@statement(1)
def no_inherit(world, random):
    child = pick(random, [table for table in world.of_kind("rf") if table["parents"] and not table["partition"]])
    if not child:
        return None
    schema, name = random.choice(child["parents"])
    return f"ALTER TABLE {sql_name(child)} NO INHERIT {quoted(schema)}.{quoted(name)}"


@statement(0.7)
def table_of_type(world, random):
    table, row_type = pick(random, world.of_kind("r")), pick(random, world.types_of_kind("c"))
    if table and table["typed"]:
        return f"ALTER TABLE {sql_name(table)} NOT OF"
    return table and row_type and f"ALTER TABLE {sql_name(table)} OF {sql_name(row_type)}"


@statement(1.5)
def row_security(world, random):
    table = pick(random, world.of_kind("rp"))
    action = random.choice(("ENABLE", "ENABLE", "DISABLE", "FORCE", "NO FORCE"))
    return table and f"ALTER TABLE {sql_name(table)} {action} ROW LEVEL SECURITY"


@statement(1.5)
def table_owner(world, random):
    relation = pick(random, world.mine(world.relations))
    owner = random.choice((OWNER, OWNER, "CURRENT_USER", *STAKEHOLDERS[:1]))
    return relation and f"ALTER {KEYWORDS[relation['kind']]} {sql_name(relation)} OWNER TO {owner}"


@statement(0.5)
def persistence(world, random):
    table = pick(random, world.of_kind("r"))
    return table and f"ALTER TABLE {sql_name(table)} SET {random.choice(('LOGGED', 'UNLOGGED'))}"


@statement(3)
def add_constraint(world, random):
    tables = [table for table in world.of_kind("rp") if table["columns"]]
    table, other = pick(random, tables), pick(
        random, [table for table in world.relations if table["kind"] in "rp" and table["columns"]]
    )
    if not table or not other:
        return None
    column, target = quoted(random.choice(table["columns"])["name"]), quoted(random.choice(other["columns"])["name"])
    constraint = random.choice(
        (
            f"PRIMARY KEY ({column})",
            f"UNIQUE ({column})",
            f"CHECK ({column} IS NOT NULL)",
            f"FOREIGN KEY ({column}) REFERENCES {sql_name(other)} ({target})",
        )
    )
    return f"ALTER TABLE {sql_name(table)} ADD {constraint}"


@statement(2)
def drop_constraint(world, random):
    table = pick(random, [table for table in world.of_kind("rpf") if table["constraints"]])
    if not table:
        return None
    option = random.choice(("", " CASCADE"))
    return f"ALTER TABLE {sql_name(table)} DROP CONSTRAINT {quoted(random.choice(table['constraints']))}{option}"


@statement(2)
def create_index(world, random):
    table = pick(random, [table for table in world.of_kind("rpm") if table["columns"]])
    if not table:
        return None
    column = quoted(random.choice(table["columns"])["name"])
    where = random.choice(("", "", f" WHERE {column} IS NOT NULL"))
    return f"CREATE {random.choice(('', 'UNIQUE '))}INDEX ON {sql_name(table)} ({column}){where}"


@statement(1.5)
def drop_index(world, random):
    index = pick(random, world.mine(world.indexes))
    return index and f"DROP INDEX {sql_name(index)}{random.choice(('', ' CASCADE'))}"


@statement(0.7)
def rename_index(world, random):
    index = pick(random, world.mine(world.indexes))
    return index and f"ALTER INDEX {sql_name(index)} RENAME TO {quoted(random.choice(RELATIONS) + '_index')}"


@statement(0.5)
def create_sequence(world, random):
    name = new_name(world, random, SEQUENCES)
    return name and f"CREATE SEQUENCE {name}"


@statement(0.7)
def alter_sequence(world, random):
    sequence = pick(random, world.mine(world.sequences))
    action = random.choice((f"RENAME TO {random.choice(SEQUENCES)}", "INCREMENT BY 2", "OWNED BY NONE", "AS bigint"))
    return sequence and f"ALTER SEQUENCE {sql_name(sequence)} {action}"


@statement(0.7)
def drop_sequence(world, random):
    sequence = pick(random, world.mine(world.sequences))
    return sequence and f"DROP SEQUENCE {sql_name(sequence)}{random.choice(('', ' CASCADE'))}"


@statement(0.4)
def extension_member(world, random):
    # The script of an extension is not needed: any extension takes members.
    table = pick(random, world.of_kind("rv"))
    if not table or world.role != SUPERUSER:
        return None
    action = random.choice(("ADD", "ADD", "DROP", "DROP", "DROP"))
    return f"ALTER EXTENSION plpgsql {action} {KEYWORDS[table['kind']]} {sql_name(table)}"
