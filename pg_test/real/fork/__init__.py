"""Oscar's apps as a shop forks them: Oscar's own migrations, and one of the shop's on top.

Switched on by Django's setting MIGRATION_MODULES; the test fills in the operations.
"""
