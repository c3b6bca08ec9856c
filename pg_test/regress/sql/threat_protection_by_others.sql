-- Threat: a role without rights, the owner of a relation, or a stakeholder takes a protection back, sets one, or learns from
-- check_document() and protections what it may not know.
\set test 'integratedb_threat_protection_by_others'
\getenv abs_srcdir PG_ABS_SRCDIR
\set begin :abs_srcdir '/include/begin.sql'
\i :begin
CREATE ROLE regress_nobody;
CREATE ROLE regress_owner;
CREATE TABLE public.people (id bigint, ssn text);
ALTER TABLE public.people OWNER TO regress_owner;
GRANT CREATE ON SCHEMA public TO regress_owner;
SELECT stakeholder FROM integratedb.create_stakeholder('app');
SELECT count(*) FROM integratedb.protect('public.people', '{ssn}', 'personal data');
SELECT count(*) FROM integratedb.claim('app', 'public.people', '{*}');
CREATE FUNCTION public.try() RETURNS TABLE (statement text, outcome text) LANGUAGE plpgsql AS $$
BEGIN
    FOREACH statement IN ARRAY ARRAY[
        $q$SELECT integratedb.protect('public.people', '{id}', 'mine')$q$, $q$SELECT integratedb.unprotect('public.people')$q$, $q$SELECT integratedb.unprotect('public.people', '{ssn}')$q$,
        $q$SELECT * FROM integratedb.check_document('{"match": [{"path": "public.people", "fields": ["*"]}]}')$q$, $q$SELECT * FROM integratedb.check_document('{"match": []}', 'app')$q$,
        $q$SELECT integratedb.claim('app', '{"match": [{"path": "public.people", "fields": ["ssn"], "acknowledge_protected": true}]}')$q$,
        $q$TABLE integratedb.protections$q$, $q$TABLE integratedb.protection$q$, $q$DELETE FROM integratedb.protection$q$, $q$UPDATE integratedb.protection SET column_name = 'id'$q$, $q$TRUNCATE integratedb.protection_cache$q$,
        $q$INSERT INTO integratedb.protection (schema_name, relation_name, column_name, protected_by) VALUES ('public', 'people', '', 'x')$q$, $q$SELECT integratedb.arguments_text('{}')$q$] LOOP
        BEGIN
            EXECUTE statement;
            outcome := 'works';
        EXCEPTION WHEN OTHERS THEN
            outcome := SQLSTATE || ' ' || SQLERRM;
        END;
        RETURN NEXT;
    END LOOP;
END $$;
CREATE TABLE public.met (statement text, outcome text);
GRANT SELECT, INSERT ON public.met TO PUBLIC;
SET SESSION AUTHORIZATION regress_nobody;
INSERT INTO public.met SELECT * FROM try();
TABLE public.met;
RESET SESSION AUTHORIZATION;
-- The owner of what is protected, and the stakeholder, meet the same.
SET SESSION AUTHORIZATION regress_owner;
SELECT * FROM try() EXCEPT SELECT * FROM public.met;
RESET SESSION AUTHORIZATION;
\c - app
SELECT * FROM try() EXCEPT SELECT * FROM public.met;
SELECT ssn FROM public.people;
\c :test :regress_user :regress_host :regress_port
-- EXECUTE granted by a DBA is not the right to call: the functions test the caller, after SET ROLE too.
GRANT USAGE ON SCHEMA integratedb TO regress_nobody;
GRANT EXECUTE ON ALL FUNCTIONS IN SCHEMA integratedb TO regress_nobody;
SET SESSION AUTHORIZATION regress_nobody;
SELECT * FROM try() WHERE statement LIKE '%(%';
RESET SESSION AUTHORIZATION;
SET ROLE regress_nobody;
SELECT integratedb.unprotect('public.people');
SELECT * FROM integratedb.check_document('{"match": []}');
RESET ROLE;
-- The owner may rename: the protection goes along.
SET SESSION AUTHORIZATION regress_owner;
ALTER TABLE public.people RENAME COLUMN ssn TO social;
ALTER TABLE public.people ADD COLUMN ssn text;
ALTER TABLE public.people RENAME TO persons;
ALTER TABLE public.persons RENAME TO people;
ALTER TABLE public.people DROP COLUMN ssn;
RESET SESSION AUTHORIZATION;
-- Everything is as it was, under the names that there are now.
SELECT path, column_name, reason, claimed_by FROM integratedb.protections;
SELECT has_column_privilege('app', 'public.people', 'social', 'SELECT');
\i :end
