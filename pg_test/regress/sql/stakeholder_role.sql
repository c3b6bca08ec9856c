-- What a stakeholder's role is, and that its password is random, shown once and stored nowhere.
\set test 'integratedb_stakeholder_role'
\getenv abs_srcdir PG_ABS_SRCDIR
\set begin :abs_srcdir '/include/begin.sql'
\i :begin
SELECT password AS first FROM integratedb.create_stakeholder('regress_app') \gset
SELECT password AS second FROM integratedb.create_stakeholder('regress_app_2') \gset
SELECT rolcanlogin, rolinherit, rolsuper, rolcreatedb, rolcreaterole, rolreplication, rolbypassrls, rolconnlimit, rolvaliduntil, rolconfig
  FROM pg_roles WHERE rolname = 'regress_app';
SELECT has_database_privilege('regress_app', current_database(), 'CONNECT') AS may_connect,
       has_database_privilege('regress_app', current_database(), 'CREATE') AS may_create_schemas;
SELECT count(*) AS memberships FROM pg_auth_members
 WHERE 'regress_app'::regrole IN (roleid, member);

SELECT length(:'first') >= 24 AS long_enough, :'first' <> :'second' AS differ;
-- Ten more, none equal and each with characters of every sort that the generator has.
SELECT count(DISTINCT p.password) AS passwords, min(length(p.password)) >= 24 AS long_enough, count(DISTINCT letter) > 50 AS varied
  FROM generate_series(1, 10) AS i, integratedb.create_stakeholder('regress_many_' || i) AS p, regexp_split_to_table(p.password, '') AS letter;

-- The verifier is SCRAM's, and of this very password (RFC 5802: StoredKey = H(HMAC(Hi(password, salt, i), "Client Key"))).
CREATE FUNCTION public.xor_bytes(a bytea, b bytea) RETURNS bytea LANGUAGE plpgsql AS $$
BEGIN
    FOR i IN 0 .. length(a) - 1 LOOP
        a := set_byte(a, i, get_byte(a, i) # get_byte(b, i));
    END LOOP;
    RETURN a;
END $$;
CREATE FUNCTION public.hmac(key bytea, message bytea) RETURNS bytea LANGUAGE plpgsql AS $$
DECLARE
    padded bytea := key || decode(repeat('00', 64 - length(key)), 'hex');
BEGIN
    RETURN sha256(xor_bytes(padded, decode(repeat('5c', 64), 'hex')) ||
                  sha256(xor_bytes(padded, decode(repeat('36', 64), 'hex')) || message));
END $$;
CREATE FUNCTION public.is_password_of(role name, password text) RETURNS boolean LANGUAGE plpgsql AS $$
DECLARE
    part text[] := regexp_match((SELECT rolpassword FROM pg_authid WHERE rolname = role),
                                '^SCRAM-SHA-256\$([0-9]+):([^$]+)\$([^:]+):(.+)$');
    -- The HMAC key is the same for each round, so its two padded blocks are made once.
    padded bytea := convert_to(password, 'UTF8') || decode(repeat('00', 64 - length(password)), 'hex');
    inner_key bytea := xor_bytes(padded, decode(repeat('36', 64), 'hex'));
    outer_key bytea := xor_bytes(padded, decode(repeat('5c', 64), 'hex'));
    last bytea := decode(part[2], 'base64') || '\x00000001';
    salted bit(256) := repeat('0', 256)::bit(256);
BEGIN
    FOR i IN 1 .. part[1]::integer LOOP
        last := sha256(outer_key || sha256(inner_key || last));
        salted := salted # ('x' || encode(last, 'hex'))::bit(256);
    END LOOP;
    RETURN sha256(hmac(decode((SELECT string_agg(lpad(to_hex(substring(salted FROM b * 8 + 1 FOR 8)::integer), 2, '0'), '' ORDER BY b)
                                 FROM generate_series(0, 31) AS b), 'hex'), 'Client Key')) = decode(part[3], 'base64');
END $$;
SELECT rolpassword LIKE 'SCRAM-SHA-256$4096:%' AS scram, is_password_of('regress_app', :'first') AS its_own,
       is_password_of('regress_app', :'second') AS another_ones
  FROM pg_authid WHERE rolname = 'regress_app';

-- SCRAM whatever the server's setting is.
SET password_encryption = 'md5';
SELECT count(*) FROM integratedb.create_stakeholder('regress_app_3');
RESET password_encryption;
SELECT rolpassword LIKE 'SCRAM-SHA-256$4096:%' AS scram FROM pg_authid WHERE rolname = 'regress_app_3';

-- No table of ours holds it, nor a verifier.
SELECT set_config('regress.password', :'first', false) IS NOT NULL AS kept;
DO $$
DECLARE
    found bigint;
    holder regclass;
BEGIN
    FOR holder IN SELECT oid::regclass FROM pg_class WHERE relnamespace = 'integratedb'::regnamespace AND relkind IN ('r', 'v', 'm', 'p') LOOP
        EXECUTE format('SELECT count(*) FROM %s AS t WHERE strpos(t::text, current_setting(''regress.password'')) > 0
                        OR t::text LIKE ''%%SCRAM-SHA%%''', holder) INTO found;
        IF found > 0 THEN
            RAISE EXCEPTION '% holds the password', holder;
        END IF;
    END LOOP;
END $$;
RESET regress.password;

-- Renaming keeps the password; a name that was free again gets a new one.
SELECT integratedb.rename_stakeholder('regress_app', 'regress_new');
SELECT is_password_of('regress_new', :'first') AS kept;
SELECT count(*) FROM integratedb.drop_stakeholder('regress_new');
SELECT password AS again FROM integratedb.create_stakeholder('regress_app') \gset
SELECT :'again' <> :'first' AS differ;
\i :end
