"""Oscar's own migrations come first."""

from oscar.apps.order import migrations

__path__ += migrations.__path__
