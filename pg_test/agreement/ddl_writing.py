"""Statements that decide whether a relation can be written, and by whom: views of all forms, triggers, rules, policies."""

from kinds import statement
from world import free_name, pick, quoted, sql_name

# One that is there already.
FUNCTION = "pg_catalog.suppress_redundant_updates_trigger()"
COMMANDS = ("INSERT", "UPDATE", "DELETE")


def _query(world, random):
    """A query over one relation; many can be written through."""
    source = pick(random, [relation for relation in world.relations if relation["kind"] in "rpvmf" and relation["columns"]])
    if not source:
        return None
    columns = random.sample(source["columns"], random.randint(1, len(source["columns"])))
    outputs = [f"s.{quoted(column['name'])}" for column in columns]
    column = columns[0]
    name = quoted(column["name"])
    outputs[0] = random.choice(
        (
            outputs[0],
            outputs[0],
            f"(s.{name})",
            f"s.{name}::{column['type']}",
            f"coalesce(s.{name}) AS {name}",
            f"(SELECT s.{name}) AS {name}",
            f"min(s.{name}::text) OVER () AS {name}",
        )
    )
    select = random.choice(("SELECT", "SELECT", "SELECT", "SELECT DISTINCT"))
    tail = random.choice(("", "", "", " WHERE true", " ORDER BY 1", " LIMIT 3", " OFFSET 1", f" GROUP BY s.{name}"))
    if random.random() < 0.1:
        return f"TABLE {sql_name(source)}"
    return f"{select} {', '.join(outputs)} FROM {sql_name(source)} AS s{tail}"


@statement(3, "create")
def create_view_of_any_form(world, random):
    name, query = free_name(world, random), _query(world, random)
    return name and query and f"CREATE VIEW {name} AS {query}"


@statement(2)
def another_query_in_its_place(world, random):
    """A table makes way for a view of itself."""
    table, name = pick(random, world.of_kind("rp")), free_name(world, random)
    if not table or not name or not table["columns"]:
        return None
    new_schema, new_name = name.split(".", 1)
    names = [quoted(column["name"]) for column in table["columns"]]
    query = random.choice(
        (
            f"SELECT {', '.join(names)} FROM {name}",
            f"SELECT * FROM {name} WHERE true",
            f"SELECT DISTINCT * FROM {name}",
            f"SELECT * FROM {name} LIMIT 1",
            f"SELECT * FROM {name} UNION ALL SELECT * FROM {name}",
            f"SELECT {', '.join([f'coalesce({names[0]}) AS {names[0]}', *names[1:]])} FROM {name}",
        )
    )
    return [
        f"ALTER TABLE {sql_name(table)} SET SCHEMA {new_schema}",
        f"ALTER TABLE {new_schema}.{quoted(table['name'])} RENAME TO {new_name}",
        f"CREATE VIEW {sql_name(table)} AS {query}",
    ]


@statement(1.5)
def instead_of_trigger(world, random):
    view = pick(random, world.of_kind("v"))
    events = " OR ".join(random.sample(COMMANDS, random.randint(1, 3)))
    name = random.choice(("first_trigger", "second_trigger"))
    return view and (
        f"CREATE OR REPLACE TRIGGER {name} INSTEAD OF {events} ON {sql_name(view)} FOR EACH ROW EXECUTE FUNCTION {FUNCTION}"
    )


@statement(0.7)
def trigger(world, random):
    table = pick(random, world.of_kind("rp"))
    events = " OR ".join(random.sample(COMMANDS, random.randint(1, 3)))
    return table and (
        f"CREATE OR REPLACE TRIGGER first_trigger AFTER {events} ON {sql_name(table)} EXECUTE FUNCTION {FUNCTION}"
    )


@statement(1)
def drop_trigger(world, random):
    relation = pick(random, world.of_kind("rpv"))
    name = random.choice(("first_trigger", "second_trigger"))
    return relation and f"DROP TRIGGER IF EXISTS {name} ON {sql_name(relation)}"


@statement(1.5)
def rule(world, random):
    relation = pick(random, world.of_kind("rvv"))
    event, condition = random.choice(COMMANDS), random.choice(("", "", " WHERE false"))
    does = random.choice(("INSTEAD NOTHING", "INSTEAD NOTHING", "ALSO NOTHING"))
    name = random.choice(("first_rule", "second_rule"))
    return relation and f"CREATE OR REPLACE RULE {name} AS ON {event} TO {sql_name(relation)}{condition} DO {does}"


@statement(1)
def drop_rule(world, random):
    relation = pick(random, world.of_kind("rv"))
    name = random.choice(("first_rule", "second_rule"))
    return relation and f"DROP RULE IF EXISTS {name} ON {sql_name(relation)}"


@statement(0.7)
def policy(world, random):
    table = pick(random, world.of_kind("rp"))
    return table and random.choice(
        (
            f"CREATE POLICY first_policy ON {sql_name(table)} USING (true)",
            f"DROP POLICY IF EXISTS first_policy ON {sql_name(table)}",
        )
    )
