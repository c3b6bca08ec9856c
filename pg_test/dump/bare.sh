# shellcheck shell=bash
# A cluster without the roles: shape is enforced, privileges follow when the role is there and sync() is called.
# Sourced by run.

(
    export CLUSTER_DATABASE=postgres
    "$CLUSTER" fresh dump-bare
)
# shellcheck disable=SC2016
bare=$("$CLUSTER" env dump-bare)
restore_bare() {
    eval "$bare"
    export PGOPTIONS='-c client_min_messages=warning'
    new_copy
    # As pg_dumpall would have it, a role that owns or is granted something is named: those commands fail, and only those.
    psql -X -q -d "$COPY" -f "$OUT/plain.sql" >/dev/null 2>"$OUT/bare.log" || true
    grep 'ERROR:' "$OUT/bare.log" | grep -Ev 'role "dump_[a-z]+" does not exist' >"$OUT/bare.errors" || true
    [ ! -s "$OUT/bare.errors" ] || fail 'without the roles nothing fails but what names them' "$(cat "$OUT/bare.errors")"
    pass 'without the roles nothing fails but what names them'
    sql -d "$COPY" -c 'CREATE TABLE billing.warned (id bigint)' 2>"$OUT/bare.warning"
    grep -q 'WARNING:.*dump_reporter' "$OUT/bare.warning" || fail 'a missing role is a WARNING' "$(cat "$OUT/bare.warning")"
    pass 'a missing role is a WARNING'
    same 'without the role: it is reported missing' 'dump_adopted missing,dump_audit missing,dump_reporter missing' "$COPY" \
        "SELECT string_agg(stakeholder || ' ' || role_status, ',' ORDER BY stakeholder) FROM integratedb.stakeholders"
    PGOPTIONS='-c client_min_messages=error' enforced 'without the roles' "$COPY"
    refused 'without the roles: in a new session too' 2BP01 "$COPY" 'ALTER TABLE shop.orders DROP COLUMN note'

    sql -d postgres -c 'CREATE ROLE dump_reporter LOGIN'
    same 'a role of that name gets nothing by itself' f "$COPY" "SELECT has_table_privilege('dump_reporter', 'shop.orders', 'SELECT')"
    sql -d "$COPY" -c 'SELECT integratedb.sync()' 2>"$OUT/bare.sync" >/dev/null
    same 'after CREATE ROLE and sync() the stakeholder reads' '1|first' "$COPY" 'SELECT id, note FROM shop.orders' -U dump_reporter
    same 'after sync(): what the restored claims name' t "$COPY" "SELECT has_column_privilege('dump_reporter', 'shop.customers', 'email', 'SELECT')"
    same 'after sync(): below the wildcard' 200 "$COPY" 'SELECT count(*) FROM billing.t30' -U dump_reporter
    same 'after sync(): the stakeholder has its schema' '' "$COPY" 'CREATE TABLE dump_reporter.mine ()' -U dump_reporter
    refused 'after sync(): nothing else' 42501 "$COPY" 'DELETE FROM shop.orders' -U dump_reporter
    grep -q 'WARNING:.*dump_audit' "$OUT/bare.sync" || fail 'sync() warns of the other role' "$(cat "$OUT/bare.sync")"
    pass 'sync() warns of the other role'
    echo "$PASSED" >"$OUT/bare.passed"
}
(restore_bare)
PASSED=$(cat "$OUT/bare.passed")
"$CLUSTER" destroy dump-bare
