"""The classic mistakes, as a shop's own migrations on top of Oscar's."""

from dataclasses import dataclass

from django.contrib.postgres.operations import AddIndexConcurrently, RemoveIndexConcurrently
from django.db.migrations import (
    AddConstraint,
    AddField,
    AddIndex,
    AlterField,
    AlterModelTable,
    AlterUniqueTogether,
    DeleteModel,
    RemoveField,
    RemoveIndex,
    RenameField,
    RenameModel,
    RunSQL,
)
from django.db.migrations.operations.base import Operation
from django.db.models import CASCADE, CharField, DateTimeField, ForeignKey, Index, UniqueConstraint

from violations import (
    nullable,
    retyped,
    revoked,
    rows_hidden,
    supplied,
    table_gone,
    unindexed,
    unkeyed,
    unreferenced,
    without,
)


@dataclass
class Mistake:
    """One migration, and the lines of the error's detail that it meets."""

    name: str
    app: str
    operation: Operation
    violations: list
    atomic: bool = True


def each(stakeholders, line, *arguments, **options):
    """The same for each of the stakeholders."""
    return [line(stakeholder, *arguments, **options) for stakeholder in stakeholders.split()]


ALL = "archive fulfilment marketplace reporter"
NO_TITLE = each("archive marketplace reporter", without, "order_line", "title", "character varying(255) NOT NULL")

# The shop's own index, which is there before the mistakes.
SHOP_INDEX = AddIndex("order", Index(fields=["status", "date_placed"], name="shop_order_status"))
# Oscar's own name for the foreign key from a line to its order.
TO_ORDER = "order_line_order_id_b9148391_fk_order_order_id"
NO_TO_ORDER = [unreferenced("fulfilment", "order_line", "order_id", "order_order")]
NO_SHOP_INDEX = [unindexed("fulfilment", "order_order", "status, date_placed", "DROP INDEX public.shop_order_status")]

MISTAKES = [
    Mistake(
        "drop a column",
        "order",
        RemoveField("order", "guest_email"),
        each("archive marketplace reporter", without, "order_order", "guest_email", "character varying(254) NOT NULL"),
    ),
    Mistake(
        "rename a column",
        "order",
        RenameField("line", "title", "heading"),
        [*NO_TITLE, supplied("marketplace", "order_line", "heading", "character varying(255)")],
    ),
    Mistake(
        "change a type",
        "order",
        AlterField("line", "quantity", CharField(max_length=20)),
        each(ALL, retyped, "order_line", "quantity", "integer", "character varying(20)"),
    ),
    Mistake(
        "narrow a column",
        "order",
        AlterField("order", "shipping_method", CharField(max_length=64)),
        each(
            "archive marketplace reporter",
            *[retyped, "order_order", "shipping_method", "character varying(128)", "character varying(64)"],
        ),
    ),
    Mistake(
        "allow nulls",
        "order",
        AlterField("order", "currency", CharField(max_length=12, null=True)),
        each("archive marketplace reporter", nullable, "order_order", "currency"),
    ),
    Mistake(
        "delete a model",
        "customer",
        DeleteModel("productalert"),
        each("archive reporter", table_gone, "customer_productalert", "DROP TABLE public.customer_productalert"),
    ),
    Mistake(
        "rename a table",
        "order",
        AlterModelTable("order", "shop_order"),
        [
            *each(ALL, table_gone, "order_order", "ALTER TABLE public.shop_order"),
            unreferenced("fulfilment", "order_line", "order_id", "order_order", "ALTER TABLE public.shop_order"),
            unreferenced(
                *["fulfilment", "order_shippingevent", "order_id", "order_order"], "ALTER TABLE public.shop_order"
            ),
        ],
    ),
    Mistake(
        "rename a model",
        "order",
        RenameModel("surcharge", "fee"),
        [table_gone("archive", "order_surcharge", "ALTER TABLE public.order_fee")],
    ),
    Mistake("drop a column in SQL", "order", RunSQL("ALTER TABLE order_line DROP COLUMN title"), NO_TITLE),
    Mistake(
        "drop a column in SQL, without a transaction",
        "order",
        RunSQL("ALTER TABLE order_line DROP COLUMN title"),
        NO_TITLE,
        atomic=False,
    ),
    Mistake(
        "drop a table in SQL",
        "order",
        RunSQL("DROP TABLE order_line CASCADE"),
        [
            *each(ALL, table_gone, "order_line", "DROP TABLE public.order_line"),
            unreferenced(
                *["fulfilment", "order_shippingeventquantity", "line_id", "order_line"], "DROP TABLE public.order_line"
            ),
        ],
    ),
    Mistake(
        "take access away",
        "order",
        RunSQL("REVOKE SELECT ON order_order FROM reporter"),
        [revoked("reporter", "order_order")],
    ),
    Mistake(
        "hide rows",
        "order",
        RunSQL("ALTER TABLE order_order ENABLE ROW LEVEL SECURITY"),
        each(ALL, rows_hidden, "order_order"),
    ),
    Mistake(
        "take away the uniqueness of a column",
        "order",
        AlterField("order", "number", CharField(max_length=128, db_index=True)),
        [unkeyed("fulfilment", "order_order", "number")],
    ),
    Mistake(
        "take away a key of two columns",
        "order",
        AlterUniqueTogether("shippingeventquantity", set()),
        [unkeyed("fulfilment", "order_shippingeventquantity", "event_id, line_id")],
    ),
    Mistake(
        "take away a primary key in SQL",
        "order",
        RunSQL("ALTER TABLE order_line DROP CONSTRAINT order_line_pkey CASCADE"),
        [
            unkeyed("fulfilment", "order_line", "id"),
            unreferenced(
                *["fulfilment", "order_shippingeventquantity", "line_id", "order_line"], "ALTER TABLE public.order_line"
            ),
        ],
    ),
    Mistake(
        "take away a foreign key",
        "order",
        AlterField("line", "order", ForeignKey("order.Order", CASCADE, related_name="lines", db_constraint=False)),
        NO_TO_ORDER,
    ),
    Mistake(
        "take away a foreign key in SQL",
        "order",
        RunSQL(f'ALTER TABLE order_line DROP CONSTRAINT "{TO_ORDER}"'),
        NO_TO_ORDER,
    ),
    Mistake(
        "make a foreign key again that nobody validates",
        "order",
        RunSQL(
            f'''ALTER TABLE order_line DROP CONSTRAINT "{TO_ORDER}";
                ALTER TABLE order_line ADD FOREIGN KEY (order_id) REFERENCES order_order NOT VALID'''
        ),
        NO_TO_ORDER,
    ),
    Mistake(
        "take away the index of a column",
        "order",
        AlterField("order", "date_placed", DateTimeField()),
        [unindexed("fulfilment", "order_order", "date_placed", "DROP INDEX public.order_order_date_placed_506a9365")],
    ),
    Mistake("take away an index", "order", RemoveIndex("order", "shop_order_status"), NO_SHOP_INDEX),
    Mistake(
        "take away an index concurrently",
        "order",
        RemoveIndexConcurrently("order", "shop_order_status"),
        NO_SHOP_INDEX,
        atomic=False,
    ),
    Mistake(
        "replace an index by a partial one",
        "order",
        RunSQL(
            """CREATE INDEX open_orders ON order_order (status, date_placed) WHERE status <> 'Shipped';
               DROP INDEX shop_order_status"""
        ),
        NO_SHOP_INDEX,
    ),
    Mistake(
        "add a column that every INSERT has to supply",
        "order",
        AddField("shippingevent", "carrier", CharField(max_length=20, default="")),
        [supplied("fulfilment", "order_shippingevent", "carrier", "character varying(20)")],
    ),
    Mistake(
        "take away an identity",
        "order",
        RunSQL("ALTER TABLE order_shippingevent ALTER COLUMN id DROP IDENTITY"),
        [supplied("fulfilment", "order_shippingevent", "id", "bigint")],
    ),
    Mistake(
        "take away the right to write",
        "order",
        RunSQL("REVOKE UPDATE (status) ON order_order FROM fulfilment"),
        [revoked("fulfilment", "order_order column status", "UPDATE")],
    ),
]


@dataclass
class Passing:
    """A migration that takes away the very thing that a claim names, and passes in both directions."""

    name: str
    operations: list
    atomic: bool = True


PASSES = [
    Passing(
        "another key on the same columns",
        [
            AddConstraint("shippingeventquantity", UniqueConstraint(fields=["event", "line"], name="shop_event_line")),
            AlterUniqueTogether("shippingeventquantity", set()),
        ],
    ),
    Passing(
        "another key, made after the old one was dropped",
        [
            AlterUniqueTogether("shippingeventquantity", set()),
            AddConstraint("shippingeventquantity", UniqueConstraint(fields=["line", "event"], name="shop_event_line")),
        ],
    ),
    Passing(
        "a longer index in the place of the old one, concurrently",
        [
            AddIndexConcurrently("order", Index(fields=["status", "date_placed", "number"], name="shop_longer")),
            RemoveIndexConcurrently("order", "shop_order_status"),
        ],
        atomic=False,
    ),
]
