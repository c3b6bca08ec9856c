"""Statements on views and materialised views."""

from kinds import statement
from world import COLUMNS, SUPERUSER, column_type, free_name, pick, quoted, sql_name


def select_some(world, random, kinds="rpvmf"):
    """A query over one relation of these kinds: all columns, some of them, or constants beside them."""
    source = pick(random, [relation for relation in world.of_kind(kinds) if relation["columns"]])
    if not source:
        return None
    if random.random() < 0.4:
        return f"SELECT * FROM {sql_name(source)}"
    columns = random.sample(source["columns"], random.randint(1, len(source["columns"])))
    outputs = [quoted(column["name"]) for column in columns]
    missing = [name for name in COLUMNS if name not in {column["name"] for column in columns}]
    if missing and random.random() < 0.3:
        outputs.append(f"NULL::{column_type(world, random)} AS {quoted(random.choice(missing))}")
    return f"SELECT {', '.join(outputs)} FROM {sql_name(source)}"


@statement(4, "create")
def create_view(world, random):
    name, query = free_name(world, random), select_some(world, random)
    options = random.choice(("", "", "", "", " WITH (security_invoker)"))
    return name and query and f"CREATE VIEW {name}{options} AS {query}"


@statement(3)
def replace_view(world, random):
    """What is there stays, as CREATE OR REPLACE wants it; perhaps one column more."""
    view = pick(random, world.of_kind("v"))
    if not view or not view["columns"]:
        return None
    outputs = [f"NULL::{column['type']} AS {quoted(column['name'])}" for column in view["columns"]]
    missing = [name for name in COLUMNS if name not in {column["name"] for column in view["columns"]}]
    if missing and random.random() < 0.7:
        outputs.append(f"NULL::{column_type(world, random)} AS {quoted(random.choice(missing))}")
    options = random.choice(("", "", "", " WITH (security_invoker)"))
    return f"CREATE OR REPLACE VIEW {sql_name(view)}{options} AS SELECT {', '.join(outputs)}"


@statement(1)
def view_option(world, random):
    view = pick(random, world.of_kind("v"))
    option = random.choice(
        ("SET (security_invoker = true)", "RESET (security_invoker)", "SET (security_barrier = true)")
    )
    return view and f"ALTER VIEW {sql_name(view)} {option}"


@statement(2, "create")
def create_materialized_view(world, random):
    name, query = free_name(world, random), select_some(world, random)
    return name and query and f"CREATE MATERIALIZED VIEW {name} AS {query}{random.choice(('', ' WITH NO DATA'))}"


@statement(0.5)
def refresh(world, random):
    view = pick(random, world.of_kind("m"))
    return view and f"REFRESH MATERIALIZED VIEW {sql_name(view)}"


@statement(0.4)
def table_becomes_view(world, random):
    """A rule named _RETURN makes a view of an empty table (until PostgreSQL 15)."""
    table = pick(random, [table for table in world.of_kind("r") if table["columns"] and not table["parents"]])
    if not table or world.role != SUPERUSER:
        return None
    outputs = ", ".join(f"NULL::{column['type']} AS {quoted(column['name'])}" for column in table["columns"])
    return f'CREATE RULE "_RETURN" AS ON SELECT TO {sql_name(table)} DO INSTEAD SELECT {outputs}'
