# shellcheck shell=bash
# What has been announced, and the histories, in a copy. Sourced by run; last, because it leaves a claim unmet.

sql -d "$SOURCE" >"$OUT/evolution.log" 2>&1 <<'SQL'
CREATE ROLE dump_owner;
CREATE SCHEMA garage AUTHORIZATION dump_owner;
CREATE TABLE garage.cars (id bigint, colour text, wheels integer, doors integer, seats integer);
ALTER TABLE garage.cars OWNER TO dump_owner;
SELECT FROM integratedb.claim('dump_audit', 'garage.cars', '{*}');
SELECT FROM integratedb.deprecate('garage.cars', '{colour,wheels}', 'nobody looks', replacement => 'garage.paint');
SELECT FROM integratedb.deprecate('garage.cars', '{seats}', drop_after => '2999-12-31');
SELECT FROM integratedb.deprecate('garage.cars', '{id}');
SELECT integratedb.undeprecate('garage.cars', '{id}');
UPDATE integratedb.deprecation SET announced_at = '2020-01-01', drop_after = '2020-01-15' WHERE column_name IN ('colour', 'wheels');
ALTER TABLE garage.cars DROP COLUMN colour;
SQL
evolution_of() {
    sql -d "$1" -c "SELECT * FROM integratedb.deprecations ORDER BY path, column_name" -c "SELECT * FROM integratedb.deprecation ORDER BY 1" \
        -c "SELECT * FROM integratedb.claim_history ORDER BY stakeholder, version" \
        -c "SELECT * FROM integratedb.migration_history ORDER BY 1"
}
evolution_of "$SOURCE" >"$OUT/evolution"
[ "$(wc -l <"$OUT/evolution")" -gt 8 ] || fail 'there is something to restore' "$(cat "$OUT/evolution")"
pg_dump -d "$SOURCE" -Fc -f "$OUT/evolution.dump"
new_copy
pg_restore -j 4 -d "$COPY" "$OUT/evolution.dump" 2>"$OUT/parallel.log" || fail "restore with deprecations" "$(cat "$OUT/parallel.log")"
difference=$(diff "$OUT/evolution" <(evolution_of "$COPY")) || fail 'deprecations and histories as in the original' "$difference"
pass 'deprecations and histories as in the original'
refused 'what is left of a claim holds' 2BP01 "$COPY" 'ALTER TABLE garage.cars DROP COLUMN doors'
refused 'what is announced holds' 2BP01 "$COPY" 'ALTER TABLE garage.cars DROP COLUMN seats'
refused 'so does what was taken back' 2BP01 "$COPY" 'ALTER TABLE garage.cars DROP COLUMN id'
# What had taken the name of something else since would be another column.
sql -d "$COPY" -c 'BEGIN; ALTER TABLE garage.cars RENAME COLUMN wheels TO x' -c 'ALTER TABLE garage.cars RENAME COLUMN doors TO wheels' \
    -c 'COMMIT' >/dev/null 2>&1 && fail 'names do not change places'
pass 'names do not change places'
same 'what is past its drop date goes' '' "$COPY" 'SET client_min_messages = error; ALTER TABLE garage.cars DROP COLUMN wheels'
same 'migrations go on' t "$COPY" "SELECT max(migration_id) > 1 FROM integratedb.migration_history WHERE effects::text LIKE '%wheels%'"
same 'documents go on' drop_stakeholder "$COPY" "DO 'BEGIN PERFORM integratedb.drop_stakeholder(''dump_audit'', keep => true); END';
    SELECT function FROM integratedb.claim_history WHERE stakeholder = 'dump_audit' ORDER BY version DESC LIMIT 1"
