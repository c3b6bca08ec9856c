"""What transactions do to claims: as the extension says it (incremental), and as a survey of all of them has it
(full)."""

import re
from collections import Counter
from dataclasses import dataclass, field

BREAK = "2BP01"
# More than there can be: all of them.
ALL = 100000

_COUNT = re.compile(r"(?:this would break|this transaction breaks) (\d+) claims?")
_MORE = re.compile(r"and (\d+) more")
_BLAME = re.compile(r"(\([a-z-]+\)) after .*")


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

    def since(self, before):
        """The claims that have become unmet since `before`, when they were not, nor stored so."""
        unmet = before.claims.keys() | before.stored
        return Newly({claim: lines for claim, lines in self.claims.items() if claim not in unmet}, self)


class Newly:
    """Claims that a transaction has turned unmet."""

    def __init__(self, claims, full):
        self.claims = claims
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


def _shown(text, lines):
    return "\n".join([text, *(f"  {line}" for line in sorted(lines.elements()))])


def compare_without_extension(incremental, newly):
    """`newly` is what became unmet where the extension did nothing, so that claims are as they were when the
    transaction began. Violations are the same, line by line.

    Privileges are the exception: where nothing is granted, one is also missing that got lost on the way (DROP and
    CREATE TABLE), or that a new schema needs. A claim that lacks one may be broken or not; compare_inside() decides
    it.
    """
    missing = newly.sure() - incremental.lines
    invented = incremental.lines - newly.lines()
    if incremental.left_out:
        agree = incremental.lines <= newly.lines() and (newly.accessless or _same_number(incremental, newly))
    elif newly.accessless:
        agree = not missing and not invented
    else:
        agree = incremental.lines == newly.lines() and incremental.claims == len(newly.claims)
    if not agree:
        raise Disagreement("verdict", f"The extension: {incremental}\nWithout it, where nothing is granted: {newly}")


def _same_number(incremental, newly):
    return incremental.lines.total() + incremental.left_out == newly.lines().total()


def compare_inside(incremental, inside, without):
    """`inside` is what had become unmet just before COMMIT, in the transaction itself, and `without` where the
    extension did nothing. The number of claims is that of `inside`, but for two things:

      - what a REVOKE took from a broken claim is not granted for another one that needs it on the same relation. COMMIT
        grants it, or fails; that nothing is left lacking is seen afterwards, when stored statuses are compared.
      - what is judged at COMMIT is the state when the transaction began; a survey in the transaction judges what has
        been stored meanwhile. An optional relation that goes has no shape any more, and so any shape will do when it
        comes back.
    """
    lacking = {claim for claim, lines in inside.claims.items() if all(line.endswith("(access)") for line in lines)}
    sure = without.claims.keys() - without.accessless
    least, most = len(inside.claims.keys() - lacking), len(inside.claims.keys() | sure)
    if not least <= incremental.claims <= most:
        raise Disagreement("verdict", f"The extension: {incremental}\nAll claims, just before COMMIT: {inside}")
