"""The shop's own migration: an index."""

from django.db import migrations


class Migration(migrations.Migration):
    dependencies = [("order", "0021_billingaddress_code_shippingaddress_code")]
    operations = []
