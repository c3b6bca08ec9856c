"""Runs the ```sql blocks of a document, in order, in a database of its own.

    ```sql           is run by psql, as the superuser; `-- as NAME` as its first line: as that role
    ```text          right after it is what psql shows (errors too, command tags not); `...` stands for anything
    ```mermaid       right after it is the one value that it returns
    ```sql,ignore    is not run

A block that is followed by neither must succeed, and without a WARNING. Each block is a session of its own.
"""

import os
import re
import subprocess

AS_ROLE = re.compile(r"^-- as (\w+)$")
COMPLAINT = re.compile(r"^(WARNING|ERROR|FATAL|PANIC):", re.MULTILINE)
DATABASE = "integratedb_docs"
# Blocks of other languages are prose: shell commands, JSON, and plain ones.
LANGUAGES = {"sql", "text", "mermaid", "sh", "json", ""}


def psql(sql, *options, user=None, database=DATABASE):
    environment = dict(os.environ, PGDATABASE=database, PSQLRC=os.devnull, PGAPPNAME="integratedb docs")
    if user:
        environment["PGUSER"] = user
    command = ["psql", "-X", "-q", "-P", "pager=off", "-v", "SHOW_CONTEXT=never", *options]
    # From standard input, so that messages come without file name and line.
    done = subprocess.run(command, input=sql, env=environment, text=True, timeout=300,
                          stdout=subprocess.PIPE, stderr=subprocess.STDOUT)
    return done.returncode, done.stdout


def value(sql, database=DATABASE):
    """Rows of a query, as lists of text."""
    code, text = psql(sql, "-A", "-t", "-F", "\x1f", "-v", "ON_ERROR_STOP=1", database=database)
    if code:
        raise SystemExit(f"{sql}\n{text}")
    return [line.split("\x1f") for line in text.splitlines()]


class Database:
    """A fresh database for one document; what it has made is gone afterwards, roles too."""

    def __enter__(self):
        self._drop()
        self.roles = {name for (name,) in value("SELECT rolname FROM pg_roles", "postgres")}
        value(f"CREATE DATABASE {DATABASE} TEMPLATE template0 ENCODING 'UTF8' LC_COLLATE 'C' LC_CTYPE 'C'", "postgres")
        value(f"ALTER DATABASE {DATABASE} SET lc_messages = 'C'", "postgres")
        return self

    def __exit__(self, *_):
        self._drop()
        for (name,) in value("SELECT rolname FROM pg_roles", "postgres"):
            if name not in self.roles:
                value(f'DROP ROLE "{name}"', "postgres")

    @staticmethod
    def _drop():
        value(f"SET client_min_messages = warning; DROP DATABASE IF EXISTS {DATABASE} WITH (FORCE)", "postgres")


def as_shown(expected, actual):
    """Whether psql's output is as the document shows it."""
    def lines(text):
        return [line.rstrip() for line in text.strip("\n").splitlines()]

    def pattern(line):
        if line.strip() == "...":
            # Never an error that the document does not show.
            return r"(?:(?!WARNING:|ERROR:|FATAL:).*\n)*?"
        # A column of a table is as wide as what stands in it, so the spaces around are wild too.
        return ".*?".join(re.escape(part) for part in re.split(r" *\.\.\. *", line)) + r"\n"

    expected = "".join(pattern(line) for line in lines(expected))
    return re.fullmatch(expected, "".join(line + "\n" for line in lines(actual))) is not None


def blocks(document):
    """The blocks to run, each with its expected output or None; AssertionError for what would be passed over by mistake."""
    found, before = [], None
    for block in document.blocks:
        where = f"{document.path.name}:{block.line}"
        assert block.language in LANGUAGES and set(block.flags) <= {"ignore"}, f"{where}: what is this block?"
        if block.language == "sql" and not block.flags:
            found.append([block, None])
        elif block.language in ("text", "mermaid"):
            assert block.follows and before and before is found[-1][0], f"{where}: output of what? No ```sql is right above"
            found[-1][1] = block
        before = block if block.language == "sql" and not block.flags else None
    return found


def execute(document):
    """Runs a document. Returns the number of blocks; raises AssertionError with the first that differs."""
    todo = blocks(document)
    with Database():
        for block, expected in todo:
            role = AS_ROLE.match(block.lines[0]) if block.lines else None
            options = [] if expected else ["-v", "ON_ERROR_STOP=1"]
            if expected and expected.language == "mermaid":
                options = ["-A", "-t"]
            code, actual = psql(block.text + "\n", *options, user=role and role[1])
            where = f"{document.path.name}:{block.line}"
            if expected is None:
                assert code == 0 and not COMPLAINT.search(actual), f"{where}: should work, but psql shows\n{actual}"
            else:
                assert as_shown(expected.text, actual), f"{where}: psql shows\n{actual}where line {expected.line} has\n{expected.text}"
    return len(todo)
