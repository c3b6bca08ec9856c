"""Lines of an error's detail."""


def violation(stakeholder, what, expected, found, rule, statement):
    return f"{stakeholder}: public.{what}: expected {expected}, found {found} ({rule}) after {statement}"


def without(stakeholder, relation, column, shape):
    """The column is dropped or renamed."""
    what = f"{relation} column {column}"
    return violation(stakeholder, what, shape, "no such column", "column-exists", f"ALTER TABLE public.{relation}")


def retyped(stakeholder, relation, column, expected, found):
    what = f"{relation} column {column}"
    return violation(stakeholder, what, expected, found, "column-type", f"ALTER TABLE public.{relation}")


def nullable(stakeholder, relation, column):
    what = f"{relation} column {column}"
    return violation(stakeholder, what, "NOT NULL", "nullable", "not-null", f"ALTER TABLE public.{relation}")


def table_gone(stakeholder, relation, statement="ALTER TABLE"):
    """The table is dropped or renamed."""
    expected = "a table or view of this name"
    statement = f"{statement} public.{relation}"
    return violation(stakeholder, relation, expected, "no such relation", "relation-exists", statement)


def revoked(stakeholder, relation):
    return violation(stakeholder, relation, "SELECT", "privilege missing", "access", f"REVOKE public.{relation}")


def rows_hidden(stakeholder, relation):
    found = "row level security applies to the stakeholder"
    return violation(stakeholder, relation, "all rows visible", found, "row-security", f"ALTER TABLE public.{relation}")
