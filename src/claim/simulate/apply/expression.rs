//! Expressions about one relation: of a CHECK, a DEFAULT, an index, a generated column.
