"""What Alembic is about to run, previewed: SQL that it writes offline, or what it sends to a copy of the database."""

import io
from contextlib import contextmanager

from mlflow.store.db.utils import _get_alembic_config
from sqlalchemy import event
from sqlalchemy.engine import Engine

from foresight import Foresight, copy_of


class Recorder:
    """Keeps what SQLAlchemy sends, as psycopg2 sends it to the server, with the values in it."""

    def __init__(self):
        self.sent = []
        event.listen(Engine, "before_cursor_execute", self.send)

    def send(self, _connection, cursor, statement, parameters, _context, many):
        assert not many, statement
        self.sent.append(cursor.mogrify(statement, parameters).decode())

    @contextmanager
    def recording(self):
        """The list of what is sent from now on."""
        self.sent = []
        yield self.sent
        self.sent = []


class Previews(Foresight):
    """The previews of what is run in the database that `url` gives, when asked for one by name."""

    def __init__(self, owner, database, url, sessions):
        """`sessions` are those to close before the database is copied; the first is one of its owner."""
        super().__init__(sessions[0])
        self.owner, self.database, self.url, self.sessions = owner, database, url, sessions
        self.recorder = Recorder()

    @contextmanager
    def foreseen(self, chapter, run, revisions, start, end):
        """A preview of `command.upgrade` or `command.downgrade` from one revision to the other, and the list of what is
        sent meanwhile."""
        try:
            script = self.offline(run, start, end)
            statements = without_comments(script)
        except Exception:
            # A revision asks the database, which is not there offline: it raises whatever comes of that.
            script, statements = None, self.sent_to_a_copy(run, end)
        look = self.look(chapter, revisions, statements, script)
        with self.recorder.recording() as sent:
            yield look, sent

    def offline(self, run, start, end):
        """The SQL that Alembic writes with `--sql`."""
        config = _get_alembic_config(self.url(self.database))
        config.output_buffer = io.StringIO()
        run(config, f"{start}:{end}", sql=True)
        return config.output_buffer.getvalue()

    def sent_to_a_copy(self, run, end):
        for session in self.sessions:
            session.close()
        with copy_of(self.database, self.owner) as copy, self.recorder.recording() as sent:
            run(_get_alembic_config(self.url(copy)), end)
            return list(sent)


def without_comments(script):
    """The statements of a script of Alembic's, without BEGIN and COMMIT."""
    lines = [line for line in script.splitlines() if not line.startswith("--")]
    statements = [statement.strip() for statement in "\n".join(lines).split(";\n\n")]
    return [statement for statement in statements if statement.rstrip(";") not in ("", "BEGIN", "COMMIT")]
