"""A preview and a rehearsal of one script in one state, statement by statement."""

import json
import os
import re
import subprocess
from collections import Counter
from dataclasses import dataclass, field

from verdict import Disagreement
from world import literal

REFUSED = "the server would refuse this"
_NAMES = (
    (re.compile(r"statement \d+ \(line \d+\): .*?(?= (may|cannot|can|is|has)\b|$)"), "another statement"),
    (re.compile(r'"[^"]*"(\."?[^" ]+"?)*'), '"..."'),
    (re.compile(r"\b(shop|billing)\.\S+"), "..."),
)


@dataclass
class Counts:
    """Statements that a rehearsal ran, and what the preview said of them. `foreseen` are statements that failed in the
    rehearsal, and of which the preview said that they would; `unforeseen` are the other ones."""

    safe: int = 0
    breaks: int = 0
    unknown: int = 0
    foreseen: int = 0
    unforeseen: int = 0
    scripts: int = 0
    disagreements: int = 0
    reasons: Counter = field(default_factory=Counter)

    @property
    def statements(self):
        """How many were compared."""
        return self.safe + self.breaks + self.unknown

    def add(self, other):
        """Adds all of `other`."""
        for name, number in vars(other).items():
            setattr(self, name, getattr(self, name) + number)

    def __str__(self):
        share = 100 * self.unknown / max(self.statements, 1)
        return (
            f"{self.statements} statements of {self.scripts} scripts, {self.safe} safe, {self.breaks} break, "
            f"{self.unknown} unknown ({share:.1f}%), {self.foreseen} failures foreseen and {self.unforeseen} not, "
            f"{self.disagreements} disagreements"
        )


def compare(connection, statements, counts):
    """Previews and rehearses a script. What comes before a statement that fails is a script of its own: compared as if
    it ended there.

    Raises Disagreement with all that differs.
    """
    rehearsed = _rehearse(connection, statements)
    failed = next((row for row in rehearsed if row["verdict"] == "fails"), None)
    if failed and failed["number"] <= len(statements):
        previewed = _preview(connection, statements)[failed["number"] - 1]
        foreseen = previewed["verdict"] == "unknown" and (previewed["detail"] or "").startswith(REFUSED)
        counts.foreseen += foreseen
        counts.unforeseen += not foreseen
        statements = statements[: failed["number"] - 1]
        if not statements:
            return
        rehearsed = _rehearse(connection, statements)
    previewed = _preview(connection, statements)
    if [row["number"] for row in previewed] != list(range(1, len(statements) + 1)):
        raise Disagreement("rows", f"{_script(statements)}\n{len(previewed)} rows of the preview")
    counts.scripts += 1
    differences, told = [], True
    for sql, expected, found in zip(statements, rehearsed, previewed):
        _count(found, expected, counts)
        differences += [
            (kind, f"{found['number']}: {sql}\n    {text}") for kind, text in _compare_rows(expected, found, told)
        ]
        told = told and found["verdict"] != "unknown"
    for more in rehearsed[len(statements) :]:
        if more["verdict"] == "breaks" and not any(row["verdict"] == "unknown" for row in previewed):
            differences.append(("verdict", f"at its end: rehearsal {_violations(more)}"))
    if differences:
        text = "\n".join(text for _, text in differences)
        raise Disagreement(differences[0][0], f"{_script(statements)}\n  {text}")


def _script(statements):
    return "\n".join(f"  {number}: {sql}" for number, sql in enumerate(statements, 1)) + "\nof which:"


def _rehearse(connection, statements):
    sql = f"SELECT integratedb.rehearse_migration_json({literal(_text(statements))})"
    return json.loads(connection.run(sql)[0][0])


def _preview(connection, statements):
    command = os.environ.get("AGREEMENT_COMMAND")
    if not command:
        sql = f"SELECT integratedb.preview_migration_json({literal(_text(statements))}, true)"
        return json.loads(connection.run(sql)[0][0])
    catalog = os.path.join(os.environ["INTEGRATEDB_TMP"], "agreement.json")
    with open(catalog, "w", encoding="utf-8") as file:
        file.write(connection.run("SELECT integratedb.export_catalog()")[0][0])
    done = subprocess.run(
        [command, "--json", "--catalog", catalog, "-"],
        input=_text(statements),
        stdout=subprocess.PIPE,
        encoding="utf-8",
        check=False,
    )
    if done.returncode > 2:
        raise Disagreement("error", f"{command} ends with status {done.returncode}")
    return json.loads(done.stdout)


def _text(statements):
    return "".join(f"{sql};\n" for sql in statements)


def _count(found, expected, counts):
    if expected["verdict"] == "unknown":
        return
    setattr(counts, found["verdict"], getattr(counts, found["verdict"]) + 1)
    if found["verdict"] == "unknown":
        reason = found["detail"] or ""
        for pattern, instead in _NAMES:
            reason = pattern.sub(instead, reason)
        counts.reasons[f"{found['statement']}: {reason}"] += 1


def _compare_rows(expected, found, told):
    """What differs, as kind and text; nothing where one of the two does not tell. `told` says that nothing before it is
    unknown: then the preview also has to be right about what the server refuses."""
    if expected["verdict"] == "unknown":
        return
    if found["verdict"] == "unknown":
        if told and (found["detail"] or "").startswith(REFUSED):
            yield "refused", f"preview: {found['detail']}; rehearsal: it runs, {expected['verdict']}"
        return
    for kind, of in (("verdict", _verdict), ("violations", _violations), ("rewrites", _rewrites)):
        if of(expected) != of(found):
            yield kind, f"{kind}: preview {of(found)}, rehearsal {of(expected)}{_details(expected, found)}"
            return


def _details(expected, found):
    return "".join(
        f"\n    {who}: {row['detail']} {_violations(row)}" for who, row in (("preview", found), ("rehearsal", expected))
    )


def _verdict(row):
    return row["verdict"]


def _violations(row):
    return sorted(
        f"{one['stakeholder']}: {one['path']}{'' if one['column'] is None else ' column ' + one['column']} "
        f"({one['rule']})"
        for one in row["violations"]
    )


def _rewrites(row):
    return sorted(row["rewrites"])
