"""The classic mistakes, as a shop's own migrations on top of Oscar's."""

from dataclasses import dataclass

from django.db.migrations import AlterField, AlterModelTable, DeleteModel, RemoveField, RenameField, RenameModel, RunSQL
from django.db.migrations.operations.base import Operation
from django.db.models import CharField

from violations import nullable, retyped, revoked, rows_hidden, table_gone, without


@dataclass
class Mistake:
    """One migration, and the lines of the error's detail that it meets."""

    name: str
    app: str
    operation: Operation
    violations: list
    atomic: bool = True


def both(line, *arguments, **options):
    """The same for both stakeholders."""
    return [line(stakeholder, *arguments, **options) for stakeholder in ("archive", "reporter")]


NO_TITLE = both(without, "order_line", "title", "character varying(255) NOT NULL")

MISTAKES = [
    Mistake(
        "drop a column",
        "order",
        RemoveField("order", "guest_email"),
        both(without, "order_order", "guest_email", "character varying(254) NOT NULL"),
    ),
    Mistake("rename a column", "order", RenameField("line", "title", "heading"), NO_TITLE),
    Mistake(
        "change a type",
        "order",
        AlterField("line", "quantity", CharField(max_length=20)),
        both(retyped, "order_line", "quantity", "integer", "character varying(20)"),
    ),
    Mistake(
        "narrow a column",
        "order",
        AlterField("order", "shipping_method", CharField(max_length=64)),
        both(retyped, "order_order", "shipping_method", "character varying(128)", "character varying(64)"),
    ),
    Mistake(
        "allow nulls",
        "order",
        AlterField("order", "currency", CharField(max_length=12, null=True)),
        both(nullable, "order_order", "currency"),
    ),
    Mistake(
        "delete a model",
        "customer",
        DeleteModel("productalert"),
        both(table_gone, "customer_productalert", "DROP TABLE public.customer_productalert"),
    ),
    Mistake(
        "rename a table",
        "order",
        AlterModelTable("order", "shop_order"),
        both(table_gone, "order_order", "ALTER TABLE public.shop_order"),
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
        both(table_gone, "order_line", "DROP TABLE public.order_line"),
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
        both(rows_hidden, "order_order"),
    ),
]
