"""The registry of the kinds of random statements. A new kind is one decorated function in one of the ddl_ modules."""

import importlib
from dataclasses import dataclass
from typing import Callable

from world import literal

MODULES = ("ddl_tables", "ddl_columns", "ddl_views", "ddl_types", "ddl_schemas", "ddl_patterns")

# Between these numbers of relations statements are chosen by their weight alone.
FEW, MANY = 12, 26
TRIES = 100


@dataclass
class Kind:
    """A kind of statement: how often it is chosen, and what it makes of a World and a random.Random."""

    name: str
    weight: float
    effect: str
    make: Callable


ALL = []


def statement(weight, effect="alter"):
    """Registers a function (world, random) that returns one statement as text, several that belong together as a list,
    or None when the world has nothing for it. `effect` is what it does to the number of relations: create, drop, alter.
    """

    def register(function):
        ALL.append(Kind(function.__name__, weight, effect, function))
        return function

    return register


def load():
    """Registers all kinds."""
    for module in MODULES:
        importlib.import_module(module)


def statements(world, random, effect=None):
    """One or several random statements, as a list; of kinds with this effect, if one is given. In a world in which
    there is hardly anything the list may be empty."""
    chosen = [kind for kind in ALL if effect in (None, kind.effect)]
    for _ in range(TRIES):
        kind = random.choices(chosen, [_weight(kind, len(world.relations)) for kind in chosen])[0]
        made = kind.make(world, random)
        if made is None:
            continue
        if isinstance(made, list):
            return made
        return [_wrapped(made, random)]
    return []


def _weight(kind, relations):
    factor = {"create": 3 if relations < FEW else 0.2, "drop": 0.2 if relations < FEW else 3}
    return kind.weight * (1 if FEW <= relations <= MANY else factor.get(kind.effect, 1))


def _wrapped(sql, random):
    """Now and then in a DO block, where it may be undone by an exception."""
    chance = random.random()
    if chance < 0.06:
        return f"DO $do$ BEGIN EXECUTE {literal(sql)}; END $do$"
    if chance < 0.1:
        undone = f"EXECUTE {literal(sql)}; RAISE EXCEPTION 'undone'; EXCEPTION WHEN raise_exception THEN NULL;"
        return f"DO $do$ BEGIN BEGIN {undone} END; END $do$"
    return sql
