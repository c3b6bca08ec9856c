-- Materialised views and foreign tables are claimed like tables.
\set test 'integratedb_materialized_and_foreign'
\getenv abs_srcdir PG_ABS_SRCDIR
\set begin :abs_srcdir '/include/begin.sql'
\i :begin
\set readable :abs_srcdir '/include/readable.sql'
\i :readable

CREATE TABLE base (id bigint, day date, total numeric(12,2));
CREATE MATERIALIZED VIEW daily AS SELECT day, sum(total) AS total FROM base GROUP BY day;
CREATE FOREIGN DATA WRAPPER nowhere;
CREATE SERVER elsewhere FOREIGN DATA WRAPPER nowhere;
CREATE FOREIGN TABLE remote (id bigint NOT NULL, note varchar(80)) SERVER elsewhere;
SELECT stakeholder FROM integratedb.create_stakeholder('reporter');
SELECT * FROM integratedb.claim('reporter', '{"match": [{"path": "public.daily", "fields": ["day", "total"]}, {"path": "public.remote", "fields": ["*"]}]}');
DROP MATERIALIZED VIEW daily;
ALTER MATERIALIZED VIEW daily RENAME COLUMN total TO sum;
ALTER MATERIALIZED VIEW daily RENAME TO per_day;
ALTER TABLE base DROP COLUMN total CASCADE;
DROP FOREIGN TABLE remote;
ALTER FOREIGN TABLE remote DROP COLUMN note;
ALTER FOREIGN TABLE remote ALTER COLUMN note TYPE varchar(10);
ALTER FOREIGN TABLE remote ALTER COLUMN id DROP NOT NULL;
DROP SERVER elsewhere CASCADE;
DROP FOREIGN DATA WRAPPER nowhere CASCADE;
-- Made anew.
BEGIN;
DROP MATERIALIZED VIEW daily;
CREATE MATERIALIZED VIEW daily AS SELECT day, sum(total) AS total, count(*) AS number FROM base GROUP BY day WITH NO DATA;
COMMIT;
SELECT readable('reporter', 'public.daily');
BEGIN;
DROP MATERIALIZED VIEW daily;
CREATE MATERIALIZED VIEW daily AS SELECT day::text AS day, sum(total) AS total FROM base GROUP BY day;
COMMIT;
ALTER FOREIGN TABLE remote ADD COLUMN extra text;
SELECT readable('reporter', 'public.remote');
CREATE INDEX ON daily (day);
REFRESH MATERIALIZED VIEW daily;
SELECT integratedb.validate_migration();

\i :end
