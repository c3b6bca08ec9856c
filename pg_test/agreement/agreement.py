"""A preview and a rehearsal of the same script agree, wherever the preview says safe or breaks. See `run` for the
settings.

Each seed is worked off in episodes, each in a database of its own, as those of the property test next door: random
relations, random claims, then random scripts of up to eight statements. Each script is previewed and rehearsed in the
same state, and some are then run, so that the state evolves. All disagreements are counted; each is a bug.
"""

import os
import random
import sys
import time

import compare
import episode
import kinds
import scripts
from libpq import ConnectionLost
from minimize import minimize
from verdict import Disagreement

DEFAULT_SEED = "1"
# Statements of one database.
EPISODE = 60


def main():
    """Works off all seeds; the exit status."""
    kinds.MODULES += ("ddl_writing",)
    kinds.load()
    wanted = int(os.environ.get("AGREEMENT_STATEMENTS") or 300)
    seeds = [_seed(text) for text in (os.environ.get("AGREEMENT_SEED") or DEFAULT_SEED).split()]
    only = os.environ.get("AGREEMENT_EPISODE")
    total, status = compare.Counts(), 0
    try:
        for seed in seeds:
            counts, started = compare.Counts(), time.monotonic()
            number = int(only or 0)
            while counts.statements < wanted and not status:
                status = _episode(seed, number, counts, wanted, total.disagreements)
                if only:
                    break
                number += 1
            total.add(counts)
            print(f"seed {seed}: {counts}, {time.monotonic() - started:.0f} s", flush=True)
            if status:
                break
    finally:
        episode.clean()
    for reason, times in total.reasons.most_common():
        print(f"  {times:5}  {reason}")
    print(f"agreement: {total}")
    return status or int(total.disagreements > 0)


def _seed(text):
    if text != "random":
        return text
    drawn = str(random.SystemRandom().randrange(10**9))
    print(f"drawn: AGREEMENT_SEED={drawn}", flush=True)
    return drawn


def _episode(seed, number, counts, wanted, found_before):
    """Adds to `counts`; not 0 if the server is gone."""
    chance = random.Random(f"{seed}/{number}")
    current = scripts.Episode(counts)
    found = []
    try:
        current.populate(chance)
        end = min(counts.statements + EPISODE, wanted)
        while counts.statements < end:
            try:
                current.random_step(chance)
            except Disagreement as disagreement:
                counts.disagreements += 1
                found.append((list(current.steps), disagreement))
                print(f"Disagreement ({disagreement.kind}). {_again(seed, number)}\n{disagreement}\n", flush=True)
                current.go_on()
    except ConnectionLost as lost:
        print(f"The server is gone. {_again(seed, number)}\n{lost}")
        _print_steps(current.steps)
        return 1
    finally:
        current.close()
    left = int(os.environ.get("AGREEMENT_SHORTEN") or 3) - found_before - counts.disagreements + len(found)
    for steps, disagreement in found[: max(left, 0)]:
        _shorten(steps, disagreement, _again(seed, number))
    return 0


def _again(seed, number):
    return f"To see it again: AGREEMENT_SEED={seed} AGREEMENT_EPISODE={number}"


def _shorten(steps, found, again):
    shorter, disagreement = minimize(steps, found.kind, lambda: scripts.Episode(compare.Counts()))
    if disagreement is None:
        print(f"Done again step by step it does not come up. {again}\n{found}\nThe history:")
    else:
        print(f"The shortest history found. {again}")
    for sql in episode.PREPARATION:
        print(f"{sql};")
    _print_steps(shorter)
    print(f"\n{disagreement or found}\n", flush=True)


def _print_steps(steps):
    for step in steps:
        for sql in step.script():
            print(f"{sql};")


if __name__ == "__main__":
    sys.exit(main())
