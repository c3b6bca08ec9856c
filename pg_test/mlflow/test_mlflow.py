"""mlflow's own history, migrated by Alembic in mlflow's own way, with stakeholders that claim what it changes."""

import copy
import json
import os
import re
import sys
import time
import unittest
from pathlib import Path

import psycopg2.extras

from claims import AUDITED, AUDITED_AT, BREAKS, CLAIMED_AT, CLAIMS
from tracking import (
    OWNER,
    PREVIEWS,
    REVISIONS,
    SUPERUSER,
    Refused,
    ask,
    columns,
    connect,
    downgrade,
    first_upgrade,
    keys,
    mlflow_db_upgrade,
    readable,
    recorded,
    trace,
    upgrade,
)
from violations import message, table_gone, unkeyed, unreferenced, without

ACCOUNT = Path(os.environ["INTEGRATEDB_ROOT"], "docs", "real-application.md").read_text()
HEAD = REVISIONS[-1]
RAISED = "sqlalchemy.exc.InternalError: (psycopg2.errors.DependentObjectsStillExist)"

# What the revisions that pass change about what `dashboard` and `auditor` claim by name or by `*`.
FOLLOWED = {
    "97727af70f4d": {
        ("dashboard", "experiments", "creation_time", "bigint"),
        ("dashboard", "experiments", "last_update_time", "bigint"),
    },
    "2d6e25af4d3e": {("dashboard", "params", "value", "character varying(8000) min_length 250 NOT NULL")},
    "f5a4f2784254": {("auditor", "tags", "value", "character varying(8000)")},
    "c8d9e0f1a2b3": {("auditor", "spans", "dimension_attributes", "json")},
    "1b5f0d9ad7c1": {("dashboard", "experiments", "workspace", "character varying(63) NOT NULL")},
}
# What `registry` waits for when it claims, by the revision that brings it.
AWAITED = {
    "7f2a7d5fae7d": {"datasets"},
    "867495a8f9d4": {"trace_info", "trace_tags"},
    "a1b2c3d4e5f6": {"spans"},
    "1bd49d398cd23": {"endpoint_model_mappings"},
    "5d2d30f0abce": {"jobs"},
}
# The revisions that pass although they make, drop or replace keys, foreign keys or indexes of a table that was there.
KEYED = {
    *["bd07f7e963c5", "5b0e9adcef9c", "0584bdc529eb", "d0e1f2a3b4c5", "a5b4c3d2e1f0"],
    *["7d34483879f0", "c1d2e3f4a5b6", "c3d9e7f1a2b4", "6f8d9c3b2a1e", "1971f2d9a75b", "dc11669786a5"],
}

# Rows that the revisions have to carry along.
ROWS = {
    CLAIMED_AT: """
        INSERT INTO experiments (name, lifecycle_stage) VALUES ('Iris', 'active');
        INSERT INTO runs (run_uuid, name, status, start_time, experiment_id)
        SELECT 'r1', 'First', 'FINISHED', 1, experiment_id FROM experiments;
        INSERT INTO params (key, value, run_uuid) VALUES ('depth', '7', 'r1');
        INSERT INTO metrics (key, value, timestamp, run_uuid) VALUES ('loss', 0.5, 2, 'r1');
        INSERT INTO tags (key, value, run_uuid) VALUES ('mlflow.user', 'ada', 'r1');
        INSERT INTO registered_models (name) VALUES ('iris');
        INSERT INTO model_versions (name, version, run_id, current_stage) VALUES ('iris', 1, 'r1', 'None')""",
    AUDITED_AT: """
        INSERT INTO jobs (id, creation_time, function_fullname, params, status, retry_count, last_update_time)
        VALUES ('j1', 3, 'iris.retrain', '{}', 3, 0, 4)""",
    "c8d9e0f1a2b3": """
        INSERT INTO trace_info (request_id, experiment_id, timestamp_ms, status) SELECT 't1', experiment_id, 5, 'OK'
          FROM experiments;
        INSERT INTO trace_tags (key, value, request_id) VALUES ('mlflow.traceName', 'classify', 't1');
        INSERT INTO spans
          (trace_id, experiment_id, span_id, status, start_time_unix_nano, content, dimension_attributes)
        SELECT 't1', experiment_id, 's1', 'OK', 6, '{}', '{"mlflow.llm.model": "m-1"}'
          FROM experiments""",
}
TRACE_NAMES = "SELECT value FROM trace_tags WHERE key = 'mlflow.traceName'"
# What archive's wildcard took in with the last revision, and what going back from it would take away.
LAST_TABLES = ("job_locks", "scheduler_leases")
LAST_COLUMNS = {
    "executor_backend": "character varying(255)",
    "lease_expires_at": "bigint",
    "next_attempt_at": "bigint",
    "progress": "json",
    "progress_updated_at": "bigint",
    "scoped_permissions": "json",
    "status_message": "text",
    "token_hash": "character varying(64)",
}


def of_relation(relation):
    return {column for column in columns(Mlflow.superuser) if column[0] == relation}


def shapes():
    """The columns that met claims of `dashboard` and `auditor` hold, as (stakeholder, relation, column, shape)."""
    rows = ask(
        Mlflow.superuser,
        """SELECT stakeholder, path, column_name, shape FROM integratedb.claimed_columns
            WHERE stakeholder IN ('dashboard', 'auditor') AND status = 'met'""",
    )
    return {(who, path.removeprefix("public."), *rest) for who, path, *rest in rows}


def awaited():
    """What a claim is pending on."""
    rows = ask(Mlflow.superuser, "SELECT path FROM integratedb.claims WHERE status = 'pending'")
    return {path.removeprefix("public.") for (path,) in rows}


def claim(stakeholder):
    """Replaces the stakeholder's claim document by what it claims now."""
    document = psycopg2.extras.Json({"match": list(Mlflow.claims[stakeholder].values())})
    ask(Mlflow.superuser, "SELECT * FROM integratedb.claim(%s, %s::jsonb)", stakeholder, document)


def claim_nothing(stakeholder):
    ask(Mlflow.superuser, "SELECT * FROM integratedb.unclaim(%s)", stakeholder)


class Mlflow(unittest.TestCase):
    maxDiff = None

    @classmethod
    def setUpClass(cls):
        cls.superuser, cls.owner = SUPERUSER, OWNER
        cls.claims = copy.deepcopy(CLAIMS)

    def read(self, role, sql):
        """The rows that a session of `role` gets."""
        session = connect(role)
        try:
            return ask(session, sql)
        finally:
            session.close()

    def refused_clean(self, violations, run, revision):
        """Asserts that Alembic is refused for exactly the violations, and leaves no trace."""
        before = trace(self.superuser)
        with self.assertRaises(Refused) as caught:
            run(revision)
        error = caught.exception
        self.assertEqual(sorted(error.details), sorted(violations))
        self.assertEqual(error.message, message(violations))
        self.assertEqual(error.sqlstate, "2BP01")
        self.assertEqual(error.raised, RAISED)
        self.assertTrue(error.hint)
        self.assertEqual(trace(self.superuser), before)
        return error

    def refused_at_once(self, violations, **environment):
        """Asserts that `mlflow db upgrade` is refused for exactly the violations, leaving no trace. Returns stderr."""
        before = trace(self.superuser)
        ran = mlflow_db_upgrade(**environment)
        self.assertEqual(ran.returncode, 1, ran.stderr)
        said, rest = ran.stderr[ran.stderr.rindex("sqlalchemy.exc.") :].split("\nDETAIL:  ")
        self.assertEqual(said, f"{RAISED} {message(violations)}")
        self.assertEqual(sorted(rest.split("\nHINT:  ")[0].splitlines()), sorted(violations))
        self.assertEqual(trace(self.superuser), before)
        return ran.stderr

    def all_met(self):
        # `mlflow` may ask too, about the relations that it owns.
        for session in (self.superuser, self.owner):
            [[unmet]] = ask(session, "SELECT integratedb.validate_migration()")
            self.assertEqual(unmet, 0)

    def archive_has_everything(self):
        rows = ask(
            self.superuser,
            """SELECT path, column_name FROM integratedb.claimed_columns
                WHERE stakeholder = 'archive' AND status = 'met'""",
        )
        self.assertEqual({(path.removeprefix("public."), column) for path, column in rows}, columns(self.superuser))

    def test_0_the_account_shows_these_claims(self):
        shown = [json.loads(block) for block in re.findall(r"^```json\n(.*?)^```$", ACCOUNT, re.DOTALL | re.MULTILINE)]
        for stakeholder, claims in CLAIMS.items():
            self.assertIn({"match": list(claims.values())}, shown)
            evolved = [each.claims[stakeholder].values() for each in BREAKS if stakeholder in each.claims]
            if evolved:
                self.assertIn([match for matches in evolved for match in matches], shown)
        self.assertIn(list(AUDITED.values()), shown)

    def test_1_the_first_revisions(self):
        self.assertEqual(len(REVISIONS), 67)
        first_upgrade(CLAIMED_AT)
        self.assertEqual(REVISIONS.index(recorded(self.superuser)) + 1, 12)
        [[is_superuser]] = ask(self.owner, "SELECT rolsuper FROM pg_roles WHERE rolname = current_user")
        self.assertFalse(is_superuser)
        ask(self.owner, ROWS[CLAIMED_AT])

    def test_2_stakeholders_read_what_they_claim(self):
        for stakeholder in self.claims:
            ask(self.superuser, "SELECT integratedb.create_stakeholder(%s)", stakeholder)
            claim(stakeholder)
        self.all_met()
        self.assertEqual(awaited(), set().union(*AWAITED.values()))
        self.archive_has_everything()
        self.assertEqual(readable("archive"), columns(self.superuser))
        self.assertEqual(
            readable("dashboard"),
            of_relation("experiments")
            | {("runs", name) for name in ("run_uuid", "name", "status", "start_time", "experiment_id")}
            | {("metrics", name) for name in ("run_uuid", "key", "value", "step")}
            | {("params", name) for name in ("run_uuid", "key", "value")}
            | {("model_versions", name) for name in ("name", "version", "run_id", "current_stage")},
        )
        self.assertEqual(
            readable("auditor"),
            of_relation("tags") | {("model_version_tags", name) for name in ("name", "version", "key", "value")},
        )

    def passes(self, revision):
        """The revision passes, and changes of the named claims what FOLLOWED says and no more."""
        before, tables = shapes(), {relation for relation, _ in columns(self.superuser)}
        waiting = awaited()
        keys_before = keys(self.superuser, tables)
        upgrade(revision)
        self.assertEqual(recorded(self.superuser), revision)
        self.all_met()
        self.archive_has_everything()
        self.assertEqual(shapes() - before, FOLLOWED.get(revision, set()))
        self.assertEqual(waiting - awaited(), AWAITED.get(revision, set()))
        self.assertEqual(keys(self.superuser, tables) != keys_before, revision in KEYED)
        if revision in ROWS:
            ask(self.owner, ROWS[revision])
        if revision == AUDITED_AT:
            self.claims["auditor"].update(copy.deepcopy(AUDITED))
            claim("auditor")

    def breaks(self, broken):
        """Refused alone and with all that follow; the claims evolve; it passes."""
        at_once = broken.violations if broken.at_once is None else broken.at_once
        said = self.refused_at_once(at_once)
        if broken is BREAKS[0]:
            self.a_user_sees(said)
            self.the_statement_is_named(broken)
        self.refused_clean(broken.violations, upgrade, broken.revision)
        self.all_met()
        waiting = awaited()
        claim_nothing("archive")
        for stakeholder, matches in broken.claims.items():
            self.claims[stakeholder].update(matches)
            claim(stakeholder)
        upgrade(broken.revision)
        self.assertEqual(recorded(self.superuser), broken.revision)
        self.assertEqual(waiting - awaited(), AWAITED.get(broken.revision, set()))
        for stakeholder, matches in broken.afterwards.items():
            self.claims[stakeholder].update(matches)
            claim(stakeholder)
        claim("archive")
        self.all_met()
        self.archive_has_everything()

    def a_user_sees(self, stderr):
        """What `mlflow db upgrade` prints last is what the account shows."""
        said = stderr[stderr.rindex("sqlalchemy.exc.") :].strip()
        self.assertTrue(said in ACCOUNT, said)

    def the_statement_is_named(self, broken):
        """With immediate validation the traceback leads to the revision, and the error to the statement."""
        said = self.refused_at_once(broken.violations, PGOPTIONS="-c integratedb.validation=immediate")
        self.assertIn(f"/versions/{broken.revision}_", said)
        self.assertIn("[SQL: ALTER TABLE model_versions ALTER COLUMN run_id DROP NOT NULL]", said)

    def test_4_the_rows_came_along(self):
        self.assertEqual(recorded(self.superuser), HEAD)
        self.assertEqual(self.read("auditor", "SELECT job_name FROM jobs"), [("iris.retrain",)])
        self.assertEqual(self.read("auditor", "SELECT model_name FROM spans"), [("m-1",)])
        on_secrets = "SELECT tgname FROM pg_trigger WHERE tgrelid = 'secrets'::regclass AND NOT tgisinternal"
        self.assertEqual(ask(self.superuser, on_secrets), [("prevent_secrets_aad_mutation",)])
        # No claim holds rows: 75868b020152 moved these.
        self.assertEqual(self.read("archive", TRACE_NAMES), [])
        self.assertEqual(self.read("archive", "SELECT trace_name FROM trace_info"), [("classify",)])

    def test_5_back_from_the_last_revision(self):
        table_lines = [table_gone("archive", name, f"DROP TABLE public.{name}") for name in LAST_TABLES]
        column_lines = [without("archive", "jobs", *column) for column in LAST_COLUMNS.items()]
        self.refused_clean(table_lines + column_lines, downgrade, "-1")
        self.all_met()

    def test_6_back_as_far_as_it_goes(self):
        # `archive` lets go. The others' alternatives hold in both directions; `*` holds what it took in.
        claim_nothing("archive")
        downgrade("1b5f0d9ad7c1")
        workspace = "character varying(63) NOT NULL"
        self.refused_clean(
            [
                without("dashboard", "experiments", "workspace", workspace),
                without("registry", "registered_models", "workspace", workspace),
                unkeyed("registry", "registered_models", "workspace, name"),
                without("registry", "model_versions", "workspace", workspace),
                unkeyed("registry", "model_versions", "workspace, name, version"),
                unreferenced(
                    *["registry", "model_versions", "workspace, name", "registered_models"], to="workspace, name"
                ),
            ],
            *[downgrade, "-1"],
        )
        claim_nothing("registry")
        self.claims["dashboard"]["experiments"]["fields"] = ["experiment_id", "name", "lifecycle_stage"]
        claim("dashboard")
        downgrade("c8d9e0f1a2b3")
        model = self.read("auditor", "SELECT dimension_attributes FROM spans")
        self.assertEqual(model, [({"mlflow.llm.model": "m-1"},)])
        self.refused_clean(
            [
                without("auditor", "spans", "dimension_attributes", "json"),
                without("auditor", "spans", "model_name", "character varying(500)"),
            ],
            *[downgrade, "-1"],
        )
        self.claims["auditor"]["spans"]["fields"][-1]["optional"] = True
        claim("auditor")
        downgrade("b7c8d9e0f1a2")
        self.assertEqual(self.read("auditor", "SELECT function_fullname FROM jobs"), [("iris.retrain",)])
        self.all_met()

    def test_7_the_same_in_one_transaction(self):
        # A column that the same transaction brings and takes binds nobody, not even `*`.
        self.claims["auditor"]["spans"] = AUDITED["spans"]
        claim("auditor")
        self.assertNotIn(("spans", "dimension_attributes"), columns(self.superuser))
        ran = mlflow_db_upgrade()
        self.assertEqual(ran.returncode, 0, ran.stderr)
        self.assertEqual(recorded(self.superuser), HEAD)
        self.all_met()

    def test_8_the_end_of_the_history(self):
        claim("registry")
        claim("archive")
        self.all_met()
        self.assertEqual(awaited(), set())
        self.archive_has_everything()
        self.assertEqual(readable("archive"), columns(self.superuser))
        self.assertEqual(
            readable("dashboard"),
            {("experiments", name) for name in ("experiment_id", "name", "lifecycle_stage")}
            | {("runs", name) for name in ("run_uuid", "name", "status", "start_time", "experiment_id")}
            | {("metrics", name) for name in ("run_uuid", "key", "value", "step")}
            | {("params", name) for name in ("run_uuid", "key", "value")}
            | {("model_versions", name) for name in ("name", "version", "run_id", "current_stage")},
        )
        self.assertEqual(
            readable("auditor"),
            of_relation("tags")
            | {("model_version_tags", name) for name in ("name", "version", "key", "value")}
            | {("jobs", name) for name in ("id", "job_name", "status", "creation_time")}
            | of_relation("spans"),
        )
        writable = """
            SELECT r.rolname, c.relname FROM pg_class c, pg_roles r
             WHERE c.relnamespace = 'public'::regnamespace AND c.relkind IN ('r', 'S')
               AND r.rolname IN ('dashboard', 'auditor', 'archive')
               AND (has_table_privilege(r.oid, c.oid, 'INSERT, UPDATE, DELETE, TRUNCATE, REFERENCES, TRIGGER')
                    OR c.relkind = 'r' AND has_any_column_privilege(r.oid, c.oid, 'INSERT, UPDATE, REFERENCES'))"""
        self.assertEqual(ask(self.superuser, writable), [])
        # The number of what the registry inserts comes from a `serial`, whose sequence it may use.
        made = "INSERT INTO experiments (name, lifecycle_stage) VALUES ('Iris 2', 'active') RETURNING experiment_id"
        self.assertEqual(self.read("registry", made), [(2,)])
        for statement in ("INSERT INTO experiments (experiment_id) VALUES (9)", "UPDATE experiments SET name = 'x'"):
            with self.assertRaises(psycopg2.errors.InsufficientPrivilege):
                self.read("registry", statement)
        report = """SELECT r.name, p.value, m.value, v.name FROM runs r JOIN params p USING (run_uuid)
                      JOIN metrics m USING (run_uuid) JOIN model_versions v ON v.run_id = r.run_uuid"""
        self.assertEqual(self.read("dashboard", report), [("First", "7", 0.5, "iris")])

    def test_9_all_was_foreseen(self):
        PREVIEWS.conclude(self, ACCOUNT)


def add_history():
    """One test a revision, from the one after the claims to the last."""
    broken = {each.revision: each for each in BREAKS}
    first = REVISIONS.index(CLAIMED_AT) + 1
    for number, revision in enumerate(REVISIONS[first:], first + 1):
        if revision in broken:
            name, run = "breaks", lambda self, each=broken[revision]: self.breaks(each)
        else:
            name, run = "passes", lambda self, each=revision: self.passes(each)
        setattr(Mlflow, f"test_3_{number}_{revision}_{name}", run)


add_history()

if __name__ == "__main__":
    # Each test goes on where the one before has ended. What SQLAlchemy thinks of mlflow's code is not our concern.
    began = time.monotonic()
    result = unittest.main(failfast=True, verbosity=2, exit=False, warnings="ignore").result
    outcome = "OK" if result.wasSuccessful() else "FAILED"
    print(PREVIEWS)
    print(f"Ran {result.testsRun} tests in {time.monotonic() - began:.0f} s ... {outcome}")
    sys.exit(not result.wasSuccessful())
