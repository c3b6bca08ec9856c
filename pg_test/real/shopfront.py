"""What Oscar's own code sends to the server while a customer orders and the staff looks at the orders."""

import copy
import re
from decimal import Decimal

from django.contrib.auth import get_user_model
from django.contrib.contenttypes.models import ContentType
from django.contrib.sites.models import Site
from django.db import connection
from django.http import HttpResponse
from django.test import RequestFactory
from oscar.apps.basket.middleware import BasketMiddleware
from oscar.apps.dashboard.orders.views import OrderDetailView, OrderListView, OrderStatsView
from oscar.apps.offer.applicator import Applicator
from oscar.apps.order.processing import EventHandler
from oscar.apps.order.utils import OrderCreator
from oscar.apps.shipping.methods import Free
from oscar.core.loading import get_class, get_model
from oscar.test import factories

Basket = get_model("basket", "Basket")
Country = get_model("address", "Country")
Order = get_model("order", "Order")
OrderTotalCalculator = get_class("checkout.calculators", "OrderTotalCalculator")
Product = get_model("catalogue", "Product")
ShippingAddress = get_model("order", "ShippingAddress")
ShippingEventType = get_model("order", "ShippingEventType")

PRIVILEGES = ("select", "insert", "update")


def stock_the_shop(visits):
    """What the shop's owner sells, and to whom: an offer, one of the staff, and a pen and a customer for each visit."""
    users = get_user_model().objects
    users.create_user("grace", "grace@example.org", "secret", is_staff=True)
    Country.objects.create(iso_3166_1_a2="GB", name="United Kingdom", printable_name="United Kingdom")
    ShippingEventType.objects.create(name="Dispatched")
    factories.create_offer(name="A fifth off")
    for number in range(visits):
        users.create_user(f"customer{number}", f"{number}@example.org", "secret", first_name="Ada")
        factories.create_product(
            title="A pen", upc=f"pen-{number}", price=Decimal("10.00"), partner_name="P", num_in_stock=1000
        )


def visit(number):
    """A new customer orders twice; the staff finds the orders, looks at them and ships them. Returns their numbers."""
    return [order_and_ship(f"customer{number}", f"pen-{number}") for _ in ("first", "second")]


def order_and_ship(customer, upc):
    # As in a process that has just begun.
    Site.objects.clear_cache()
    ContentType.objects.clear_cache()
    request = RequestFactory().get("/", {"upc": upc})
    request.user = get_user_model().objects.get(username=customer)
    number = BasketMiddleware(buy)(request).content.decode()

    staff = get_user_model().objects.get(username="grace")
    for search in ({}, {"name": "Ada"}, {"product_title": "A p", "upc": upc, "date_from": "2020-01-01"}):
        assert number in [order.number for order in look(OrderListView, staff, **search).context_data["orders"]]
    assert number in look(OrderListView, staff, response_format="csv").content.decode()
    statistics = look(OrderStatsView, staff).context_data
    assert statistics["total_orders"] and list(statistics["order_status_breakdown"])
    shown = look(OrderDetailView, staff, number).context_data
    lines = list(shown["lines"])
    handler = EventHandler(user=staff)
    dispatched = ShippingEventType.objects.get(name="Dispatched")
    handler.handle_shipping_event(shown["order"], dispatched, lines, [line.quantity for line in lines])
    handler.consume_stock_allocations(shown["order"])
    handler.handle_order_status_change(shown["order"], "Shipped", note_msg="by post")
    return number


def buy(request):
    """The customer puts two pens into the basket, then one more, and orders. Answers with the order's number."""
    basket = request.basket
    product = Product.objects.browsable().base_queryset().get(upc=request.GET["upc"])
    basket.add_product(product, quantity=2)
    basket.add_product(product, quantity=1)
    Applicator().apply(basket, request.user, request)
    shipping = Free()
    charge = shipping.calculate(basket)
    address = ShippingAddress.objects.create(
        first_name="Ada", last_name="L", line1="1 Road", line4="London", country=Country.objects.get(pk="GB")
    )
    order = OrderCreator().place_order(
        basket=basket,
        total=OrderTotalCalculator(request).calculate(basket, charge),
        shipping_method=shipping,
        shipping_charge=charge,
        user=request.user,
        shipping_address=address,
        request=request,
    )
    basket.submit()
    return HttpResponse(order.number)


def look(view, staff, *number, **parameters):
    """What the dashboard's view answers."""
    request = RequestFactory().get("/", parameters)
    request.user = staff
    response = view.as_view()(request, **dict(zip(["number"], number)))
    assert response.status_code == 200
    return response


def numbered(sql):
    """Django's text with its %s, which stand for the parameters in order, as $1, $2 and so on."""
    count = iter(range(1, sql.count("%s") + 1))
    return re.sub("%[s%]", lambda found: "%" if found[0] == "%%" else f"${next(count)}", sql)


class Recorder:
    """Keeps what Django sends: `sent` is each text as psycopg2 sent it to the server, with the values in it;
    `numbered` is the same with parameters in their place."""

    def __init__(self):
        self.sent, self.numbered = set(), set()

    def __call__(self, execute, sql, parameters, many, context):
        assert not many, sql
        result = execute(sql, parameters, many, context)
        self.sent.add(context["cursor"].cursor.query.decode())
        self.numbered.add(sql if parameters is None else numbered(sql))
        return result


def recorded(number):
    """The texts of one visit."""
    recorder = Recorder()
    with connection.execute_wrapper(recorder):
        visit(number)
    return recorder


def match_of(document, relation):
    """The match of an inferred document that is on the relation."""
    [match] = [match for match in document["match"] if match["path"] == f"public.{relation}"]
    return match


def without_one_privilege(document):
    """For each privilege of an inferred document its relation, its column and name, and the document without it."""
    for match in document["match"]:
        relation = match["path"].removeprefix("public.")
        for position, field in enumerate(match["fields"]):
            field = field if isinstance(field, dict) else {"name": field}
            held = {privilege for privilege in PRIVILEGES if field.get(privilege, privilege == "select")}
            for privilege in sorted(held):
                less = copy.deepcopy(document)
                kept = {each: each in held - {privilege} for each in PRIVILEGES}
                match_of(less, relation)["fields"][position] = {"name": field["name"], **kept}
                yield relation, field["name"], privilege, less
