-- Threat: a document with very many unknown names would have us compare each with all names there are. Only the problems that come first get a hint.
\set test 'integratedb_did_you_mean_bounded'
\getenv abs_srcdir PG_ABS_SRCDIR
\set begin :abs_srcdir '/include/begin.sql'
\i :begin

CREATE SCHEMA evil;
DO $$ BEGIN FOR i IN 1..50 LOOP EXECUTE format('CREATE TABLE evil.t%s (column_%s integer)', repeat('t', 40) || i, i); END LOOP; END $$;
SELECT stakeholder FROM integratedb.create_stakeholder('reporter');
-- What claim() says about a document.
CREATE FUNCTION occurrences(text, what text) RETURNS bigint LANGUAGE sql AS 'SELECT count(*) FROM regexp_matches($1, $2, ''g'')';
CREATE FUNCTION said(document jsonb) RETURNS TABLE (message text, details bigint, hints bigint, first_hint text, first_line text) LANGUAGE plpgsql AS $$
DECLARE
    detail text;
    hint text;
BEGIN
    PERFORM * FROM integratedb.claim('reporter', document);
EXCEPTION WHEN OTHERS THEN
    GET STACKED DIAGNOSTICS message = MESSAGE_TEXT, detail = PG_EXCEPTION_DETAIL, hint = PG_EXCEPTION_HINT;
    details := array_length(string_to_array(detail, E'\n'), 1);
    hints := occurrences(detail, 'did you mean');
    first_hint := hint;
    first_line := split_part(detail, E'\n', 1);
    RETURN NEXT;
END $$;
CREATE FUNCTION matches(number integer, path text, field text) RETURNS jsonb LANGUAGE sql AS $$
    SELECT jsonb_build_object('match', jsonb_agg(jsonb_build_object('path', format(path, i), 'fields', jsonb_build_array(format(field, i)))))
      FROM generate_series(1, number) AS i $$;
-- Unknown relations, columns.
SELECT * FROM said(matches(3, 'evil.' || repeat('t', 41) || '_%s', '*'));
SELECT * FROM said(matches(30, 'evil.' || repeat('t', 41) || '_%s', '*'));
SELECT * FROM said(matches(5000, 'evil.' || repeat('t', 41) || '_%s', '*'));
SELECT * FROM said(matches(50, 'evil.' || repeat('t', 41) || '%s', 'colunm_%s'));
SELECT * FROM said(matches(5000, 'evil_%s.t', '*'));
-- A type that is not known is one problem.
SELECT message, details, first_line FROM said((SELECT jsonb_build_object('match', jsonb_agg(jsonb_build_object('path', 'evil.' || repeat('t', 41) || i, 'fields',
  jsonb_build_array(jsonb_build_object('name', 'column_' || i, 'type', 'no_such_' || i))))) FROM generate_series(1, 10) AS i));
SELECT count(*) FROM integratedb.claims;

\i :end
