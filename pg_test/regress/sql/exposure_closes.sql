-- Each statement of exposure() can be executed as it is, and closes what it says; nothing that is claimed goes with it.
\set test 'integratedb_exposure'
\getenv abs_srcdir PG_ABS_SRCDIR
\set begin :abs_srcdir '/include/begin.sql'
\i :begin
\set scene :abs_srcdir '/include/exposure_scene.sql'
\i :scene
SET client_min_messages = error;
SELECT stakeholder, path, column_name FROM integratedb.claimed_columns WHERE status = 'met' ORDER BY 1, 2, 3;
-- One after the other, each in a transaction of its own: a claim that were broken would make it fail.
CREATE TABLE public.closed (number serial, how text, object text, column_name text, privilege text, stakeholder text, statement text);
INSERT INTO public.closed (how, object, column_name, privilege, stakeholder, statement)
SELECT how, object, column_name, privilege, stakeholder, statement FROM public.exposed ORDER BY how, object, column_name, privilege, stakeholder;
SELECT count(*) = count(DISTINCT (how, object, column_name, privilege, stakeholder, statement)) AS each_once, count(*) > 40 AS many FROM public.closed;
CREATE FUNCTION public.left_over(one integer) RETURNS boolean LANGUAGE sql AS $$
    SELECT EXISTS (SELECT FROM public.closed AS c JOIN integratedb.exposure() AS e
                      ON (e.how, e.object, e.privilege, e.statement) = (c.how, c.object, c.privilege, c.statement)
                     AND e.column_name IS NOT DISTINCT FROM c.column_name AND e.stakeholder IS NOT DISTINCT FROM c.stakeholder WHERE c.number = one)
$$;
SELECT count(*) AS before FROM public.closed WHERE public.left_over(number) \gset
SELECT :before = (SELECT count(*) FROM public.closed) AS all_are_there;
\set ECHO none
CREATE TABLE public.still_open (LIKE public.closed);
SELECT statement, format('INSERT INTO public.still_open SELECT * FROM public.closed WHERE number = %s AND public.left_over(%s)', number, number)
  FROM public.closed ORDER BY number
\gexec
\set ECHO all
SELECT how, object, statement FROM public.still_open ORDER BY number;
SELECT * FROM public.exposed;
-- The claims are met as before, and nothing has drifted.
SELECT integratedb.validate_migration();
SELECT * FROM integratedb.privilege_drift();
SELECT stakeholder, path, column_name FROM integratedb.claimed_columns WHERE status = 'met' ORDER BY 1, 2, 3;
SET SESSION AUTHORIZATION regress_app;
SELECT count(id), count(total) FROM data.orders;
SELECT count(*) FROM data.other;
SELECT data.claimed();
SELECT secret FROM data.orders;
RESET SESSION AUTHORIZATION;
\i :end
