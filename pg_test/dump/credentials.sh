# shellcheck shell=bash
# Credentials: where they are whose roles, and that a copy leaves the original's logins alone. Sourced by run.

LEASED=integratedb_dump_leased
sql -d postgres -c "DROP DATABASE IF EXISTS $LEASED WITH (FORCE)" -c "CREATE DATABASE $LEASED TEMPLATE template0"
sql -d "$LEASED" -c 'CREATE EXTENSION integratedb' -c 'CREATE TABLE public.orders (id bigint)' \
    -c "SELECT integratedb.create_stakeholder('dump_leased', '{\"temp_file_limit\": \"1GB\", \"connection_limit\": 5, \"team\": \"shop\"}')" \
    -c "SELECT integratedb.claim('dump_leased', 'public.orders', '{*}')" >/dev/null
login=$(sql -d "$LEASED" -c "SELECT username FROM integratedb.issue_credential('dump_leased', '1 day', 'first')")
settings="SELECT array_to_string(setconfig, ' ') FROM pg_db_role_setting WHERE setrole = 'dump_leased'::regrole
    AND setdatabase = (SELECT oid FROM pg_database WHERE datname = current_database())"
statuses='SELECT label, status FROM integratedb.credentials ORDER BY 1'
pg_dump -d "$LEASED" -Fc -f "$OUT/leased.dump"

for way in 'pg_restore' 'CREATE DATABASE ... TEMPLATE'; do
    if [ "$way" = pg_restore ]; then
        new_copy
        pg_restore -d "$COPY" "$OUT/leased.dump"
    else
        sql -d postgres -c "DROP DATABASE $COPY WITH (FORCE)" -c "CREATE DATABASE $COPY TEMPLATE $LEASED"
    fi
    sql -d "$COPY" -c 'CREATE TABLE public.first_ddl ()'
    same "$way: in a copy the credential is the original's" 'first|replaced' "$COPY" "$statuses"
    same "$way: the limits hold in the copy" 'temp_file_limit=1GB' "$COPY" "$settings"
    refused "$way: the copy does not renew it" 55000 "$COPY" "SELECT integratedb.renew_credential('$login')"
    same "$way: nor rotate its password" 'ERROR:  credential "'"$login"'" cannot be used any more' "$COPY" \
        "SELECT integratedb.rotate_password('$login')" -v VERBOSITY=terse
    sql -d "$COPY" -c "SELECT integratedb.alter_stakeholder('dump_leased', '{\"work_mem\": \"1MB\"}')" >/dev/null
    same "$way: nor give it settings" 'role=dump_leased temp_file_limit=1GB' "$LEASED" \
        "SELECT string_agg(setting, ' ' ORDER BY setting) FROM pg_db_role_setting, unnest(setconfig) setting WHERE setrole = '$login'::regrole"
    same "$way: reap_credentials leaves it alone" '' "$COPY" 'SELECT * FROM integratedb.reap_credentials()'
    sql -d "$COPY" -c "SELECT integratedb.revoke_credential('$login')" >/dev/null
    same "$way: nor is it dropped" t "$COPY" "SELECT rolcanlogin FROM pg_roles WHERE rolname = '$login'"
    same "$way: but forgotten" '' "$COPY" "$statuses"
    same "$way: the original's is in force" 'first|valid' "$LEASED" "$statuses"
done
same 'who holds it acts as the stakeholder' 'dump_leased|0' "$LEASED" 'SELECT current_user, (SELECT count(*) FROM public.orders)' -U "$login"

# With the roles, into a cluster of its own.
pg_dumpall --roles-only | grep -E "dump_leased|$login" >"$OUT/roles.sql"
pg_dump --create -d "$LEASED" >"$OUT/leased.sql"
"$CLUSTER" fresh dump-bare
# shellcheck disable=SC2016
bare=$("$CLUSTER" env dump-bare)
restored() {
    eval "$bare"
    export PGOPTIONS='-c client_min_messages=warning'
    sql -d postgres -f "$OUT/roles.sql" -f "$OUT/leased.sql" >"$OUT/leased.log"
    same 'pg_dumpall: the credential is known by its setting' 'first|valid' "$LEASED" "$statuses"
    same 'pg_dumpall: who holds it acts as the stakeholder' 'dump_leased|0' "$LEASED" 'SELECT current_user, (SELECT count(*) FROM public.orders)' -U "$login"
    same 'pg_dumpall: options are there' '{"temp_file_limit": "1GB", "connection_limit": 5}|shop' "$LEASED" 'SELECT limits, team FROM integratedb.stakeholders'
    same 'pg_dumpall: it is renewed' t "$LEASED" "SELECT integratedb.renew_credential('$login') > now()"
    sql -d "$LEASED" -U "$login" -c 'SET ROLE NONE' -c "ALTER ROLE \"$login\" IN DATABASE $LEASED RESET ALL"
    same 'pg_dumpall: known by OID, it does not hide' 'first|valid' "$LEASED" "$statuses"
    same 'pg_dumpall: it is revoked' "drop|role $login" "$LEASED" "SELECT * FROM integratedb.revoke_credential('$login')"
    same 'pg_dumpall: its role is gone' 0 "$LEASED" "SELECT count(*) FROM pg_roles WHERE rolname = '$login'"
    echo "$PASSED" >"$OUT/leased.passed"
}
(restored)
PASSED=$(cat "$OUT/leased.passed")
"$CLUSTER" destroy dump-bare
sql -d postgres -c "DROP DATABASE IF EXISTS $COPY WITH (FORCE)"
same 'the stakeholder goes with its credential' "drop role $login,drop schema dump_leased,drop role dump_leased,drop stakeholder dump_leased" "$LEASED" \
    "SELECT string_agg(action || ' ' || object, ',') FROM integratedb.drop_stakeholder('dump_leased')"
sql -d postgres -c "DROP DATABASE $LEASED WITH (FORCE)"
