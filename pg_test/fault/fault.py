"""Faults, one kind after the other. See `run` for what it is, and for the settings."""

import os
import random
import signal
import sys
import time

import arguments
import disk
import interrupt
import kill
import malformed
from libpq import ConnectionLost, DatabaseError
from server import Failure, Server

DEFAULT_SEED, DEFAULT_ROUNDS, DEFAULT_TEXTS, DEFAULT_CALLS = "1", 10, 1500, 200


def main():
    """All parts with all seeds; the exit status."""
    # So that what is mounted and started goes on that way out, too.
    signal.signal(signal.SIGTERM, lambda *_: sys.exit(1))
    rounds = int(os.environ.get("FAULT_ROUNDS") or DEFAULT_ROUNDS)
    texts = int(os.environ.get("FAULT_TEXTS") or DEFAULT_TEXTS)
    calls = int(os.environ.get("FAULT_CALLS") or DEFAULT_CALLS)
    parts = {
        "kill": lambda server, chance: kill.run(server, chance, rounds),
        "interrupt": interrupt.run,
        "disk": disk.run,
        "malformed": lambda server, chance: malformed.run(server, chance, texts),
        "arguments": lambda server, chance: arguments.run(server, chance, calls),
    }
    wanted = (os.environ.get("FAULT_ONLY") or " ".join(parts)).split()
    passed = []
    for seed in map(_seed, (os.environ.get("FAULT_SEED") or DEFAULT_SEED).split()):
        for name in wanted:
            server, started = Server(), time.monotonic()
            try:
                said = parts[name](server, random.Random(f"{seed}/{name}"))
            except (Failure, DatabaseError, ConnectionLost) as failure:
                print(f"FAILED: To see it again: FAULT_SEED={seed} FAULT_ONLY={name}\n{failure}")
                return 1
            finally:
                server.destroy()
            print(f"ok {name}, seed {seed}: {said}, {time.monotonic() - started:.0f} s", flush=True)
            passed.append(name)
    print(f"fault: {len(passed)} parts passed")
    return 0


def _seed(text):
    if text != "random":
        return text
    drawn = str(random.SystemRandom().randrange(10**9))
    print(f"drawn: FAULT_SEED={drawn}", flush=True)
    return drawn


if __name__ == "__main__":
    sys.exit(main())
