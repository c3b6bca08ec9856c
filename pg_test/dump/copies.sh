# shellcheck shell=bash
# shellcheck disable=SC2154 # no_initial_privileges is set by run, which sources this
# Copies in the same cluster, where the roles are. Sourced by run.

new_copy
sql -d "$COPY" -f "$OUT/plain.sql" >/dev/null 2>"$OUT/plain.log" || fail 'pg_dump | psql restores without an error' "$(cat "$OUT/plain.log")"
[ ! -s "$OUT/plain.log" ] || fail 'pg_dump | psql restores without a warning' "$(cat "$OUT/plain.log")"
pass 'pg_dump | psql restores without a warning'
equal 'pg_dump | psql' "$COPY"
same 'pg_dump | psql: no initial privileges' 0 "$COPY" "$no_initial_privileges"
enforced 'pg_dump | psql' "$COPY"
readable 'pg_dump | psql' "$COPY"
same 'pg_dump | psql: an administrator is one' 'dump_other granted' "$COPY" \
    "SELECT role || ' ' || administrator_by FROM integratedb.admins WHERE administrator_by NOT IN ('superuser', 'owner of the extension')"
same 'pg_dump | psql: and may do what one may' '' "$COPY" 'SET ROLE dump_other; SELECT integratedb.sync()'

# An adopted role is known as such: what it had before stays when its stakeholder goes.
same 'an adopted role reads what it claimed' '1|first' "$COPY" 'SELECT id, note FROM shop.orders' -U dump_adopted
same 'an adopted role outlives its stakeholder' 'keep schema dump_adopted,keep role dump_adopted,drop stakeholder dump_adopted' "$COPY" \
    "SELECT string_agg(action || ' ' || object, ',') FROM integratedb.drop_stakeholder('dump_adopted')"
refused 'what was granted for its claims is gone' 42501 "$COPY" 'SELECT id FROM shop.orders' -U dump_adopted
same 'what it had been granted before stays' 'first' "$COPY" 'SELECT note FROM shop.orders' -U dump_adopted

# Each round is another interleaving of four sessions that create indexes and constraints.
for round in 1 2 3 4 5; do
    new_copy
    pg_restore -j 4 -d "$COPY" "$OUT/custom.dump" 2>"$OUT/parallel.log" || fail "pg_restore -j 4, round $round" "$(cat "$OUT/parallel.log")"
    ! grep -v WARNING "$OUT/parallel.log" | grep -q . || fail "pg_restore -j 4, round $round" "$(cat "$OUT/parallel.log")"
    equal "pg_restore -j 4, round $round" "$COPY"
done
enforced 'pg_restore -j 4' "$COPY"
readable 'pg_restore -j 4' "$COPY"

new_copy
pg_restore -1 -d "$COPY" "$OUT/custom.dump" 2>"$OUT/single.log" || fail 'pg_restore --single-transaction' "$(cat "$OUT/single.log")"
equal 'pg_restore --single-transaction' "$COPY"
enforced 'pg_restore --single-transaction' "$COPY"

# No index, no constraint and no privilege is restored after the data: the break is the very first DDL.
new_copy
pg_restore -d "$COPY" --no-privileges --section=pre-data --section=data "$OUT/custom.dump"
refused 'a break is refused as the very first DDL after a restore' 2BP01 "$COPY" 'ALTER TABLE shop.orders DROP COLUMN note'
new_copy
pg_restore -d "$COPY" --no-privileges --section=pre-data --section=data "$OUT/custom.dump"
sql -d "$COPY" -c 'CREATE TABLE shop.unrelated ()'
same 'any first DDL repairs the privileges' '1|first' "$COPY" 'SELECT id, note FROM shop.orders' -U dump_reporter
same 'sync() finds nothing to warn of' '' "$COPY" "DO 'BEGIN PERFORM integratedb.sync(); END'"
same 'claims are met after sync()' 0 "$COPY" 'SELECT integratedb.validate_migration()'

# Sessions of a parallel restore issue DDL while the tables of the extension are being filled, in any order.
pg_restore -l --section=data "$OUT/custom.dump" >"$OUT/all.list"
for first in stakeholder claim claimed_relation; do
    new_copy
    pg_restore -d "$COPY" --no-privileges --section=pre-data "$OUT/custom.dump"
    grep " integratedb $first " "$OUT/all.list" >"$OUT/first.list"
    grep -v " integratedb $first " "$OUT/all.list" >"$OUT/rest.list"
    pg_restore -d "$COPY" -L "$OUT/first.list" "$OUT/custom.dump"
    sql -d "$COPY" -c 'ALTER TABLE shop.orders ADD PRIMARY KEY (id)'
    pg_restore -d "$COPY" -L "$OUT/rest.list" "$OUT/custom.dump"
    refused "DDL after the data of integratedb.$first alone: a column is not renamed later" 2BP01 "$COPY" 'ALTER TABLE shop.customers RENAME COLUMN user_id TO account'
    refused "DDL after the data of integratedb.$first alone: a table is not renamed later" 2BP01 "$COPY" 'ALTER TABLE shop.customers RENAME TO clients'
    refused "DDL after the data of integratedb.$first alone: nor a schema" 2BP01 "$COPY" 'ALTER SCHEMA billing RENAME TO finance'
done

# A copy file by file has the OIDs of the original, but another database OID.
sql -d postgres -c "DROP DATABASE $COPY WITH (FORCE)" -c "CREATE DATABASE $COPY TEMPLATE $SOURCE"
refused 'CREATE DATABASE TEMPLATE: a break is refused as the very first DDL' 2BP01 "$COPY" 'ALTER TABLE shop.orders DROP COLUMN note'
equal 'CREATE DATABASE TEMPLATE' "$COPY"
enforced 'CREATE DATABASE TEMPLATE' "$COPY"
readable 'CREATE DATABASE TEMPLATE' "$COPY"

# A dump of a copy.
new_copy
pg_dump -d "$SOURCE" | sql -d "$COPY" -f - >/dev/null
pg_dump -d "$COPY" >"$OUT/again.sql"
new_copy
sql -d "$COPY" -f "$OUT/again.sql" >/dev/null
equal 'a dump of a restored dump' "$COPY"

# Schema only: no stakeholder, nothing claimed, nothing refused.
new_copy
pg_restore -d "$COPY" --schema-only "$OUT/custom.dump"
same 'schema only: nobody is a stakeholder' 0 "$COPY" 'SELECT count(*) FROM integratedb.stakeholders'
same 'schema only: nothing is refused' '' "$COPY" 'ALTER TABLE shop.orders DROP COLUMN note'

# Whoever may read everything may dump; row level security is pg_dump's own concern.
sql -d postgres -c 'ALTER ROLE dump_other LOGIN' -c 'GRANT pg_read_all_data TO dump_other'
pg_dump -U dump_other -d "$SOURCE" --exclude-table-data=shop.secrets >"$OUT/reader.sql" 2>"$OUT/reader.log" ||
    fail 'a member of pg_read_all_data can dump' "$(cat "$OUT/reader.log")"
pass 'a member of pg_read_all_data can dump'
new_copy
sql -d "$COPY" -f "$OUT/reader.sql" >/dev/null
equal 'the dump of a member of pg_read_all_data' "$COPY"
