# shellcheck shell=bash
# Shared by the scripts in bench/ (sourced, never run).
#
# A figure is a median; what it is compared with is measured in the same run, turn by turn, so that a busy moment of
# the machine meets both.

# BENCH_QUICK=1: a small run in about a minute, to see that all works; its figures are worth little.
QUICK=${BENCH_QUICK:-}
WORK=$(mktemp -d)
trap 'rm -rf "$WORK"' EXIT
# All verdicts of a run, for the table at its end.
RESULTS=${BENCH_RESULTS:-$WORK/results}
export PGOPTIONS="${PGOPTIONS:-} -c client_min_messages=warning"

# quick_or QUICK FULL: the size to use.
quick_or() { if [ -n "$QUICK" ]; then echo "$1"; else echo "$2"; fi; }

say() { printf -- '-- %s\n' "$*" >&2; }

# sql DB [PSQL-ARGUMENT...]: runs psql, tuples only, stopping at an error.
sql() { psql -XqAt -v ON_ERROR_STOP=1 -d "$@"; }

median() { sort -g | awk '{a[NR] = $1} END {if (NR) printf "%.3f\n", (a[int((NR + 1) / 2)] + a[int(NR / 2) + 1]) / 2}'; }

# calc EXPRESSION [FORMAT]: arithmetic on decimals.
calc() { awk "BEGIN {printf \"${2:-%.2f}\n\", $1}"; }

# verdict QUESTION MEASURED RATIO BOUND: says whether the ratio keeps its bound; a bound of - is none.
verdict() {
    local outcome=ok
    if [ "$4" = - ]; then
        outcome=-
    elif [ "$(calc "($3 > $4)" %d)" = 1 ]; then
        outcome=ABOVE
    fi
    printf '%s | %s | %s | %s | %s\n' "$1" "$2" "$3" "$4" "$outcome" | tee -a "$RESULTS"
}

has_database() { [ "$(sql postgres -c "SELECT count(*) FROM pg_database WHERE datname = '$1'")" = 1 ]; }

fresh_database() {
    sql postgres -c "DROP DATABASE IF EXISTS $1" -c "CREATE DATABASE $1"
}

# vacuum DB: as autovacuum would have done some time after the loading.
vacuum() {
    sql "$1" -c 'VACUUM ANALYZE'
    sql postgres -c CHECKPOINT
}

# create_tables DB SCHEMA TABLES COLUMNS: tables SCHEMA.t1, t2, ... with columns c1, c2, ...; every fourth is NOT NULL.
create_tables() {
    PGOPTIONS="$PGOPTIONS -c synchronous_commit=off" sql "$1" -v schema="$2" -v tables="$3" -v columns="$4" >/dev/null <<'SQL'
CREATE SCHEMA :schema;
SELECT format('CREATE TABLE %I.t%s (%s)', :'schema', t,
              string_agg(format('c%s %s%s', c, (ARRAY['integer', 'varchar(40)', 'numeric(12,2)', 'timestamptz'])[c % 4 + 1],
                                CASE WHEN c % 4 = 0 THEN ' NOT NULL' ELSE '' END), ', ' ORDER BY c))
FROM generate_series(1, :tables) t, generate_series(1, :columns) c GROUP BY t ORDER BY t
\gexec
SQL
}

# The least that any event trigger on DDL does: look at what the command did.
create_loop_trigger() {
    sql "$1" <<'SQL'
CREATE FUNCTION loop_over_commands() RETURNS event_trigger LANGUAGE plpgsql AS $$
DECLARE command record;
BEGIN
    FOR command IN SELECT * FROM pg_event_trigger_ddl_commands() LOOP
    END LOOP;
END $$;
CREATE EVENT TRIGGER loop_over_commands ON ddl_command_end EXECUTE FUNCTION loop_over_commands();
SQL
}

# create_stakeholders DB PREFIX COUNT: PREFIX1, PREFIX2, ...; roles that an earlier run left are dropped.
create_stakeholders() {
    sql postgres -c "SELECT 'DROP ROLE ' || rolname || ';' FROM pg_roles WHERE rolname ~ '^$2[0-9]+$'" | sql postgres
    sql "$1" -c "SELECT integratedb.create_stakeholder('$2' || i) FROM generate_series(1, $3) i" >/dev/null
}

# named_document SCHEMA TABLES COLUMNS: the SQL expression of a claim document that names every column.
named_document() {
    cat <<SQL
(SELECT jsonb_build_object('match', jsonb_agg(jsonb_build_object(
     'path', '$1.t' || t, 'fields', (SELECT jsonb_agg('c' || c ORDER BY c) FROM generate_series(1, $3) c)) ORDER BY t))
 FROM generate_series(1, $2) t)
SQL
}

# claimed_database DB TABLES COLUMNS STAKEHOLDERS named|wildcard: schema app, claimed whole by each stakeholder. An
# existing one is used again.
claimed_database() {
    local name=bench_$1 document
    ! has_database "$name" || return 0
    say "loading $name: $2 tables with $3 columns, claimed by $4"
    fresh_database "$name"
    create_tables "$name" app "$2" "$3"
    sql "$name" -c 'CREATE EXTENSION integratedb'
    create_stakeholders "$name" "$1_" "$4"
    case $5 in
        named) document=$(named_document app "$2" "$3") ;;
        wildcard) document="'{\"match\": [{\"path\": \"app.*\", \"fields\": [\"*\"]}]}'::jsonb" ;;
    esac
    sql "$name" -c "SELECT count(*) FROM generate_series(1, $4) i, LATERAL integratedb.claim('$1_' || i, $document)" >/dev/null
    vacuum "$name"
}

# The three sizes of the questions about many claims: 1,000 claims on 10,000 columns; 100,000; 1,000,000.
claimed_databases() {
    claimed_database small "$(quick_or 100 1000)" 10 1 named
    claimed_database middle "$(quick_or 100 1000)" 10 10 named
    claimed_database large "$(quick_or 100 1000)" "$(quick_or 20 100)" 10 wildcard
}

# latencies DB COUNT [PGBENCH-ARGUMENT...]: the latency of each transaction, in microseconds.
latencies() {
    local db=$1 count=$2
    shift 2
    pgbench -n -t "$count" -l --log-prefix="$WORK/latency" "$@" "$db" >"$WORK/pgbench" 2>&1 ||
        { cat "$WORK/pgbench" >&2; return 1; }
    awk '{print $3}' "$WORK"/latency.*
    rm "$WORK"/latency.*
}
