"""The shop's own migration: one mistake at a time."""

from django.db import migrations


class Migration(migrations.Migration):
    dependencies = [("customer", "0008_assign_permissions_to_staff")]
    operations = []
