"""The shop is only migrated, never visited."""

urlpatterns = []
