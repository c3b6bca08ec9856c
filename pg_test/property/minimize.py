"""The smallest history that still disagrees, as far as leaving out parts one after the other finds it."""

import json
import re
import time
from dataclasses import replace

from episode import Call, Episode
from libpq import ConnectionLost, DatabaseError
from verdict import Disagreement
from world import SUPERUSER

SECONDS = 90


def minimize(steps, kind, begin=Episode):
    """Leaves out steps, then statements of transactions, then parts of claim documents, for as long as the last step
    ends in a disagreement of the same kind. Returns the steps and the disagreement; the steps as they are, and None,
    if doing them again does not lead to it. `begin` begins an episode."""
    deadline = time.monotonic() + SECONDS
    best = _again(steps, kind, begin)
    if best is None:
        return steps, None

    def attempt(shorter):
        nonlocal steps, best
        found = _again(shorter, kind, begin) if time.monotonic() < deadline else None
        if found:
            steps, best = shorter, found
        return found is not None

    size = max(1, len(steps) // 2)
    while size:
        # From the end: what is made late is needed by less.
        position = len(steps) - 1
        while position > 0:
            start = max(0, position - size)
            attempt(steps[:start] + steps[position:])
            position = start
        size //= 2
    # What a later step no longer needs an earlier one need not make: from the end again.
    for index in reversed(range(len(steps))):
        index = min(index, len(steps) - 1)
        while any(attempt(shorter) for shorter in _smaller(steps, index)):
            pass
    return steps, best


def _again(steps, kind, begin):
    """The disagreement that the last of these steps leads to, if it is of this kind."""
    episode = begin()
    episode.compares = False
    try:
        for number, step in enumerate(steps):
            episode.compares = number == len(steps) - 1
            if episode.compares:
                episode.before = None
            try:
                episode.replay(step)
            except Disagreement:
                if episode.compares:
                    raise
    except Disagreement as found:
        return found if found.kind == kind else None
    except (DatabaseError, ConnectionLost):
        return None
    finally:
        episode.close()
    return None


def _smaller(steps, index):
    """Histories with one part less of this step, or without it."""
    if index < len(steps) - 1:
        yield steps[:index] + steps[index + 1 :]
    if index < len(steps):
        yield from (steps[:index] + [shorter] + steps[index + 1 :] for shorter in _smaller_steps(steps[index]))


def _smaller_steps(step):
    if isinstance(step, Call):
        yield from (Call(sql) for sql in _smaller_claims(step.sql))
        return
    for usual in (
        {"claim": ""},
        {"role": SUPERUSER},
        {"enforcement": "enforce"},
        {"validation": "deferred"},
        {"style": "block"},
    ):
        if any(getattr(step, name) != value for name, value in usual.items()):
            yield replace(step, **usual)
    if len(step.items) > 1:
        for index in range(len(step.items)):
            yield replace(step, items=step.items[:index] + step.items[index + 1 :])


def _smaller_claims(sql):
    """The call of claim() with a smaller document."""
    found = re.fullmatch(r"(SELECT FROM integratedb\.claim\('\w+', ')(\{.*\})('\))", sql, re.S)
    if not found:
        return
    document = json.loads(found[2].replace("''", "'"))
    for shorter in _smaller_documents(document):
        yield found[1] + json.dumps(shorter).replace("'", "''") + found[3]


def _smaller_documents(document):
    matches = document["match"]
    for index, match in enumerate(matches):
        rest = matches[:index], matches[index + 1 :]
        if len(matches) > 1:
            yield {"match": rest[0] + rest[1]}
        for shorter in _smaller_matches(match):
            yield {"match": [*rest[0], shorter, *rest[1]]}


def _smaller_matches(match):
    for number, alternative in enumerate(match.get("alternatives", ())):
        yield alternative
        yield from (
            {**match, "alternatives": [*match["alternatives"][:number], shorter, *match["alternatives"][number + 1 :]]}
            for shorter in _smaller_matches(alternative)
        )
    if "optional" in match:
        yield {key: value for key, value in match.items() if key != "optional"}
    fields = match.get("fields", [])
    if len(fields) > 1:
        for index in range(len(fields)):
            yield {**match, "fields": fields[:index] + fields[index + 1 :]}
