-- Threat: names of the attacker's, like built-in ones, come first in search_path, of its own DDL and of a superuser's: none of it is ever called.
\set test 'integratedb_threat_search_path'
\getenv abs_srcdir PG_ABS_SRCDIR
\set begin :abs_srcdir '/include/begin.sql'
\i :begin
CREATE ROLE regress_attacker;
CREATE SCHEMA evil AUTHORIZATION regress_attacker;
CREATE SCHEMA shop AUTHORIZATION regress_attacker;
SELECT stakeholder FROM integratedb.create_stakeholder('regress_app');

SET SESSION AUTHORIZATION regress_attacker;
CREATE TABLE evil.called (who name, what text);
GRANT INSERT ON evil.called TO PUBLIC;
CREATE FUNCTION evil.caught(what text) RETURNS boolean LANGUAGE plpgsql SET search_path = pg_catalog AS $$ BEGIN INSERT INTO evil.called VALUES (current_user, what); RETURN true; END $$;
-- Operators that queries of ours would use, on every pair of types that they compare.
DO $$
DECLARE
    types text[];
    operator text;
BEGIN
    FOREACH types SLICE 1 IN ARRAY ARRAY[['oid','oid'],['name','name'],['text','text'],['name','text'],['int4','int4'],['int8','int8'],['int2','int2'],['"char"','"char"'],['int4','int8'],['oid','int8'],['bool','bool']] LOOP
        EXECUTE format('CREATE FUNCTION evil.compare(%s, %s) RETURNS boolean LANGUAGE plpgsql SET search_path = pg_catalog AS $f$ BEGIN RETURN evil.caught(%L); END $f$', 'pg_catalog.' || types[1], 'pg_catalog.' || types[2], types::text);
        FOREACH operator IN ARRAY ARRAY['=', '<>', '<', '>', '<=', '>='] LOOP
            EXECUTE format('CREATE OPERATOR evil.%s (LEFTARG = pg_catalog.%s, RIGHTARG = pg_catalog.%s, FUNCTION = evil.compare)', operator, types[1], types[2]);
        END LOOP;
    END LOOP;
END $$;
CREATE FUNCTION evil.join_json(json, text) RETURNS text LANGUAGE plpgsql AS $$ BEGIN PERFORM evil.caught('->>'); RETURN ''; END $$;
CREATE OPERATOR evil.->> (LEFTARG = json, RIGHTARG = text, FUNCTION = evil.join_json);
CREATE FUNCTION evil.join_text(text, text) RETURNS text LANGUAGE plpgsql AS $$ BEGIN PERFORM evil.caught('||'); RETURN ''; END $$;
CREATE OPERATOR evil.|| (LEFTARG = text, RIGHTARG = text, FUNCTION = evil.join_text);
-- Functions.
CREATE FUNCTION evil.now() RETURNS timestamptz LANGUAGE plpgsql AS $$ BEGIN PERFORM evil.caught('now'); RETURN NULL; END $$;
CREATE FUNCTION evil.current_database() RETURNS name LANGUAGE plpgsql AS $$ BEGIN PERFORM evil.caught('current_database'); RETURN ''; END $$;
CREATE FUNCTION evil.format(text, VARIADIC text[]) RETURNS text LANGUAGE plpgsql AS $$ BEGIN PERFORM evil.caught('format'); RETURN ''; END $$;
CREATE FUNCTION evil.quote_ident(text) RETURNS text LANGUAGE plpgsql AS $$ BEGIN PERFORM evil.caught('quote_ident'); RETURN ''; END $$;
CREATE FUNCTION evil.unnest(anyarray) RETURNS SETOF anyelement LANGUAGE plpgsql AS $$ BEGIN PERFORM evil.caught('unnest'); END $$;
CREATE FUNCTION evil.json_array_elements(json) RETURNS SETOF json LANGUAGE plpgsql AS $$ BEGIN PERFORM evil.caught('json_array_elements'); END $$;
CREATE FUNCTION evil.aclexplode(aclitem[]) RETURNS TABLE (grantor oid, grantee oid, privilege_type text, is_grantable boolean) LANGUAGE plpgsql AS $$ BEGIN PERFORM evil.caught('aclexplode'); END $$;
CREATE FUNCTION evil.pg_event_trigger_ddl_commands() RETURNS TABLE (classid oid, objid oid, objsubid integer, command_tag text, object_type text, schema_name text, object_identity text, in_extension bool)
    LANGUAGE plpgsql AS $$ BEGIN PERFORM evil.caught('pg_event_trigger_ddl_commands'); END $$;
CREATE FUNCTION evil.pg_event_trigger_dropped_objects() RETURNS TABLE (classid oid, objid oid) LANGUAGE plpgsql AS $$ BEGIN PERFORM evil.caught('pg_event_trigger_dropped_objects'); END $$;
CREATE FUNCTION evil.pg_describe_object(oid, oid, integer) RETURNS text LANGUAGE plpgsql AS $$ BEGIN PERFORM evil.caught('pg_describe_object'); RETURN ''; END $$;
CREATE FUNCTION evil.count_step(bigint, anyelement) RETURNS bigint LANGUAGE plpgsql AS $$ BEGIN PERFORM evil.caught('count'); RETURN 0; END $$;
CREATE AGGREGATE evil.count(anyelement) (SFUNC = evil.count_step, STYPE = bigint);
-- Tables and types, in the schema and as temporary ones.
CREATE TABLE evil.pg_class (oid oid, relname name, relnamespace oid);
CREATE TABLE evil.pg_namespace (oid oid, nspname name);
CREATE TABLE evil.pg_roles (rolname name);
CREATE TABLE evil.claim (claim_id bigint);
CREATE TABLE evil.stakeholder (name text);
CREATE DOMAIN evil.regclass AS text CHECK (evil.caught('regclass'));
CREATE DOMAIN evil.name AS text CHECK (evil.caught('name'));
CREATE DOMAIN evil.oid AS bigint CHECK (evil.caught('oid'));
CREATE DOMAIN evil.text AS varchar CHECK (evil.caught('text'));
CREATE DOMAIN evil.jsonb AS varchar CHECK (evil.caught('jsonb'));
-- The trap is set: it catches a query that does not say which = it means.
SET search_path = evil, pg_catalog;
SELECT 1::pg_catalog.int8 = 2::pg_catalog.int8 AS caught;
RESET search_path;
SELECT * FROM evil.called;
DELETE FROM evil.called;

-- Its own DDL, with the trap first in its path, and in pg_temp.
SET search_path = evil, pg_temp, pg_catalog;
CREATE TABLE shop.orders (id pg_catalog.int8 NOT NULL PRIMARY KEY, total pg_catalog.numeric(12,2), note pg_catalog.varchar(80));
ALTER TABLE shop.orders ADD COLUMN more pg_catalog.text;
ALTER TABLE shop.orders DROP COLUMN more;
RESET search_path;
RESET SESSION AUTHORIZATION;
-- A superuser's calls, with the trap first in its path.
SET search_path = evil, pg_temp, pg_catalog;
SELECT * FROM integratedb.claim('regress_app', '{"match": [{"path": "shop.orders", "fields": [{"name": "id", "type": "bigint"}, {"name": "note", "type": "varchar(80)", "min_length": 80}]}, {"path": "evil.*", "fields": ["*"]}]}');
SELECT * FROM integratedb.claim('regress_app', 'shop.orders', '{id,note,total}');
SELECT integratedb.validate_migration();
SELECT * FROM integratedb.unmet_claims();
SELECT integratedb.sync();
SELECT integratedb.claim_document('regress_app');
SELECT stakeholder, claims FROM integratedb.stakeholders;
SELECT path, status FROM integratedb.claims WHERE path LIKE 'shop%';
SELECT column_name, shape FROM integratedb.claimed_columns WHERE path LIKE 'shop%';
SELECT stakeholder FROM integratedb.create_stakeholder('regress_app_2');
SELECT integratedb.rename_stakeholder('regress_app_2', 'regress_app_3');
SELECT * FROM integratedb.drop_stakeholder('regress_app_3');
ALTER TABLE shop.orders ADD COLUMN more pg_catalog.text;
ALTER TABLE shop.orders DROP COLUMN total;
DROP TABLE shop.orders;
RESET search_path;
-- The attacker's again, on what is claimed now.
SET SESSION AUTHORIZATION regress_attacker;
SET search_path = evil, pg_temp, pg_catalog;
ALTER TABLE shop.orders ADD COLUMN yet_more pg_catalog.text;
ALTER TABLE shop.orders DROP COLUMN total;
CREATE TABLE evil.covered (id pg_catalog.int4);
SELECT integratedb.validate_migration();
SELECT * FROM integratedb.unmet_claims();
REVOKE ALL ON shop.orders FROM regress_app;
-- A name in the statement is found as the attacker's path says, so an unqualified name is no way past the fence.
SET search_path = shop, pg_catalog;
ALTER TABLE orders DROP COLUMN total;
DROP TABLE orders;
CREATE TEMP TABLE orders (id pg_catalog.int8);
DROP TABLE orders;
DROP TABLE orders;
RESET search_path;
RESET SESSION AUTHORIZATION;
SELECT * FROM evil.called;
SELECT path, status FROM integratedb.claims WHERE status <> 'met';
\i :end
