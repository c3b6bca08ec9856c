-- exposure(): everything that stakeholders reach besides their claims, how, the statement that closes it, and whom else that touches.
\set test 'integratedb_exposure'
\getenv abs_srcdir PG_ABS_SRCDIR
\set begin :abs_srcdir '/include/begin.sql'
\i :begin
-- Without stakeholders nobody is exposed.
SELECT count(*) FROM integratedb.exposure();
\set scene :abs_srcdir '/include/exposure_scene.sql'
\i :scene
SELECT stakeholder, privilege, object, column_name, detail, also_touches FROM public.exposed WHERE how = 'PUBLIC' ORDER BY object, column_name, privilege;
SELECT stakeholder, how, privilege, object, column_name, detail, also_touches FROM public.exposed WHERE how <> 'PUBLIC'
 ORDER BY how, stakeholder, object, column_name, privilege;
SELECT how, object, column_name, statement FROM public.exposed ORDER BY how, object, column_name, privilege, statement;
-- Other databases, by CONNECT, and not the one that it is in.
SELECT how, privilege, statement, stakeholder FROM integratedb.exposure() WHERE object = 'database postgres';
-- Of one stakeholder: its own, and what PUBLIC has. It is not told that it would lose something.
SELECT stakeholder, count(*) > 0 FROM integratedb.exposure('regress_app') GROUP BY 1 ORDER BY 1;
SELECT object, also_touches FROM integratedb.exposure('regress_shop') WHERE object IN ('view data.totals', 'function data.plain(integer,text[])') ORDER BY 1;
-- What it claims is not beyond its claims, though PUBLIC has it too; of what only one of them claims the other is told.
SELECT object FROM integratedb.exposure() WHERE object LIKE '%data.claimed()%';
SELECT count(*) FROM integratedb.unclaim('regress_shop');
SELECT how, object FROM integratedb.exposure() WHERE object LIKE '%data.claimed()%';
SELECT object FROM integratedb.exposure('regress_app') WHERE object LIKE '%data.claimed()%';
-- A stakeholder asks about itself, and nobody else but administrators.
SET SESSION AUTHORIZATION regress_app;
SELECT count(*) > 10 FROM integratedb.exposure('regress_app');
SELECT count(*) FROM integratedb.exposure('regress_shop');
SELECT count(*) FROM integratedb.exposure();
RESET SESSION AUTHORIZATION;
SELECT * FROM integratedb.exposure('nobody');
-- What is granted on our own objects is told, but for what everybody may call.
SELECT * FROM integratedb.exposure() WHERE object LIKE '%integratedb.%';
GRANT SELECT ON integratedb.stakeholder TO regress_app;
GRANT EXECUTE ON FUNCTION integratedb.sync() TO PUBLIC;
SELECT how, object, statement FROM integratedb.exposure() WHERE object LIKE '%integratedb.%' ORDER BY 1;
-- It writes nothing.
BEGIN READ ONLY;
SELECT count(*) > 10 FROM integratedb.exposure();
COMMIT;
-- A role that is not to be trusted reaches nothing as a stakeholder.
ALTER ROLE regress_shop RENAME TO regress_gone;
SELECT count(*) FROM integratedb.exposure('regress_shop');
-- What is granted on a parameter outlives the database.
REVOKE SET ON PARAMETER log_statement FROM regress_app;
\i :end
