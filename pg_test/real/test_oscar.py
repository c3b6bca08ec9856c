"""Oscar's own history, migrated by Django's own `migrate`, with stakeholders that claim what it changes."""

import copy
import json
import os
import re
import subprocess
import sys
import time
import unittest
from collections import Counter
from importlib import import_module
from pathlib import Path

import psycopg2.extras
from django.db import ProgrammingError, connection, models, transaction
from django.db.migrations import AddField, AlterField, RemoveField
from django.db.migrations.executor import MigrationExecutor
from django.test.utils import override_settings

from claims import BREAKS, CLAIMS, EVERYTHING, HALF_APPLIED, LINE, ORDER, REPORTER
from foresight import Session
from mistakes import MISTAKES, PASSES, SHOP_INDEX, each
from previewed import FORESIGHT, PreviewingExecutor
from shop import Refused, acting_as, applied, ask, columns, connect, migrate, readable, trace
from shopfront import match_of, recorded, stock_the_shop, visit, without_one_privilege
from violations import message, without

ACCOUNT = Path(os.environ["INTEGRATEDB_ROOT"], "docs", "real-application.md").read_text()
SHOP = {"order": "0023_shop", "customer": "0009_shop"}
SHOP_INDEX_NAME = "0022_index"
STAKEHOLDERS = ["archive", *CLAIMS]
# What the stakeholders that write may not.
DENIED = [
    ("fulfilment", "UPDATE order_order SET number = 'M-2'"),
    ("fulfilment", "SELECT new_status FROM order_orderstatuschange"),
    ("fulfilment", "DELETE FROM order_shippingevent"),
    ("fulfilment", "INSERT INTO order_shippingeventquantity (id, event_id, line_id, quantity) VALUES (0, 1, 1, 1)"),
    ("fulfilment", "INSERT INTO order_order DEFAULT VALUES"),
    ("marketplace", "UPDATE order_order SET number = 'M-2'"),
    ("marketplace", "SELECT user_id FROM order_order"),
    ("reporter", "INSERT INTO order_order (number) VALUES ('M-2')"),
    ("archive", "DELETE FROM order_order"),
]


def claim(stakeholder, matches):
    """Replaces the stakeholder's claim document."""
    document = psycopg2.extras.Json({"match": list(matches)})
    return ask(Oscar.superuser, "SELECT * FROM integratedb.claim(%s, %s::jsonb)", stakeholder, document)


def claimed(stakeholder):
    """The columns that the stakeholder's met claims hold, as (relation, column)."""
    rows = ask(
        Oscar.superuser,
        "SELECT path, column_name FROM integratedb.claimed_columns WHERE stakeholder = %s AND status = 'met'",
        stakeholder,
    )
    return {(path.removeprefix("public."), column) for path, column in rows}


def of_relation(relation):
    return {column for column in columns() if column[0] == relation}


def pending():
    """The migrations still to come, in Django's order."""
    executor = MigrationExecutor(connection)
    plan = executor.migration_plan(executor.loader.graph.leaf_nodes())
    return [f"{migration.app_label}.{migration.name}" for migration, _ in plan]


def migrate_shop(app, *operations, atomic=True, name=None, back=False):
    """Runs the operations as a migration of the shop's fork of Oscar's app, or takes them back."""
    name = name or SHOP[app]
    with override_settings(MIGRATION_MODULES={app: f"fork.{app}"}):
        migration = import_module(f"fork.{app}.{name}").Migration
        migration.operations, migration.atomic = list(operations), atomic
        migrate(app, SHOP_INDEX_NAME if back else name)


def insert(session, relation, values):
    """Inserts one row and returns its id."""
    columns, parameters = ", ".join(values), ", ".join(["%s"] * len(values))
    return ask(session, f"INSERT INTO {relation} ({columns}) VALUES ({parameters}) RETURNING id", *values.values())


def denied(role, sql):
    """Whether the statement fails for want of a privilege."""
    session = connect(role)
    try:
        ask(session, sql)
    except psycopg2.errors.InsufficientPrivilege:
        return True
    finally:
        session.close()
    return False


class Oscar(unittest.TestCase):
    maxDiff = None

    @classmethod
    def setUpClass(cls):
        cls.superuser = Session(connect, os.environ["PGUSER"])
        PreviewingExecutor.sessions.append(cls.superuser)
        cls.claims = copy.deepcopy(CLAIMS)

    def refused(self, violations, run, *arguments, **options):
        """Asserts that `run` is refused for exactly the violations."""
        with self.assertRaises(Refused) as caught:
            run(*arguments, **options)
        error = caught.exception
        self.assertEqual(sorted(error.details), sorted(violations))
        self.assertEqual(error.message, message(violations))
        self.assertEqual(error.sqlstate, "2BP01")
        self.assertTrue(error.hint)
        return error

    def refused_clean(self, violations, run, *arguments, **options):
        """Asserts that `run` is refused for exactly the violations and leaves no trace."""
        before = trace()
        error = self.refused(violations, run, *arguments, **options)
        self.assertEqual(trace(), before)
        return error

    def evolve(self, stakeholder, matches=()):
        """Claims what the stakeholder has claimed so far, with these matches instead."""
        self.claims[stakeholder].update(matches)
        claim(stakeholder, self.claims[stakeholder].values())

    def all_met(self):
        # `shop` may ask too, about the relations that it owns.
        for session in (self.superuser, connection):
            [[unmet]] = ask(session, "SELECT integratedb.validate_migration()")
            self.assertEqual(unmet, 0)
        self.assertEqual(claimed("archive"), columns())

    def test_0_the_account_shows_these_claims(self):
        blocks = [json.loads(block) for block in re.findall(r"^```json\n(.*?)^```$", ACCOUNT, re.DOTALL | re.MULTILINE)]
        for claims in [*CLAIMS.values(), {"everything": EVERYTHING[0]}]:
            self.assertIn({"match": list(claims.values())}, blocks)
        shown = [match for block in blocks for match in (block if isinstance(block, list) else [block])]
        evolved = {}
        for broken in BREAKS:
            for claims in (broken.claims, broken.afterwards):
                for stakeholder, matches in claims.items():
                    evolved |= {(stakeholder, name): match for name, match in matches.items()}
        del evolved["marketplace", "offer_benefit"]  # Only the key goes.
        for match in evolved.values():
            self.assertIn(match, shown)

    def test_1_half_the_history(self):
        migrate("order", "0008")
        self.assertEqual(len(applied()), 34)
        self.assertEqual(applied()[-1], "order.0008_auto_20190301_1035")
        self.assertEqual(len(pending()), 121)
        [[is_superuser]] = ask(connection, "SELECT rolsuper FROM pg_roles WHERE rolname = current_user")
        self.assertFalse(is_superuser)
        ask(
            connection,
            """INSERT INTO order_order (number, currency, total_incl_tax, total_excl_tax, shipping_incl_tax,
                   shipping_excl_tax, shipping_method, shipping_code, status, guest_email, date_placed)
               VALUES ('A-1', 'GBP', 12, 10, 0, 0, 'Post', 'post', 'Pending', 'a@example.org', now());
               INSERT INTO order_line (order_id, title, quantity, unit_retail_price, unit_price_incl_tax,
                   line_price_incl_tax, line_price_excl_tax, line_price_before_discounts_incl_tax,
                   line_price_before_discounts_excl_tax, partner_name, partner_sku, partner_line_reference,
                   partner_line_notes, status)
               SELECT id, 'A book', 2, 7, 6, 12, 10, 12, 10, 'P', 'S', '', '', '' FROM order_order""",
        )

    def test_2_stakeholders_read_what_they_claim(self):
        for stakeholder in STAKEHOLDERS:
            ask(self.superuser, "SELECT integratedb.create_stakeholder(%s)", stakeholder)
        for stakeholder in CLAIMS:
            self.evolve(stakeholder)
        claim("archive", EVERYTHING)
        self.all_met()
        waiting = ask(self.superuser, "SELECT stakeholder, path FROM integratedb.claims WHERE status <> 'met'")
        self.assertEqual(waiting, [("marketplace", "public.offer_benefit")])
        self.assertEqual(readable("archive"), columns())
        self.assertEqual(
            readable("reporter"),
            of_relation("order_order")
            | {("order_line", name) for name in REPORTER["order_line"]["fields"]}
            | {("customer_productalert", name) for name in ("id", "email", "date_created")}
            | {("customer_email", name) for name in REPORTER["customer_email"]["fields"]}
            | {("partner_stockrecord", name) for name in REPORTER["partner_stockrecord"]["fields"]},
        )
        report = "SELECT o.*, l.title, l.unit_retail_price FROM order_order o JOIN order_line l ON l.order_id = o.id"
        [row] = ask(connect("reporter"), report)
        self.assertIn("A-1", row)

    def refuse_and_evolve(self, broken):
        """`migrate` comes as far as the migration and no further; the claims evolve; the migration passes."""
        name = f"{broken.app}.{broken.migration}"
        error = self.refused(broken.violations, migrate)
        self.assertEqual(pending()[0], name)
        self.assertEqual(self.refused_clean(broken.violations, migrate, broken.app, broken.migration), error)
        self.all_met()
        if name == "order.0010_auto_20200724_0909":
            self.a_django_user_sees(error)
        claim("archive", broken.archive)
        # `reporter` comes last: without a transaction its table is the second one.
        for stakeholder, matches in broken.claims.items():
            if (name, stakeholder) == ("communication.0002_reset_table_names", "reporter"):
                self.half_applied()
            self.evolve(stakeholder, matches)
        migrate(broken.app, broken.migration)
        self.assertIn(name, applied())
        for stakeholder, matches in broken.afterwards.items():
            self.evolve(stakeholder, matches)
        claim("archive", EVERYTHING)
        self.all_met()

    def a_django_user_sees(self, error):
        """What `manage.py migrate` prints is what the account shows."""
        manage = [sys.executable, "manage.py", "migrate"]
        ran = subprocess.run(manage, capture_output=True, text=True, check=False)
        self.assertEqual(ran.returncode, 1)
        said = ran.stderr[ran.stderr.rindex("django.db.utils.") :]
        self.assertIn(error.message, said)
        self.assertIn(ran.stdout.splitlines()[-1].strip(), ACCOUNT)
        self.assertIn(said.strip(), ACCOUNT)

    def half_applied(self):
        """A migration without a transaction keeps what it did before it was refused; its owner has to undo that."""
        before = trace()
        self.refused(HALF_APPLIED, migrate, "communication", "0002")
        self.assertEqual(of_relation("customer_communicationeventtype"), set())
        self.assertNotEqual(of_relation("customer_email"), set())
        with self.assertRaises(Refused) as caught:
            migrate("communication", "0002")
        self.assertEqual(caught.exception.sqlstate, "42P01")
        ask(connection, "ALTER TABLE communication_communicationeventtype RENAME TO customer_communicationeventtype")
        self.assertEqual(trace(), before)

    def test_4_the_end_of_the_history(self):
        migrate()
        self.assertEqual(pending(), [])
        # 155 migrations; three of them also record the older name that they replace.
        self.assertEqual(len(applied()), 158)
        self.all_met()
        self.assertEqual(readable("archive"), columns())
        self.assertEqual(
            readable("reporter"),
            of_relation("order_order")
            | {("order_line", name) for name in ("id", "order_id", "title", "quantity", "unit_price_incl_tax")}
            | {("customer_productalert", name) for name in ("id", "email", "date_created")}
            | {("communication_email", name) for name in ("id", "subject", "date_sent")}
            | {("partner_stockrecord", name) for name in ("id", "product_id", "price")},
        )
        for column in ("shipping_tax_code", "analytics_tracked"):
            self.assertIn(("order_order", column), claimed("reporter"))

    def test_4_who_may_write_writes(self):
        """With the claims as they are at the end: each writes what it has claimed and nothing else."""
        order = {column: 0 for column in ORDER if "tax" in column}
        texts = ["number", "currency", "shipping_method", "shipping_code", "status", "guest_email"]
        order |= {column: "M-1" for column in texts} | {"date_placed": "now", "analytics_tracked": False}
        line = {column: 1 for column in LINE if "price" in column or column == "quantity"}
        line |= {column: "x" for column in LINE if column not in line}
        line |= {"allocation_cancelled": False, "num_allocated": 1}
        session = connect("marketplace")
        [[line["order_id"]]] = insert(session, "order_order", order)
        [[line_id]] = insert(session, "order_line", line)
        session.close()

        ask(connection, "INSERT INTO order_shippingeventtype (name, code) VALUES ('Packed', 'packed')")
        session = connect("fulfilment")
        event = {"order_id": line["order_id"], "event_type_id": 1, "notes": "", "date_created": "now"}
        [[event_id]] = insert(session, "order_shippingevent", event)
        insert(session, "order_shippingeventquantity", {"event_id": event_id, "line_id": line_id, "quantity": 1})
        ask(
            session,
            """INSERT INTO order_orderstatuschange (order_id, old_status, new_status, date_created)
               VALUES (%s, 'M-1', 'Packed', now())""",
            line["order_id"],
        )
        ask(session, "UPDATE order_order SET status = 'Packed' WHERE number = 'M-1'")
        ask(session, "UPDATE order_shippingevent SET notes = 'fragile' WHERE id = %s", event_id)
        session.close()
        [[status]] = ask(connect("reporter"), "SELECT status FROM order_order WHERE number = 'M-1'")
        self.assertEqual(status, "Packed")

        for role, statement in DENIED:
            with self.subTest(statement):
                self.assertTrue(denied(role, statement))
        # The ids come from identity columns, which need no privilege on their sequences; Oscar has no `serial`.
        sequences = """SELECT s.oid::regclass FROM pg_class s, unnest(%s) AS role
                        WHERE s.relkind = 'S' AND s.relnamespace = 'public'::regnamespace
                          AND has_sequence_privilege(role, s.oid, 'USAGE, SELECT, UPDATE')"""
        self.assertEqual(ask(self.superuser, sequences, STAKEHOLDERS), [])

    def test_5_the_classic_mistakes(self):
        # An index of the shop's own, which `fulfilment` relies on from then on.
        migrate_shop("order", SHOP_INDEX, name=SHOP_INDEX_NAME)
        self.claims["fulfilment"]["order_order"]["indexed"].append(["status", "date_placed"])
        self.evolve("fulfilment")
        for mistake in MISTAKES:
            with self.subTest(mistake.name):
                run = migrate_shop, mistake.app, mistake.operation
                self.refused_clean(mistake.violations, *run, atomic=mistake.atomic)
                self.all_met()

    def test_6_what_breaks_nothing_passes(self):
        for passing in PASSES:
            with self.subTest(passing.name):
                before = trace()
                migrate_shop("order", *passing.operations, atomic=passing.atomic)
                self.all_met()
                self.assertNotEqual(trace(), before)
                migrate_shop("order", *passing.operations, atomic=passing.atomic, back=True)
                self.all_met()
                self.assertEqual(trace(), before)
        migrate_shop(
            "order",
            # In the database the second has a default, so that `fulfilment` can still insert.
            AddField("order", "gift", models.BooleanField(null=True)),
            AddField("shippingevent", "carrier", models.CharField(max_length=20, db_default="")),
            AlterField("order", "number", models.CharField(max_length=200, unique=True)),
        )
        self.all_met()
        self.assertIn(("order_order", "gift"), readable("reporter"))

    def test_7_claims_from_the_shops_own_sql(self):
        stock_the_shop(visits=3)
        texts = recorded(0)
        inferred = self.infer(texts.sent)
        self.assertEqual(inferred["unresolved"], [])
        # The values in the texts say nothing that parameters in their place do not.
        self.assertEqual(self.infer(texts.numbered), inferred)
        document = inferred["document"]
        fields = [match["fields"] for match in document["match"]]
        written = [each for each in fields if any(isinstance(one, dict) for one in each)]
        self.assertIn(f"they are {len(texts.numbered)} different texts", ACCOUNT)
        extent = f"{len(fields)} tables, with {sum(map(len, fields))} columns; {len(written)} tables can be written"
        self.assertIn(extent, ACCOUNT)
        ask(self.superuser, "SELECT integratedb.create_stakeholder('shopfront')")
        # Django reads every column of a user, so Oscar's dashboard reads the hash of the password.
        ask(self.superuser, "SELECT integratedb.protect('public.auth_user', '{password}')")
        with self.assertRaises(psycopg2.errors.InsufficientPrivilege) as caught:
            self.claim_inferred(document)
        self.assertIn('column "password" of public.auth_user is protected', caught.exception.diag.message_detail)
        match_of(document, "auth_user")["acknowledge_protected"] = True
        self.claim_inferred(document)

        # The same code as the stakeholder's role, for a customer and a product that nobody has seen yet.
        with acting_as("shopfront"):
            self.assertEqual(ask(connection, "SELECT current_user"), [("shopfront",)])
            numbers = visit(1)
        placed = "SELECT number FROM order_order WHERE status = 'Shipped' AND number = ANY (%s)"
        self.assertEqual(len(ask(connection, placed, numbers)), 2)

        # Nothing of it is too much: without any one privilege the code fails, or the claim itself is refused.
        outcomes = Counter()
        for relation, column, privilege, less in without_one_privilege(document):
            with self.subTest(f"without {privilege} ({column}) on {relation}"):
                try:
                    self.claim_inferred(less)
                except psycopg2.errors.DatatypeMismatch as error:
                    self.assertIn("must be supplied by an INSERT", error.diag.message_detail)
                    outcomes["refused"] += 1
                    continue
                with acting_as("shopfront"), self.assertRaises(ProgrammingError) as caught, transaction.atomic():
                    visit(2)
                self.assertEqual(caught.exception.__cause__.pgcode, "42501")
                self.assertIn(f"permission denied for table {relation}", str(caught.exception))
                outcomes["failed"] += 1
        self.assertIn(f"{outcomes['failed']} times the code fails", ACCOUNT)
        self.assertIn(f"{outcomes['refused']} times the claim is refused", ACCOUNT)
        self.claim_inferred(document)
        self.all_met()
        # The code's columns stay from now on.
        self.refused_clean(
            each("archive shopfront", without, "customer_productalert", "key", "character varying(128) NOT NULL"),
            *[migrate_shop, "customer", RemoveField("productalert", "key")],
        )

    def infer(self, texts):
        [[inferred]] = ask(self.superuser, "SELECT integratedb.infer_claims(%s)", sorted(texts))
        return inferred

    def claim_inferred(self, document):
        ask(self.superuser, "SELECT integratedb.claim('shopfront', %s::jsonb)", psycopg2.extras.Json(document))

    def test_8_all_was_foreseen(self):
        FORESIGHT.conclude(self, ACCOUNT)

    def test_9_stakeholders_go(self):
        for stakeholder in [*STAKEHOLDERS, "shopfront"]:
            ask(self.superuser, "SELECT integratedb.drop_stakeholder(%s)", stakeholder)
        self.assertEqual(ask(self.superuser, "SELECT FROM pg_roles WHERE rolname = ANY (%s)", STAKEHOLDERS), [])


def add_history():
    for number, broken in enumerate(BREAKS, 1):
        name = f"test_3_{number:02}_{broken.app}_{broken.migration}"
        setattr(Oscar, name, lambda self, broken=broken: self.refuse_and_evolve(broken))


add_history()

if __name__ == "__main__":
    # Each test goes on where the one before has ended.
    began = time.monotonic()
    result = unittest.main(failfast=True, verbosity=2, exit=False, warnings="ignore").result
    outcome = "OK" if result.wasSuccessful() else "FAILED"
    print(FORESIGHT)
    print(f"Ran {result.testsRun} tests in {time.monotonic() - began:.0f} s ... {outcome}")
    sys.exit(not result.wasSuccessful())
