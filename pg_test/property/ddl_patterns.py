"""Statements that belong together: migrations in several steps, many of which take something away and give it back."""

from ddl_columns import any_column
from kinds import statement
from world import WIDER, free_name, pick, quoted, sql_name


def _columns(relation, random):
    """A relation's columns as CREATE TABLE writes them, perhaps in another order."""
    parts = [f"{quoted(c['name'])} {c['type']}{' NOT NULL' if c['not_null'] else ''}" for c in relation["columns"]]
    if random.random() < 0.3:
        random.shuffle(parts)
    return ", ".join(parts)


@statement(2)
def recreate_table(world, random):
    table = pick(random, world.of_kind("r"))
    if not table:
        return None
    return [f"DROP TABLE {sql_name(table)} CASCADE", f"CREATE TABLE {sql_name(table)} ({_columns(table, random)})"]


@statement(2)
def rename_column_and_add_it_again(world, random):
    table, column = any_column(world, random, "r")
    if not table:
        return None
    name = quoted(column["name"])
    return [
        f"ALTER TABLE {sql_name(table)} RENAME COLUMN {name} TO old_{len(table['columns'])}",
        f"ALTER TABLE {sql_name(table)} ADD COLUMN {name} {column['type']}{' NOT NULL' if column['not_null'] else ''}",
    ]


@statement(1.5)
def view_in_its_place(world, random):
    table, name = pick(random, world.of_kind("rp")), free_name(world, random)
    if not table or not name or not table["columns"]:
        return None
    new_schema, new_name = name.split(".", 1)
    return [
        f"ALTER TABLE {sql_name(table)} SET SCHEMA {new_schema}",
        f"ALTER TABLE {new_schema}.{quoted(table['name'])} RENAME TO {new_name}",
        f"CREATE VIEW {sql_name(table)} AS SELECT * FROM {name}",
    ]


@statement(1)
def exchange_names(world, random):
    schema = pick(random, world.mine(world.schemas))
    tables = [table for table in world.of_kind("rpf") if schema and table["schema"] == schema["name"]]
    if len(tables) < 2:
        return None
    one, other = random.sample(tables, 2)
    prefix = f"ALTER TABLE {quoted(schema['name'])}."
    return [
        f"{prefix}{quoted(one['name'])} RENAME TO exchanged",
        f"{prefix}{quoted(other['name'])} RENAME TO {quoted(one['name'])}",
        f"{prefix}exchanged RENAME TO {quoted(other['name'])}",
    ]


@statement(1.5)
def widen_and_narrow(world, random):
    table, column = any_column(world, random, "rp", lambda column: column["type"] in WIDER)
    if not table:
        return None
    start = f"ALTER TABLE {sql_name(table)} ALTER COLUMN {quoted(column['name'])} TYPE "
    return [start + WIDER[column["type"]][0], start + column["type"]]


@statement(1)
def not_null_for_a_while(world, random):
    table, column = any_column(world, random, "rp")
    start = table and f"ALTER TABLE {sql_name(table)} ALTER COLUMN {quoted(column['name'])} "
    actions = ["DROP NOT NULL", "SET NOT NULL"] if column and column["not_null"] else ["SET NOT NULL", "DROP NOT NULL"]
    return table and [start + action for action in actions]


@statement(1)
def revoke_and_recreate(world, random):
    table = pick(random, world.of_kind("r"))
    if not table:
        return None
    revoke = f"REVOKE ALL ON {sql_name(table)} FROM {random.choice(('property_a', 'property_b', 'property_c'))}"
    return [revoke, *recreate_table(world, random)]


@statement(1)
def another_schema_of_the_name(world, random):
    schema = pick(random, world.mine(world.schemas))
    if not schema:
        return None
    name = quoted(schema["name"])
    if random.random() < 0.5:
        return [f"ALTER SCHEMA {name} RENAME TO elsewhere", f"ALTER SCHEMA elsewhere RENAME TO {name}"]
    return [f"DROP SCHEMA {name} CASCADE", f"CREATE SCHEMA {name}"]


@statement(1)
def another_type_of_the_name(world, random):
    domain = pick(random, world.types_of_kind("de"))
    if not domain:
        return None
    return [f"ALTER TYPE {sql_name(domain)} RENAME TO former", f"CREATE DOMAIN {sql_name(domain)} AS text"]


@statement(1)
def detach_and_drop(world, random):
    partition = pick(random, [table for table in world.of_kind("r") if table["partition"] and table["parents"]])
    if not partition:
        return None
    root = ".".join(map(quoted, partition["parents"][0]))
    return [f"ALTER TABLE {root} DETACH PARTITION {sql_name(partition)}", f"DROP TABLE {sql_name(partition)}"]


@statement(0.7)
def new_table_for_a_while(world, random):
    name = free_name(world, random)
    return name and [f"CREATE TABLE {name} (id bigint NOT NULL, note text)", f"DROP TABLE {name}"]
