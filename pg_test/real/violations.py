"""Lines of an error's detail, and the message that counts them."""


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


def table_gone(stakeholder, relation, statement):
    """The table is dropped or renamed; the statement that renamed it is known by the new name."""
    expected = "a table or view of this name"
    return violation(stakeholder, relation, expected, "no such relation", "relation-exists", statement)


def unkeyed(stakeholder, relation, columns, statement=None):
    found = "no valid unique index on exactly these columns"
    statement = statement or f"ALTER TABLE public.{relation}"
    return violation(stakeholder, relation, f"a key ({columns})", found, "unique-key", statement)


def unreferenced(stakeholder, relation, column, referenced, statement=None, to="id"):
    expected = f"({column}) REFERENCES public.{referenced} ({to})"
    statement = statement or f"ALTER TABLE public.{relation}"
    return violation(stakeholder, relation, expected, "no such validated foreign key", "foreign-key", statement)


def unindexed(stakeholder, relation, columns, statement):
    found = "no valid index led by these columns"
    return violation(stakeholder, relation, f"an index on ({columns})", found, "index", statement)


def supplied(stakeholder, relation, column, type):
    """The column has to be supplied by an INSERT that does not know it."""
    expected, found = "a column that an INSERT can leave out", f"{type} NOT NULL without default"
    what = f"{relation} column {column}"
    return violation(stakeholder, what, expected, found, "insert-column", f"ALTER TABLE public.{relation}")


def revoked(stakeholder, what, privilege="SELECT"):
    relation = what.split()[0]
    return violation(stakeholder, what, privilege, "privilege missing", "access", f"REVOKE public.{relation}")


def rows_hidden(stakeholder, relation):
    found = "row level security applies to the stakeholder"
    return violation(stakeholder, relation, "all rows visible", found, "row-security", f"ALTER TABLE public.{relation}")


def message(lines):
    """One claim is one path of one stakeholder."""
    claims = {tuple(part.rstrip(":") for part in line.split()[:2]) for line in lines}
    stakeholders = {stakeholder for stakeholder, _ in claims}
    return f"this would break {count(len(claims), 'claim')} of {count(len(stakeholders), 'stakeholder')}"


def count(number, noun):
    return f"{number} {noun}" + ("s" if number > 1 else "")
