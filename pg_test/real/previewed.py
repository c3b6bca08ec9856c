"""Django's own executor of migrations, which has each migration previewed before it runs it."""

from contextlib import contextmanager

from django.core.management.commands import migrate as command
from django.db import Error, connection
from django.db.migrations.executor import MigrationExecutor

from foresight import Foresight, Session, copy_of
from shop import connect

OSCAR, SHOP = "django-oscar: its own migrations", "django-oscar: the classic mistakes, and what passes"

FORESIGHT = Foresight(Session(connect, "shop"))


class Recorder:
    """Keeps what Django sends, as psycopg2 sent it to the server, with the values in it."""

    def __init__(self):
        self.sent = []

    def __call__(self, execute, sql, parameters, many, context):
        assert not many, sql
        try:
            return execute(sql, parameters, many, context)
        finally:
            text = context["cursor"].cursor.query.decode()
            # Django's own record of its migrations is none of their SQL.
            if '"django_migrations"' not in text:
                self.sent.append(text)


class PreviewingExecutor(MigrationExecutor):
    """Whatever is run by `migrate`."""

    # The sessions to close before the database is copied.
    sessions = [FORESIGHT.session]

    def apply_migration(self, state, migration, fake=False, fake_initial=False):
        with followed(self.look(state, migration, migration.apply)):
            return super().apply_migration(state, migration, fake, fake_initial)

    def unapply_migration(self, state, migration, fake=False):
        with followed(self.look(state, migration, migration.unapply)):
            return super().unapply_migration(state, migration, fake)

    def look(self, state, migration, run):
        """A preview of the SQL that `sqlmigrate` writes, or that is sent when Python code runs on a copy."""
        if all(operation.reduces_to_sql for operation in migration.operations):
            with connection.schema_editor(collect_sql=True, atomic=migration.atomic) as editor:
                run(state.clone(), editor, collect_sql=True)
            script = "\n".join(editor.collected_sql)
            statements = [line for line in editor.collected_sql if not line.startswith("--")]
        else:
            script, statements = None, self.sent_to_a_copy(state, migration, run)
        if migration.__module__.startswith("fork."):
            # They all have the same name.
            return FORESIGHT.look(SHOP, ["; ".join(statements)], statements, script, migration.atomic)
        name = f"{migration.app_label}.{migration.name}"
        return FORESIGHT.look(OSCAR, [name], statements, script, migration.atomic)

    def sent_to_a_copy(self, state, migration, run):
        recorder = Recorder()
        with on_a_copy(self.sessions), connection.execute_wrapper(recorder):
            with connection.schema_editor(atomic=migration.atomic) as editor:
                run(state.clone(), editor)
        return recorder.sent


@contextmanager
def followed(look):
    """What happens meanwhile is what was previewed."""
    recorder = Recorder()
    try:
        with connection.execute_wrapper(recorder):
            yield
    except Error as error:
        said = error.__cause__.diag
        if said.sqlstate == "2BP01":
            look.happened(said.message_detail.splitlines(), recorder.sent)
        else:
            look.happened(sent=recorder.sent, failed=said.sqlstate)
        raise
    look.happened(sent=recorder.sent)


@contextmanager
def on_a_copy(sessions):
    """Django is connected to a copy of its database."""
    for session in [connection, *sessions]:
        session.close()
    name, owner = connection.settings_dict["NAME"], connection.settings_dict["USER"]
    with copy_of(name, owner) as copy:
        connection.settings_dict["NAME"] = copy
        try:
            yield
        finally:
            connection.close()
            connection.settings_dict["NAME"] = name


command.MigrationExecutor = PreviewingExecutor
