"""The shop's own migration: one mistake at a time."""

from django.db import migrations


class Migration(migrations.Migration):
    dependencies = [("order", "0022_index")]
    operations = []
