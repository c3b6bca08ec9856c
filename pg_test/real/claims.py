"""What the stakeholders claim, and which of Oscar's own migrations break it."""

from dataclasses import dataclass, field

from violations import nullable, retyped, supplied, table_gone, unkeyed, unreferenced, without

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


def references(column, relation):
    """A foreign key to the primary key of another table."""
    return {"fields": [column], "path": f"public.{relation}", "to": ["id"]}


# `fulfilment` sends what was ordered: it looks orders up by their number, relies on every line having an order, and
# writes down what it does. The id of what it inserts comes from an identity column.
ID = {"name": "id", "insert": False}
NOTICE = {
    "path": "public.order_communicationevent",
    "fields": [ID, "order_id", "event_type_id", "date_created"],
    "privileges": ["select", "insert"],
}
FULFILMENT = {
    "order_order": {
        "path": "public.order_order",
        "fields": ["id", "number", {"name": "status", "update": True}, "date_placed"],
        "keys": [["id"], ["number"]],
        "indexed": [["date_placed"]],
    },
    "order_line": {
        "path": "public.order_line",
        "fields": ["id", "order_id", "stockrecord_id", "partner_sku", "quantity"],
        "keys": [["id"]],
        "references": [references("order_id", "order_order"), references("stockrecord_id", "partner_stockrecord")],
        "indexed": [["order_id"]],
    },
    "basket_line": {
        "path": "public.basket_line",
        "fields": ["basket_id", "line_reference", "quantity"],
        "keys": [["line_reference", "basket_id"]],
        "references": [references("basket_id", "basket_basket")],
    },
    "partner_stockrecord": {
        "path": "public.partner_stockrecord",
        "fields": ["id", "partner_id", "partner_sku", {"name": "num_in_stock", "update": True}],
        "keys": [["partner_id", "partner_sku"]],
    },
    "order_shippingevent": {
        "path": "public.order_shippingevent",
        "fields": [ID, "order_id", "event_type_id", {"name": "notes", "update": True}, "date_created"],
        "references": [references("order_id", "order_order"), references("event_type_id", "order_shippingeventtype")],
        "indexed": [["order_id"]],
        "privileges": ["select", "insert"],
    },
    "order_shippingeventquantity": {
        "path": "public.order_shippingeventquantity",
        "fields": [ID, "event_id", "line_id", "quantity"],
        "keys": [["event_id", "line_id"]],
        "references": [references("event_id", "order_shippingevent"), references("line_id", "order_line")],
        "privileges": ["select", "insert"],
    },
    "order_orderstatuschange": {
        "path": "public.order_orderstatuschange",
        "fields": ["order_id", "old_status", "new_status", "date_created"],
        "privileges": ["insert"],
    },
    "order_communicationevent": {
        **NOTICE,
        "references": [references("event_type_id", "customer_communicationeventtype")],
    },
}

# `marketplace` brings orders from elsewhere: it names what it writes. It waits for offers, which are still to come.
ORDER = [
    *["number", "currency", "total_incl_tax", "total_excl_tax", "shipping_incl_tax", "shipping_excl_tax"],
    *["shipping_method", "shipping_code", "status", "guest_email", "date_placed"],
]
LINE = [
    *["order_id", "title", "quantity", "unit_price_incl_tax", "line_price_incl_tax", "line_price_excl_tax"],
    *["line_price_before_discounts_incl_tax", "line_price_before_discounts_excl_tax", "partner_name", "partner_sku"],
    *["partner_line_reference", "partner_line_notes", "status"],
]
BENEFIT = {"path": "public.offer_benefit", "fields": ["id", "proxy_class"], "pending": True}


def imported(relation, columns, *optional):
    """A table that is written to, and whose further columns are written as soon as they are there."""
    return {
        "path": f"public.{relation}",
        "fields": [ID, *columns, *({"name": column, "optional": True} for column in optional)],
        "privileges": ["select", "insert"],
    }


MARKETPLACE = {
    "order_order": imported("order_order", ORDER),
    "order_line": imported("order_line", LINE),
    "offer_benefit": {**BENEFIT, "keys": [["proxy_class"]]},
}

CLAIMS = {"reporter": REPORTER, "fulfilment": FULFILMENT, "marketplace": MARKETPLACE}
# `archive` copies everything.
EVERYTHING = [{"path": "public.*", "fields": ["*"]}]


@dataclass
class Break:
    """A migration that breaks claims, the error's detail line by line, what is claimed then, so that it passes, and
    what is claimed when it has passed.

    `archive` lets go of everything unless something else is given, and claims everything again afterwards.
    """

    app: str
    migration: str
    violations: list
    archive: list = field(default_factory=list)
    claims: dict = field(default_factory=dict)
    afterwards: dict = field(default_factory=dict)


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
            ),
            unreferenced(
                *["fulfilment", "order_communicationevent", "event_type_id", "customer_communicationeventtype"],
                "ALTER TABLE public.communication_communicationeventtype",
            ),
        ],
        archive=[{"path": "public.*", "fields": ["*"], "optional": True}],
        claims={
            # A path has one set of references: the key is given up, and claimed again when it leads to the new name.
            "fulfilment": {"order_communicationevent": NOTICE},
            "reporter": {
                "customer_email": {
                    "alternatives": [
                        {"path": "public.customer_email", "fields": EMAIL},
                        {"path": "public.communication_email", "fields": EMAIL},
                    ]
                }
            },
        },
        afterwards={
            "fulfilment": {
                "order_communicationevent": {
                    **NOTICE,
                    "references": [references("event_type_id", "communication_communicationeventtype")],
                }
            }
        },
    ),
    Break(
        "communication",
        "0003_remove_notification_category_make_code_uppercase",
        [without("archive", "communication_notification", "category", "character varying(255) NOT NULL")],
    ),
    # A table that the same `migrate` made: the claim waited for it, and was met as soon as it was committed.
    Break(
        "offer",
        "0002_auto_20151210_1053",
        [unkeyed("marketplace", "offer_benefit", "proxy_class")],
        claims={"marketplace": {"offer_benefit": BENEFIT}},
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
        claims={
            "reporter": {
                "order_line": {
                    "path": "public.order_line",
                    "fields": [
                        *["id", "order_id", "title", "quantity"],
                        {"alternatives": ["unit_retail_price", "unit_price_incl_tax"]},
                        {"name": "est_dispatch_date", "optional": True},
                    ],
                }
            },
        },
    ),
    Break(
        "order",
        "0013_json_option_value",
        [retyped("archive", "order_lineattribute", "value", "character varying(255)", "jsonb")],
    ),
    # Django drops the default of a new column at once: who inserts has to supply it.
    Break(
        "order",
        "0016_line_allocation_cancelled_line_num_allocated",
        [supplied("marketplace", "order_line", "allocation_cancelled", "boolean")],
        claims={"marketplace": {"order_line": imported("order_line", LINE, "allocation_cancelled")}},
    ),
    Break(
        "order",
        "0018_alter_line_num_allocated",
        [supplied("marketplace", "order_line", "num_allocated", "integer")],
        claims={"marketplace": {"order_line": imported("order_line", LINE, "allocation_cancelled", "num_allocated")}},
    ),
    Break(
        "order",
        "0019_order_analytics_tracked",
        [supplied("marketplace", "order_order", "analytics_tracked", "boolean")],
        claims={"marketplace": {"order_order": imported("order_order", ORDER, "analytics_tracked")}},
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
        claims={
            "reporter": {
                "partner_stockrecord": {
                    "path": "public.partner_stockrecord",
                    "fields": ["id", "product_id", {"alternatives": ["price_excl_tax", "price"]}],
                }
            },
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
