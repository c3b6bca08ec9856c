"""Statements on domains, enums and composite types."""

from kinds import statement
from world import BASE_TYPES, COLUMNS, LABELS, TYPES, column_type, free_name, literal, pick, quoted, sql_name


@statement(1.5)
def create_domain(world, random):
    name = free_name(world, random, TYPES)
    base = random.choice([*BASE_TYPES, *map(sql_name, world.types)])
    return (
        name and f"CREATE DOMAIN {name} AS {base}{random.choice(('', '', ' NOT NULL', ' CHECK (VALUE IS NOT NULL)'))}"
    )


@statement(1.5)
def create_enum(world, random):
    name = free_name(world, random, TYPES)
    labels = random.sample(LABELS, random.randint(1, 4))
    return name and f"CREATE TYPE {name} AS ENUM ({', '.join(map(literal, labels))})"


@statement(1.5)
def create_composite(world, random):
    name = free_name(world, random, TYPES)
    attributes = ", ".join(
        f"{quoted(column)} {column_type(world, random)}" for column in random.sample(COLUMNS, random.randint(1, 3))
    )
    return name and f"CREATE TYPE {name} AS ({attributes})"


@statement(2)
def alter_domain(world, random):
    domain = pick(random, world.types_of_kind("d"))
    if not domain:
        return None
    actions = ["SET NOT NULL", "DROP NOT NULL", "DROP NOT NULL", "SET DEFAULT NULL", "ADD CHECK (true)"]
    actions += [f"DROP CONSTRAINT {quoted(name)}" for name in domain["constraints"] or ()]
    return f"ALTER DOMAIN {sql_name(domain)} {random.choice(actions)}"


@statement(2)
def alter_enum(world, random):
    enum = pick(random, world.types_of_kind("e"))
    if not enum:
        return None
    label, other = random.choice(LABELS), random.choice(enum["labels"] or LABELS)
    action = random.choice(
        (
            f"ADD VALUE IF NOT EXISTS {literal(label)}",
            f"ADD VALUE {literal(label)} BEFORE {literal(other)}",
            f"RENAME VALUE {literal(other)} TO {literal(label)}",
        )
    )
    return f"ALTER TYPE {sql_name(enum)} {action}"


@statement(3)
def alter_composite(world, random):
    composite = pick(random, world.types_of_kind("c"))
    if not composite:
        return None
    old, new = quoted(random.choice(composite["attributes"] or COLUMNS)), quoted(random.choice(COLUMNS))
    action = random.choice(
        (
            f"ADD ATTRIBUTE {new} {column_type(world, random)} CASCADE",
            f"DROP ATTRIBUTE {old} CASCADE",
            f"RENAME ATTRIBUTE {old} TO {new} CASCADE",
            f"ALTER ATTRIBUTE {old} TYPE {column_type(world, random)} CASCADE",
        )
    )
    return f"ALTER TYPE {sql_name(composite)} {action}"


@statement(1.5)
def rename_type(world, random):
    item = pick(random, world.mine(world.types))
    keyword = item and random.choice(("TYPE", "DOMAIN" if item["kind"] == "d" else "TYPE"))
    return item and f"ALTER {keyword} {sql_name(item)} RENAME TO {quoted(random.choice(TYPES))}"


@statement(1.5)
def move_type(world, random):
    item, schema = pick(random, world.mine(world.types)), pick(random, world.schemas)
    return item and schema and f"ALTER TYPE {sql_name(item)} SET SCHEMA {quoted(schema['name'])}"


@statement(1.5, "drop")
def drop_type(world, random):
    item = pick(random, world.mine(world.types))
    return (
        item and f"DROP {'DOMAIN' if item['kind'] == 'd' else 'TYPE'} {sql_name(item)}{random.choice(('', ' CASCADE'))}"
    )


@statement(0.3)
def type_owner(world, random):
    item = pick(random, world.mine(world.types))
    return item and f"ALTER TYPE {sql_name(item)} OWNER TO {random.choice(('CURRENT_USER', 'property_owner'))}"
