# shellcheck shell=bash
# pg_dump --clean into the database that has the claims. Sourced by run.

pg_dump -d "$SOURCE" --clean --if-exists >"$OUT/clean.sql"
same_again() {
    new_copy
    sql -d "$COPY" -f "$OUT/plain.sql" >/dev/null
}

# As it comes, the first DROP of what is claimed is refused, and the database is as before.
same_again
! sql -d "$COPY" -f "$OUT/clean.sql" >/dev/null 2>"$OUT/clean.log" || fail '--clean is refused over claims'
grep -q 'would break' "$OUT/clean.log" || fail '--clean is refused over claims' "$(cat "$OUT/clean.log")"
pass '--clean is refused over claims'

# First way: one transaction, which ends with everything as claimed.
same_again
sql -1 -d "$COPY" -f "$OUT/clean.sql" >/dev/null 2>"$OUT/clean.log" || fail '--clean in a single transaction' "$(cat "$OUT/clean.log")"
equal '--clean in a single transaction' "$COPY"
enforced '--clean in a single transaction' "$COPY"

# Second way: without the event triggers' judgement.
same_again
PGOPTIONS="$PGOPTIONS -c integratedb.enforcement=off" sql -d "$COPY" -f "$OUT/clean.sql" >/dev/null 2>"$OUT/clean.log" ||
    fail '--clean with enforcement off' "$(cat "$OUT/clean.log")"
equal '--clean with enforcement off' "$COPY"
enforced '--clean with enforcement off' "$COPY"
readable '--clean with enforcement off' "$COPY"

# Third way: without the extension, which the dump brings back.
same_again
sql -d "$COPY" -c 'DROP EXTENSION integratedb'
sql -d "$COPY" -f "$OUT/clean.sql" >/dev/null 2>"$OUT/clean.log" || fail '--clean after DROP EXTENSION' "$(cat "$OUT/clean.log")"
equal '--clean after DROP EXTENSION' "$COPY"
enforced '--clean after DROP EXTENSION' "$COPY"
readable '--clean after DROP EXTENSION' "$COPY"
