"""What transactions do to claims: as the extension says it (incremental), and as a survey of all of them has it
(full)."""

import re
from collections import Counter
from dataclasses import dataclass, field

from world import SUPERUSER, path as path_of

BREAK = "2BP01"
# More than there can be: all of them.
ALL = 100000

_COUNT = re.compile(r"(?:this would break|this transaction breaks) (\d+) claims?")
_MORE = re.compile(r"and (\d+) more")
_STRANGER = re.compile(r"\w+: (.*): expected an object that its own owner, or a superuser, put there, found .*")
_BLAME = re.compile(r"(\([a-z-]+\)) after .*")


_RELATIONS = """
SELECT n.nspname, c.relname, c.oid, pg_get_userbyid(c.relowner)
FROM pg_class c JOIN pg_namespace n ON n.oid = c.relnamespace WHERE c.relkind IN ('r', 'p', 'v', 'm', 'f')
"""


class Disagreement(Exception):
    """The two paths do not agree. `kind` is one word for what about; the text says both sides."""

    def __init__(self, kind, text):
        super().__init__(text)
        self.kind = kind


@dataclass
class Incremental:
    """What the extension said: how many claims a transaction breaks, and a line for each violation."""

    claims: int = 0
    lines: Counter = field(default_factory=Counter)
    left_out: int = 0

    @classmethod
    def of(cls, report):
        """From an ERROR or WARNING; None when it is about something else."""
        count = _COUNT.match(report.message)
        if report.sqlstate != BREAK or not count:
            return None
        lines = report.detail.split("\n")
        more = _MORE.fullmatch(lines[-1])
        if more:
            lines.pop()
        return cls(int(count[1]), Counter(_BLAME.sub(r"\1", line) for line in lines), int(more[1]) if more else 0)

    def __str__(self):
        return _shown(f"breaks {self.claims} claims" if self.claims else "breaks nothing", self.lines)


class Full:
    """All unmet claims, each with a line for each of its violations."""

    def __init__(self, connection):
        """Reads them as they are in the connection's transaction."""
        stored = connection.run("SELECT claim_id FROM integratedb.claim WHERE status = 'unmet'")
        self.claims, self.accessless, self.stored = {}, set(), {int(row[0]) for row in stored}
        for claim, stakeholder, path, column, rule, expected, actual in connection.run(
            "SELECT claim_id, stakeholder, path, column_name, rule, expected, actual "
            f"FROM integratedb.unmet_claims({ALL})"
        ):
            of = path if column is None else f"{path} column {column}"
            line = f"{stakeholder}: {of}: expected {expected}, found {actual} ({rule})"
            self.claims.setdefault(int(claim), Counter())[line] += 1
            if rule == "access":
                self.accessless.add(int(claim))
        self.relations = {
            path_of(schema, name): (oid, owner) for schema, name, oid, owner in connection.run(_RELATIONS)
        }

    def since(self, before):
        """The claims that have become unmet since `before`, when they were not, nor stored so."""
        unmet = before.claims.keys() | before.stored
        claims = {claim: lines for claim, lines in self.claims.items() if claim not in unmet}
        return Newly(claims, self, {
            path: owner for path, (oid, owner) in self.relations.items() if before.relations.get(path, ("",))[0] != oid
        })


class Newly:
    """Claims that a transaction has turned unmet; and the relations that it has put under their paths, with their
    owners."""

    def __init__(self, claims, full, put):
        self.claims = claims
        self.put = put
        self.accessless = full.accessless & claims.keys()

    def sure(self):
        """The violations of those to whose privileges nothing has happened."""
        return sum((lines for claim, lines in self.claims.items() if claim not in self.accessless), Counter())

    def lines(self):
        """All violations."""
        return sum(self.claims.values(), Counter())

    def __str__(self):
        text = f"{len(self.claims)} claims have become unmet" if self.claims else "nothing has become unmet"
        return _shown(text, self.lines())


def _of_strangers(incremental, newly, role):
    """The lines that say that somebody without the rights of its owner has put a relation under its name, where `role`
    has done that. A survey cannot tell who did it: to it such a relation only lacks privileges, or nothing at all."""

    def is_true(line):
        found = _STRANGER.fullmatch(line)
        return found and role != SUPERUSER and newly.put.get(found[1], role) != role

    return Counter({line: number for line, number in incremental.lines.items() if is_true(line)})


def _shown(text, lines):
    return "\n".join([text, *(f"  {line}" for line in sorted(lines.elements()))])


def compare_without_extension(incremental, newly, role):
    """`newly` is what became unmet where the extension did nothing, so that claims are as they were when the
    transaction began. Violations are the same, line by line.

    Privileges are the exception: where nothing is granted, one is also missing that got lost on the way (DROP and
    CREATE TABLE), or that a new schema needs. A claim that lacks one may be broken or not; compare_inside() decides
    it.

    That a stranger has put a relation under a claimed name is held against who did it: see _of_strangers().
    """
    strange = _of_strangers(incremental, newly, role)
    lines = incremental.lines - strange
    missing = newly.sure() - lines
    invented = lines - newly.lines()
    if incremental.left_out:
        agree = not invented and (newly.accessless or strange or _same_number(incremental, newly))
    elif newly.accessless:
        agree = not missing and not invented
    else:
        more = incremental.claims - len(newly.claims)
        agree = lines == newly.lines() and 0 <= more <= strange.total()
    if not agree:
        raise Disagreement("verdict", f"The extension: {incremental}\nWithout it, where nothing is granted: {newly}")


def _same_number(incremental, newly):
    return incremental.lines.total() + incremental.left_out == newly.lines().total()


def breaks_as_said(incremental, newly, role):
    """Whether all that the extension says is so after a step."""
    strange = _of_strangers(incremental, newly, role)
    return bool(newly.claims or strange) and incremental.lines - strange <= newly.lines()


def compare_inside(incremental, inside, without, role):
    """`inside` is what had become unmet just before COMMIT, in the transaction itself, and `without` where the
    extension did nothing. The number of claims is that of `inside`, but for three things:

      - what a REVOKE took from a broken claim is not granted for another one that needs it on the same relation. COMMIT
        grants it, or fails; that nothing is left lacking is seen afterwards, when stored statuses are compared.
      - what is judged at COMMIT is the state when the transaction began; a survey in the transaction judges what has
        been stored meanwhile. An optional relation that goes has no shape any more, and so any shape will do when it
        comes back.
      - a relation that a stranger has put under a claimed name may be readable through PUBLIC.
    """
    lacking = {claim for claim, lines in inside.claims.items() if all(line.endswith("(access)") for line in lines)}
    sure = without.claims.keys() - without.accessless
    strange = _of_strangers(incremental, without, role).total()
    least, most = len(inside.claims.keys() - lacking), len(inside.claims.keys() | sure) + strange
    if not least <= incremental.claims <= most:
        raise Disagreement("verdict", f"The extension: {incremental}\nAll claims, just before COMMIT: {inside}")
