"""Episodes of scripts: what the property test does to a database, with each script previewed and rehearsed."""

from dataclasses import dataclass

import compare
import documents
import episode
import kinds
from libpq import DatabaseError
from transaction import Transaction, explore, is_ddl
from verdict import Disagreement
from world import OWNER, STAKEHOLDERS, SUPERUSER, World

LONGEST = 8
# What a match may ask for beside SELECT.
WRITES = (["insert"], ["update"], ["delete"], ["insert", "update"], ["insert", "update", "delete"])


def writing(document, random):
    """The document, of which some matches ask for more than to read."""
    for match in document["match"]:
        if random.random() < 0.6:
            for one in match.get("alternatives", [match]):
                one["privileges"] = ["select", *random.choice(WRITES)]
    return document


@dataclass
class Script(Transaction):
    """Statements, as one migration; `runs` tells whether it is run in the end, or only compared."""

    runs: bool = False

    def text(self):
        """As preview_migration is given it. The superuser calls it, who is shown all claims, whoever's statements."""
        role = [f"SET LOCAL ROLE {self.role}"] * (self.role != SUPERUSER)
        return [*role, *self.items]

    def script(self):
        """As psql would be given it, if it is run."""
        return super().script() if self.runs else []


class Episode(episode.Episode):
    """One database. What the extension stores is for the property test to compare."""

    def __init__(self, counts):
        """Makes the database and the stakeholders; `counts` is added to."""
        super().__init__()
        self.agreement, self.compares = counts, False

    def populate(self, random):
        """As there; and some claims that write."""
        super().populate(random)
        for stakeholder in STAKEHOLDERS:
            for _ in range(4):
                made = writing(documents.document(World(self.connection), random), random)
                if random.random() < 0.3 or self.call(documents.call(stakeholder, made)):
                    break
        self.compares = True

    def _compare_stored(self):
        self.before = None

    def random_step(self, random):
        """A random script, or now and then a claim."""
        if random.random() < 0.15:
            return self._random_call(random)
        script = Script(role=random.choice((SUPERUSER, OWNER)), runs=random.random() < 0.5)
        left = random.randint(1, LONGEST)

        def items(world):
            nonlocal left
            made = kinds.statements(world, random)[:left] if left > 0 else None
            left -= len(made or ())
            return made or None

        explored = explore(self.connection, script, items)
        script.items = [item for item in explored.items if is_ddl(item)]
        if script.items:
            self.replay(script)

    def _random_call(self, random):
        world = World(self.connection)
        if random.random() < 0.7:
            made = documents.document(world, random)
            made = writing(made, random) if random.random() < 0.5 else made
            sql = documents.call(random.choice(STAKEHOLDERS), made)
        else:
            sql = documents.short_call(world, random)
        if sql:
            self.call(sql)

    def call(self, sql):
        """Claims; tells whether it succeeded."""
        error = self.connection.attempt(sql)
        if not error:
            self.steps.append(episode.Call(sql))
        return not error

    def replay(self, step, look_inside=True):
        """Does a step, a second time perhaps; what fails with an ordinary error is left out."""
        if isinstance(step, episode.Call):
            self.call(step.sql)
            return
        self.steps.append(step)
        if isinstance(step, Script) and self.compares:
            try:
                compare.compare(self.connection, step.text(), self.agreement)
            except DatabaseError as error:
                raise Disagreement("error", str(error)) from None
        self.go_on()

    def go_on(self):
        """Runs the last step, if it is to be run. A transaction that is refused has done nothing."""
        for sql in self.steps[-1].script():
            self.connection.attempt(sql)
        self.connection.attempt("ROLLBACK")
        self.connection.run("RESET ROLE")
