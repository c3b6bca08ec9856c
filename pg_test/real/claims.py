"""What the stakeholders claim, and which of Oscar's own migrations break it."""

from dataclasses import dataclass, field

from violations import nullable, retyped, table_gone, without

EMAIL = ["id", "subject", "date_sent"]

# `reporter` names what it reads. One match a path, so that a match can be replaced.
REPORTER = {
    "order_order": {"path": "public.order_order", "fields": ["*"]},
    "order_line": {
        "path": "public.order_line",
        "fields": ["id", "order_id", "title", "quantity", "unit_retail_price", "est_dispatch_date"],
    },
    "customer_productalert": {
        "path": "public.customer_productalert",
        "fields": ["id", {"name": "email", "type": "varchar(254)", "min_length": 254}, "date_created"],
    },
    "customer_email": {"path": "public.customer_email", "fields": EMAIL},
    "partner_stockrecord": {"path": "public.partner_stockrecord", "fields": ["id", "product_id", "price_excl_tax"]},
}
# `archive` copies everything.
EVERYTHING = [{"path": "public.*", "fields": ["*"]}]


@dataclass
class Break:
    """A migration that breaks claims, the error's detail line by line, and what is claimed then, so that it passes.

    `archive` lets go of everything unless something else is given, and claims everything again afterwards.
    """

    app: str
    migration: str
    violations: list
    archive: list = field(default_factory=list)
    reporter: dict = field(default_factory=dict)


BREAKS = [
    # num_orders becomes num_orders_as_shipping_address.
    Break(
        "address",
        "0002_auto_20150927_1547",
        [without("archive", "address_useraddress", "num_orders", "integer NOT NULL")],
    ),
    Break(
        "contenttypes",
        "0002_remove_content_type_name",
        [without("archive", "django_content_type", "name", "character varying(100) NOT NULL")],
    ),
    Break("auth", "0005_alter_user_last_login_null", [nullable("archive", "auth_user", "last_login")]),
    Break(
        "basket",
        "0011_json_basket_option",
        [retyped("archive", "basket_lineattribute", "value", "character varying(255)", "jsonb")],
    ),
    # Three tables move from `customer` to `communication`, without a transaction: the first is the one refused.
    Break(
        "communication",
        "0002_reset_table_names",
        [
            table_gone(
                "archive",
                "customer_communicationeventtype",
                "ALTER TABLE public.communication_communicationeventtype",
            )
        ],
        archive=[{"path": "public.*", "fields": ["*"], "optional": True}],
        reporter={
            "customer_email": {
                "alternatives": [
                    {"path": "public.customer_email", "fields": EMAIL},
                    {"path": "public.communication_email", "fields": EMAIL},
                ]
            }
        },
    ),
    Break(
        "communication",
        "0003_remove_notification_category_make_code_uppercase",
        [without("archive", "communication_notification", "category", "character varying(255) NOT NULL")],
    ),
    Break(
        "order",
        "0010_auto_20200724_0909",
        [
            without("archive", "order_line", "est_dispatch_date", "date"),
            without("archive", "order_line", "unit_cost_price", "numeric(12,2)"),
            without("archive", "order_line", "unit_retail_price", "numeric(12,2)"),
            without("reporter", "order_line", "est_dispatch_date", "date"),
            without("reporter", "order_line", "unit_retail_price", "numeric(12,2)"),
        ],
        reporter={
            "order_line": {
                "path": "public.order_line",
                "fields": [
                    *["id", "order_id", "title", "quantity"],
                    {"alternatives": ["unit_retail_price", "unit_price_incl_tax"]},
                    {"name": "est_dispatch_date", "optional": True},
                ],
            }
        },
    ),
    Break(
        "order",
        "0013_json_option_value",
        [retyped("archive", "order_lineattribute", "value", "character varying(255)", "jsonb")],
    ),
    # price_excl_tax becomes price.
    Break(
        "partner",
        "0006_auto_20200724_0909",
        [
            without("archive", "partner_stockrecord", "cost_price", "numeric(12,2)"),
            without("archive", "partner_stockrecord", "price_excl_tax", "numeric(12,2)"),
            without("archive", "partner_stockrecord", "price_retail", "numeric(12,2)"),
            without("reporter", "partner_stockrecord", "price_excl_tax", "numeric(12,2)"),
        ],
        reporter={
            "partner_stockrecord": {
                "path": "public.partner_stockrecord",
                "fields": ["id", "product_id", {"alternatives": ["price_excl_tax", "price"]}],
            }
        },
    ),
    # Tables that the same `migrate` made: `archive` holds them as soon as they are committed.
    Break(
        "voucher",
        "0002_auto_20170418_2132",
        [
            retyped("archive", "voucher_voucher", "date_created", "date", "timestamp with time zone"),
            retyped("archive", "voucher_voucherapplication", "date_created", "date", "timestamp with time zone"),
        ],
    ),
    Break(
        "voucher",
        "0010_auto_20210224_0712",
        [without("archive", "voucher_voucherset", "offer_id", "bigint")],
    ),
]
# communication.0002 again, when only `reporter` still holds on to a table, the second one.
HALF_APPLIED = [table_gone("reporter", "customer_email", "ALTER TABLE public.communication_email")]
