-- What DROP ... CASCADE takes along, from whatever it starts.
\set test 'integratedb_cascades'
\getenv abs_srcdir PG_ABS_SRCDIR
\set begin :abs_srcdir '/include/begin.sql'
\i :begin

CREATE FUNCTION shout(text) RETURNS text LANGUAGE sql IMMUTABLE AS 'SELECT upper($1)';
CREATE EXTENSION hstore SCHEMA public;
CREATE SCHEMA shop;
CREATE SCHEMA other;
CREATE TABLE shop.orders (id bigint PRIMARY KEY, note text, loud text GENERATED ALWAYS AS (shout(note)) STORED, tags hstore);
CREATE FUNCTION some_orders() RETURNS SETOF shop.orders LANGUAGE sql AS 'SELECT * FROM shop.orders';
CREATE VIEW shop.few AS SELECT id FROM some_orders();
SELECT stakeholder FROM integratedb.create_stakeholder('reporter');
SELECT count(*) FROM integratedb.claim('reporter', '{"match": [{"path": "shop.orders", "fields": ["loud", "tags"]}, {"path": "shop.few", "fields": ["*"]}]}');
DROP FUNCTION shout(text) CASCADE;
DROP FUNCTION some_orders() CASCADE;
DROP EXTENSION hstore CASCADE;
ALTER EXTENSION hstore SET SCHEMA other;
CREATE ROLE owner;
CREATE TYPE kind AS ENUM ('a');
ALTER TYPE kind OWNER TO owner;
ALTER TABLE shop.orders ADD COLUMN kind kind;
SELECT count(*) FROM integratedb.claim('reporter', 'shop.orders', '{kind}');
DROP OWNED BY owner CASCADE;
SELECT integratedb.validate_migration();

\i :end
