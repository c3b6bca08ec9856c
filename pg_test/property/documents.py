"""Random claims: documents made from what there is, some with names that are not there (yet), and calls that claim.

A new kind of match or field is one decorated function."""

import json

from world import COLUMNS, RELATIONS, SCHEMAS, STAKEHOLDERS, literal, path, pick

MATCHES, FIELDS = [], []
TRIES = 100

LENGTHS = {
    "character varying(20)": 20,
    "character varying(80)": 80,
    "character(2)": 2,
    "numeric(8,2)": 8,
    "numeric(12,2)": 12,
}


def match(weight):
    """Registers a function (world, random) that returns a match, or None when the world has nothing for it."""
    return lambda function: MATCHES.append((weight, function)) or function


def field(weight):
    """Registers a function (column, relation, random) that returns a field over this column, or None."""
    return lambda function: FIELDS.append((weight, function)) or function


def _choose(kinds, random, *arguments):
    weights, functions = zip(*kinds)
    for _ in range(TRIES):
        made = random.choices(functions, weights)[0](*arguments, random)
        if made is not None:
            return made
    return None


@field(6)
def plain(column, relation, random):
    return _name(column["name"])


@field(2)
def declared_type(column, relation, random):
    return {"name": _name(column["name"]), "type": column["type"]}


@field(1)
def declared_type_without_modifier(column, relation, random):
    return {"name": _name(column["name"]), "type": column["base"]} if column["base"] else None


@field(1)
def declared_nullability(column, relation, random):
    return {"name": _name(column["name"]), "is_nullable": random.choice((True, not column["not_null"]))}


@field(1)
def declared_length(column, relation, random):
    length = LENGTHS.get(column["type"])
    return length and {"name": _name(column["name"]), "min_length": random.randint(1, length)}


@field(1)
def optional(column, relation, random):
    name = random.choice((column["name"], random.choice(COLUMNS)))
    made = {"name": _name(name), "optional": True}
    if random.random() < 0.5:
        made["type"] = column["type"]
    return made


@field(1.5)
def alternatives(column, relation, random):
    others = [name for name in COLUMNS if name != column["name"]]
    made = [_name(column["name"]), *map(_name, random.sample(others, random.randint(1, 2)))]
    random.shuffle(made)
    return {"alternatives": made}


@field(0.7)
def alternative_types(column, relation, random):
    types = [column["type"], random.choice(("text", "bigint", "character varying(80)"))]
    return {"alternatives": [{"name": _name(column["name"]), "type": name} for name in dict.fromkeys(types)]}


def _name(column):
    """A column as a document writes it: a lone asterisk would be every column."""
    return '"*"' if column == "*" else column


def _relation(world, random):
    return pick(random, world.relations)


def _fields(relation, random):
    """Fields over some columns; a column may stand once."""
    columns = random.sample(relation["columns"], min(len(relation["columns"]), random.randint(1, 4)))
    made, seen = [], set()
    for column in columns:
        found = _choose(FIELDS, random, column, relation)
        names = (
            {_field_name(one) for one in (found["alternatives"] if "alternatives" in found else [found])}
            if isinstance(found, dict)
            else {found}
        )
        if not names & seen:
            made.append(found)
            seen |= names
    return made


def _field_name(one):
    return one["name"] if isinstance(one, dict) else one


@match(3)
def every_column(world, random):
    relation = _relation(world, random)
    return relation and {"path": path(relation["schema"], relation["name"]), "fields": ["*"]}


@match(6)
def some_columns(world, random):
    relation = _relation(world, random)
    return relation and {"path": path(relation["schema"], relation["name"]), "fields": _fields(relation, random)}


@match(0.5)
def no_columns(world, random):
    relation = _relation(world, random)
    return relation and {"path": path(relation["schema"], relation["name"])}


@match(2)
def optional_relation(world, random):
    made = random.choice((every_column, some_columns))(world, random)
    if made and random.random() < 0.5:
        made["path"] = path(random.choice(SCHEMAS), random.choice(RELATIONS))
    return made and {**made, "optional": True}


@match(2)
def alternative_relations(world, random):
    one, other = every_column(world, random), some_columns(world, random)
    if not one or not other:
        return None
    if random.random() < 0.5:
        one["path"] = path(random.choice(SCHEMAS), random.choice(RELATIONS))
    if one["path"] == other["path"]:
        return None
    pair = [one, other]
    random.shuffle(pair)
    return {"alternatives": pair, **({"optional": True} if random.random() < 0.3 else {})}


@match(0.8)
def wildcard(world, random):
    schema = pick(random, world.schemas)
    made = schema and {"path": f"{schema['name']}.*", "fields": ["*"]}
    return made and {**made, **({"optional": True} if random.random() < 0.4 else {})}


def paths(entry):
    """The paths that a match names."""
    return [one["path"] for one in entry.get("alternatives", [entry])]


def document(world, random):
    """A claim document; most can be claimed."""
    matches, seen = [], set()
    for _ in range(random.randint(3, 7)):
        made = _choose(MATCHES, random, world)
        if made and not seen & set(paths(made)):
            matches.append(made)
            seen.update(paths(made))
    return {"match": matches}


def call(stakeholder, made):
    """The SQL that claims a document."""
    return f"SELECT FROM integratedb.claim({literal(stakeholder)}, {literal(json.dumps(made))})"


def short_call(world, random):
    """The short form, for one match more."""
    relation = pick(random, world.relations)
    if not relation:
        return None
    names = [column["name"] for column in relation["columns"] if random.random() < 0.5]
    fields = random.choice((["*"], names))
    array = ", ".join(literal(name) for name in fields)
    stakeholder, at = literal(random.choice(STAKEHOLDERS)), literal(path(relation["schema"], relation["name"]))
    return f"SELECT FROM integratedb.claim({stakeholder}, {at}, ARRAY[{array}]::text[])"


def unclaim(connection, random):
    """Takes back one match of what is claimed, now and then all."""
    stakeholder = random.choice(STAKEHOLDERS)
    claimed = json.loads(connection.run(f"SELECT integratedb.claim_document({literal(stakeholder)})")[0][0])["match"]
    if not claimed:
        return None
    if random.random() < 0.1:
        return f"SELECT FROM integratedb.unclaim({literal(stakeholder)})"
    at = random.choice(paths(random.choice(claimed)))
    return f"SELECT FROM integratedb.unclaim({literal(stakeholder)}, {literal(at)})"
