"""Oscar's own migrations come first."""

from oscar.apps.customer import migrations

__path__ += migrations.__path__
