-- Threat: a stakeholder makes so many objects that listing them at its drop would keep everybodys DDL waiting. The first are listed, the others counted.
\set test 'integratedb_drop_stakeholder_of_many'
\getenv abs_srcdir PG_ABS_SRCDIR
\set begin :abs_srcdir '/include/begin.sql'
\i :begin

SELECT stakeholder FROM integratedb.create_stakeholder('reporter');
SET SESSION AUTHORIZATION reporter;
SELECT count(lo_create(0)) FROM generate_series(1, 3000);
RESET SESSION AUTHORIZATION;
CREATE FUNCTION said() RETURNS TABLE (state text, message text, lines bigint) LANGUAGE plpgsql AS $$
DECLARE
    detail text;
BEGIN
    PERFORM * FROM integratedb.drop_stakeholder('reporter');
EXCEPTION WHEN OTHERS THEN
    GET STACKED DIAGNOSTICS state = RETURNED_SQLSTATE, message = MESSAGE_TEXT, detail = PG_EXCEPTION_DETAIL;
    lines := array_length(string_to_array(detail, E'\n'), 1);
    RETURN NEXT;
END $$;
SELECT state, message LIKE '%at least 1000 objects%' AS says_at_least, lines FROM said();
CREATE TABLE outcome AS SELECT * FROM integratedb.drop_stakeholder('reporter', keep => true);
SELECT count(*) < 1100 AS bounded, count(*) FILTER (WHERE action = 'keep' AND object LIKE '%more') AS says_more FROM outcome;
SELECT action, object FROM outcome WHERE object !~ 'large object [0-9]+|more$' ORDER BY 1, 2;
SELECT rolname, rolcanlogin FROM pg_roles WHERE rolname = 'reporter';
SELECT count(*) AS kept FROM pg_largeobject_metadata;

\i :end
