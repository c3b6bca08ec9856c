"""Random DDL gets the same verdict from the event triggers as from a full evaluation. See `run` for the settings.

Each seed is worked off in episodes, each in a database of its own: random relations, random claims, then random
transactions. After each transaction

  - what it breaks, as the extension says it, is compared with a survey of all claims, made where the extension had been
    switched off, and with another one just before COMMIT;
  - if it was accepted: statuses, observed shapes, OIDs, the ledger and the privileges of the roles are compared with
    what integratedb.sync() makes, in a transaction that is rolled back;
  - if it was refused: nothing has changed.
"""

import os
import random
import sys
import time

import episode
import kinds
from libpq import ConnectionLost
from minimize import minimize
from verdict import Disagreement

DEFAULT_SEED = "1"
# Statements of one database: enough for a history, few enough to do it again in search of a shorter one.
EPISODE = 60


def main():
    """Works off all seeds; the exit status."""
    kinds.load()
    wanted = int(os.environ.get("PROPERTY_STATEMENTS") or 500)
    seeds = [_seed(text) for text in (os.environ.get("PROPERTY_SEED") or DEFAULT_SEED).split()]
    only = os.environ.get("PROPERTY_EPISODE")
    total, status = episode.Counts(), 0
    try:
        for seed in seeds:
            counts, started = episode.Counts(), time.monotonic()
            number = int(only or 0)
            while counts.accepted + counts.refused < wanted:
                status = _episode(seed, number, counts, wanted)
                if status or only:
                    break
                number += 1
            total.add(counts)
            print(f"seed {seed}: {_summary(counts)}, {time.monotonic() - started:.0f} s", flush=True)
            if status:
                break
    finally:
        episode.clean()
    print(f"property: {_summary(total)}, {status} disagreements")
    return status


def _seed(text):
    if text != "random":
        return text
    drawn = str(random.SystemRandom().randrange(10**9))
    print(f"drawn: PROPERTY_SEED={drawn}", flush=True)
    return drawn


def _summary(counts):
    return (
        f"{counts.accepted + counts.refused} statements, {counts.accepted} accepted, {counts.refused} refused "
        f"({counts.refused_transactions} of {counts.transactions} transactions), "
        f"{counts.errors} failed otherwise, {counts.claims} claims"
    )


def _episode(seed, number, counts, wanted):
    chance = random.Random(f"{seed}/{number}")
    current = episode.Episode()
    try:
        current.populate(chance)
        end = min(EPISODE, wanted - counts.accepted - counts.refused)
        while current.counts.accepted + current.counts.refused < end:
            current.random_step(chance)
    except Disagreement as found:
        current.close()
        _report(seed, number, current.steps, found)
        return 1
    except ConnectionLost as lost:
        print(f"The server is gone. {_again(seed, number)}\n{lost}")
        _print_steps(current.steps)
        return 1
    finally:
        counts.add(current.counts)
    current.close()
    return 0


def _again(seed, number):
    return f"To see it again: PROPERTY_SEED={seed} PROPERTY_EPISODE={number}"


def _report(seed, number, steps, found):
    print(f"Disagreement ({found.kind}). {_again(seed, number)}\n{found}\n", flush=True)
    shorter, disagreement = minimize(steps, found.kind)
    if disagreement is None:
        print("Done again step by step it does not come up. The history:")
    else:
        print("The shortest history found:")
    for sql in episode.PREPARATION:
        print(f"{sql};")
    _print_steps(shorter)
    if disagreement is not None:
        print(f"\n{disagreement}")


def _print_steps(steps):
    for step in steps:
        for sql in step.script():
            print(f"{sql};")


if __name__ == "__main__":
    sys.exit(main())
