"""Statements on schemas and on privileges."""

from kinds import statement
from world import OWNER, SCHEMAS, STAKEHOLDERS, SUPERUSER, pick, quoted, sql_name


@statement(1.5, "create")
def create_schema(world, random):
    missing = [name for name in SCHEMAS if name not in {schema["name"] for schema in world.schemas}]
    name = pick(random, missing)
    return name and f"CREATE SCHEMA {quoted(name)}"


@statement(0.3, "drop")
def drop_schema(world, random):
    schema = pick(random, world.mine(world.schemas))
    return schema and f"DROP SCHEMA {quoted(schema['name'])}{random.choice(('', ' CASCADE'))}"


@statement(0.8)
def rename_schema(world, random):
    schema = pick(random, world.mine(world.schemas))
    return schema and f"ALTER SCHEMA {quoted(schema['name'])} RENAME TO {quoted(random.choice(SCHEMAS))}"


@statement(0.5)
def schema_owner(world, random):
    schema = pick(random, world.mine(world.schemas))
    return schema and f"ALTER SCHEMA {quoted(schema['name'])} OWNER TO {random.choice((OWNER, 'CURRENT_USER'))}"


def grantee(random):
    """Stakeholders most of all."""
    return random.choice((*STAKEHOLDERS, *STAKEHOLDERS, "PUBLIC", OWNER))


def privileges(random, relation):
    """SELECT or more on a relation, or on some of its columns."""
    columns = [quoted(column["name"]) for column in relation["columns"]]
    if columns and random.random() < 0.4:
        return f"SELECT ({', '.join(random.sample(columns, random.randint(1, min(2, len(columns)))))})"
    return random.choice(("SELECT", "SELECT", "ALL", "SELECT, UPDATE", "INSERT"))


@statement(2)
def grant(world, random):
    relation = pick(random, world.mine(world.relations))
    if not relation:
        return None
    # With a grant option the server may later refuse the extension a revoke, which leaves a WARNING and the privilege.
    return f"GRANT {privileges(random, relation)} ON {sql_name(relation)} TO {grantee(random)}"


@statement(2.5)
def revoke(world, random):
    relation = pick(random, world.mine(world.relations))
    if not relation:
        return None
    taken = f"{privileges(random, relation)} ON {sql_name(relation)} FROM {grantee(random)}"
    return f"REVOKE {taken}{random.choice(('', ' CASCADE'))}"


@statement(0.7)
def grant_in_schema(world, random):
    schema = pick(random, world.mine(world.schemas))
    if not schema:
        return None
    name = quoted(schema["name"])
    return random.choice(
        (
            f"GRANT USAGE ON SCHEMA {name} TO {grantee(random)}",
            f"GRANT SELECT ON ALL TABLES IN SCHEMA {name} TO {grantee(random)}",
        )
    )


@statement(0.7)
def revoke_in_schema(world, random):
    schema = pick(random, world.mine(world.schemas))
    if not schema:
        return None
    name = quoted(schema["name"])
    return random.choice(
        (
            f"REVOKE USAGE ON SCHEMA {name} FROM {grantee(random)}",
            f"REVOKE SELECT ON ALL TABLES IN SCHEMA {name} FROM {grantee(random)}",
        )
    )


@statement(0.3)
def default_privileges(world, random):
    schema = pick(random, world.mine(world.schemas))
    action = random.choice(("GRANT SELECT ON TABLES TO", "REVOKE SELECT ON TABLES FROM"))
    return (
        schema and f"ALTER DEFAULT PRIVILEGES IN SCHEMA {quoted(schema['name'])} {action} {random.choice(STAKEHOLDERS)}"
    )


@statement(0.15, "drop")
def drop_owned(world, random):
    if world.role != SUPERUSER:
        return f"DROP OWNED BY {OWNER} CASCADE" if random.random() < 0.2 else None
    return f"DROP OWNED BY {random.choice(STAKEHOLDERS)} CASCADE"
