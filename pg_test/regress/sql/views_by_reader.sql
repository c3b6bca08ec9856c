-- What the views show: an administrator all, a stakeholder its own, the owner of a relation what is claimed on that, others nothing.
\set test 'integratedb_views_by_reader'
\getenv abs_srcdir PG_ABS_SRCDIR
\set begin :abs_srcdir '/include/begin.sql'
\i :begin
CREATE ROLE regress_owner;
CREATE ROLE regress_other;
CREATE ROLE regress_nobody;
CREATE SCHEMA shop AUTHORIZATION regress_nobody;
CREATE TABLE shop.orders (id bigint PRIMARY KEY, total numeric(12,2) NOT NULL, note text);
CREATE TABLE shop.invoices (id bigint PRIMARY KEY, amount numeric(12,2) NOT NULL);
ALTER TABLE shop.orders OWNER TO regress_owner;
ALTER TABLE shop.invoices OWNER TO regress_other;
SELECT stakeholder FROM integratedb.create_stakeholder('regress_one');
SELECT stakeholder FROM integratedb.create_stakeholder('regress_two');
SELECT count(*) FROM integratedb.claim('regress_one', '{"match": [{"alternatives": [{"path": "shop.orders", "fields": ["id", "total"]}, {"path": "shop.invoices", "fields": ["id", "amount"]}]}]}');
SELECT count(*) FROM integratedb.claim('regress_two', '{"match": [{"path": "shop.*", "fields": ["*"]}]}');
SELECT count(*) FROM integratedb.deprecate('shop.orders', '{note}');
SELECT count(*) FROM integratedb.deprecate('shop.invoices', '{amount}');
SELECT count(*) FROM integratedb.protect('shop.orders', '{note}');
SELECT integratedb.waive('regress_one', 'shop.orders', '{column-exists}', 'a test', 'tomorrow') > 0;
CREATE FUNCTION public.seen() RETURNS TABLE (view_name text, rows text) LANGUAGE plpgsql AS $$
BEGIN
    FOR view_name, rows IN VALUES
        ('stakeholders', 'SELECT stakeholder FROM integratedb.stakeholders'),
        ('claims', 'SELECT stakeholder || '' '' || path || '' '' || alternatives FROM integratedb.claims'),
        ('claimed_columns', 'SELECT stakeholder || '' '' || path || ''.'' || column_name FROM integratedb.claimed_columns'),
        ('deprecations', 'SELECT path || ''.'' || column_name || '' '' || claimed_by::text || '' '' || coalesce(needed_by::text, ''-'') FROM integratedb.deprecations'),
        ('evolution', 'SELECT stakeholder || '' '' || path || '' '' || coalesce(needed_by::text, ''-'') FROM integratedb.evolution'),
        ('protections', 'SELECT path || ''.'' || column_name FROM integratedb.protections'),
        ('waivers', 'SELECT stakeholder || '' '' || path FROM integratedb.waivers'),
        ('claim_history', 'SELECT stakeholder || '' '' || version FROM integratedb.claim_history'),
        ('migration_history', 'SELECT ''some'' FROM integratedb.migration_history')
    LOOP
        EXECUTE format('SELECT string_agg(x.y, '', '' ORDER BY x.y) FROM (%s) AS x (y)', rows) INTO rows;
        RETURN NEXT;
    END LOOP;
END $$;
-- A superuser.
SELECT * FROM seen();
-- A stakeholder.
SET SESSION AUTHORIZATION regress_one;
SELECT * FROM seen();
SELECT integratedb.claim_document('regress_one');
SELECT integratedb.claim_document('regress_two');
SELECT integratedb.claim_document('regress_none');
SELECT count(*) FROM integratedb.claim_diff('regress_one', 1, 2);
SELECT count(*) FROM integratedb.claim_diff('regress_two', 1, 2);
SELECT finding, message FROM integratedb.check_document('{"match": [{"path": "shop.orders", "fields": ["id", "totl"]}]}', 'regress_one');
SELECT finding, message FROM integratedb.check_document('{"match": [{"path": "shop.orders", "fields": ["id", "total"]}]}', 'regress_one');
SELECT finding, message FROM integratedb.check_document('{"match": []}', 'regress_two');
SELECT finding, message FROM integratedb.check_document('{"match": []}');
RESET SESSION AUTHORIZATION;
-- The owner of one relation.
SET SESSION AUTHORIZATION regress_owner;
SELECT * FROM seen();
RESET SESSION AUTHORIZATION;
-- To own the schema is not enough.
SET SESSION AUTHORIZATION regress_nobody;
SELECT * FROM seen();
SELECT integratedb.needed_by('shop', 'orders', '');
-- A function in a condition is given no row of others, however cheap it says it is.
CREATE FUNCTION pg_temp.leak(text) RETURNS boolean LANGUAGE plpgsql COST 0.0000001 AS 'BEGIN RAISE NOTICE ''%'', $1; RETURN true; END';
SELECT count(*) FROM integratedb.claims WHERE pg_temp.leak(path);
SELECT count(*) FROM integratedb.claimed_columns WHERE pg_temp.leak(path);
SELECT count(*) FROM integratedb.claim_history WHERE pg_temp.leak(stakeholder);
SELECT count(*) FROM integratedb.stakeholders WHERE pg_temp.leak(stakeholder);
SELECT count(*) FROM integratedb.waivers WHERE pg_temp.leak(stakeholder);
SELECT count(*) FROM integratedb.deprecations WHERE pg_temp.leak(path);
SELECT count(*) FROM integratedb.evolution WHERE pg_temp.leak(path);
SELECT count(*) FROM integratedb.protections WHERE pg_temp.leak(path);
DISCARD TEMP;
RESET SESSION AUTHORIZATION;
\i :end
