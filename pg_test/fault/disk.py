"""A full disk: DDL and claims fail whole with 53100, and with space again everything agrees and goes on.

The database is in a tablespace on a small file system, which is filled up but for so many pages, from none upwards: so the
space ends at one place after the other."""

import os
import subprocess

import agreement
import scene
from server import Failure
from state import State

FULL = "53100"
PAGE = 8192
SIZE = "64m"
# From so few pages up to so many, that all fits.
STEPS = (0, 1, 2, 3, 5, 8, 13, 21, 34, 55, 89, 144, 233, 400, 800)


def run(server, random):
    """Fills it up again and again; a summary."""
    folder = os.path.join(os.path.dirname(server.data), "small")
    if os.geteuid() != 0:
        return "SKIPPED: only root can mount a small file system"
    os.mkdir(folder)
    mounted = subprocess.run(["mount", "-t", "tmpfs", "-o", f"size={SIZE}", "none", folder], capture_output=True, text=True)
    if mounted.returncode:
        return f"SKIPPED: no small file system can be mounted: {mounted.stderr.strip()}"
    try:
        owner = os.stat(server.data)
        os.chown(folder, owner.st_uid, owner.st_gid)
        return _fill(server, random, folder)
    finally:
        server.stop()
        subprocess.run(["umount", folder], check=True)


class _Ballast:
    """A file that takes all space but so many pages."""

    def __init__(self, folder):
        self._folder, self._path = folder, os.path.join(folder, "ballast")

    def leave(self, pages):
        """So many pages are free from now on."""
        self.drop()
        status = os.statvfs(self._folder)
        size = status.f_bavail * status.f_frsize - pages * PAGE
        with open(self._path, "wb") as file:
            os.posix_fallocate(file.fileno(), 0, max(size, 1))

    def drop(self):
        """The space is free."""
        if os.path.exists(self._path):
            os.remove(self._path)


def _fill(server, random, folder):
    postgres = server.connect("postgres")
    postgres.run(f"CREATE TABLESPACE small LOCATION '{folder}'")
    scene.build(server, "small")
    ballast = _Ballast(folder)
    connection = server.connect(scene.DATABASE)
    failed = succeeded = 0
    for number, pages in enumerate(STEPS):
        for work in (scene.migration(connection, random, number), scene.claim_of_many(connection, number)):
            unmet, before = agreement.lines_of(connection), State(connection)
            ballast.leave(pages)
            report, warnings = _attempt(connection, work)
            ballast.drop()
            if warnings:
                raise Failure(f"{pages} pages free, {work.statements}: WARNING: {warnings}")
            if report is None:
                succeeded += 1
            elif report.sqlstate != FULL:
                raise Failure(f"{pages} pages free, {work.statements}: {report}")
            else:
                failed += 1
                after = State(connection)
                if after.text != before.text:
                    raise Failure(f"{pages} pages free, {work.statements}: it failed, but something has changed")
            [found] = connection.run("SELECT " + ", ".join(work.probes))
            if set(found) != {"f" if report else "t"}:
                raise Failure(f"{pages} pages free: half of it is there: {list(zip(work.probes, found))}, {report}")
            agreement.check(connection, unmet)
    connection.close()
    postgres.close()
    if not failed or not succeeded:
        raise Failure(f"{failed} have failed and {succeeded} succeeded: the disk was not what decided")
    return f"a full disk failed {failed} transactions whole, {succeeded} had room"


def _attempt(connection, work):
    """The ERROR of a transaction, or None; and its warnings."""
    warnings = []
    for sql in ["BEGIN", *work.statements, "COMMIT"]:
        report = connection.attempt(sql)
        warnings += connection.warnings
        if report:
            connection.run("ROLLBACK")
            return report, warnings
    return None, warnings
