-- The database that the dump test dumps: something of everything that can be claimed.
CREATE EXTENSION integratedb;
CREATE SCHEMA shop;
CREATE SCHEMA billing;
CREATE DOMAIN shop.email AS text NOT NULL CHECK (VALUE LIKE '%@%');
CREATE TYPE shop.state AS ENUM ('new', 'paid');
CREATE TABLE shop.customers (id bigint PRIMARY KEY, user_id bigint NOT NULL, email shop.email, ssn text);
CREATE TABLE shop.orders (id bigint PRIMARY KEY, customer_id bigint REFERENCES shop.customers, state shop.state,
                          total numeric(12,2) NOT NULL, note varchar(80));
CREATE TABLE shop.events (day date NOT NULL, what text) PARTITION BY RANGE (day);
CREATE TABLE shop.events_2025 PARTITION OF shop.events FOR VALUES FROM ('2025-01-01') TO ('2026-01-01');
CREATE INDEX ON shop.events (day);
CREATE VIEW shop.paid AS SELECT id, total FROM shop.orders WHERE state = 'paid';
CREATE MATERIALIZED VIEW shop.totals AS SELECT customer_id, sum(total) AS total FROM shop.orders GROUP BY 1;
CREATE INDEX ON shop.totals (customer_id);
-- Row level security that was on when it was claimed.
CREATE TABLE shop.secrets (id bigint PRIMARY KEY, owner_name text);
ALTER TABLE shop.secrets ENABLE ROW LEVEL SECURITY;
CREATE POLICY own ON shop.secrets USING (owner_name = current_user);
CREATE TABLE shop.old_invoices (id bigint, amount numeric);
-- Many tables with indexes and foreign keys, for the parallel restore.
DO $$ BEGIN
    FOR i IN 1..30 LOOP
        EXECUTE format('CREATE TABLE billing.t%s (id bigint PRIMARY KEY, customer_id bigint REFERENCES shop.customers, a text, b text)', i);
        EXECUTE format('CREATE INDEX ON billing.t%s (a)', i);
        EXECUTE format('CREATE INDEX ON billing.t%s (b)', i);
        EXECUTE format('INSERT INTO billing.t%s SELECT g, NULL, g, g FROM generate_series(1, 200) g', i);
    END LOOP;
END $$;
INSERT INTO shop.customers VALUES (1, 10, 'a@b', 'secret');
INSERT INTO shop.orders VALUES (1, 1, 'paid', 5, 'first');
INSERT INTO shop.secrets VALUES (1, 'dump_reporter'), (2, 'somebody');
-- Grants that are not the extension's.
GRANT SELECT ON shop.orders TO dump_other;
GRANT USAGE ON SCHEMA shop TO dump_other;
SELECT integratedb.grant_admin('dump_other');

SELECT stakeholder FROM integratedb.create_stakeholder('dump_reporter');
SELECT stakeholder FROM integratedb.create_stakeholder('dump_audit');
GRANT SELECT (ssn) ON shop.customers TO dump_reporter;
SELECT count(*) FROM integratedb.claim('dump_reporter', '{"match": [
    {"path": "shop.orders", "fields": ["*"]},
    {"path": "shop.customers", "fields": ["id", "user_id", {"name": "email", "type": "shop.email", "is_nullable": false}]},
    {"path": "shop.events", "fields": ["*"]},
    {"path": "shop.paid", "fields": ["id", "total"]},
    {"path": "shop.totals", "fields": ["*"]},
    {"path": "shop.secrets", "fields": ["*"]},
    {"path": "shop.absent", "fields": ["id"], "optional": true},
    {"alternatives": [{"path": "shop.invoices", "fields": ["id"]}, {"path": "shop.old_invoices", "fields": ["id"]}]},
    {"path": "billing.*", "fields": ["*"]}]}');
SELECT count(*) FROM integratedb.claim('dump_audit', 'billing.*', '{*}');
-- A role that was there before, with a schema and grants of its own.
CREATE SCHEMA dump_adopted AUTHORIZATION dump_adopted;
GRANT USAGE ON SCHEMA shop TO dump_adopted;
GRANT SELECT (note) ON shop.orders TO dump_adopted;
SET client_min_messages = error;
SELECT stakeholder FROM integratedb.adopt_stakeholder('dump_adopted');
RESET client_min_messages;
SELECT count(*) FROM integratedb.claim('dump_adopted', 'shop.orders', '{id,note}');
CREATE TABLE dump_reporter.daily_totals (day date, total numeric);
ALTER TABLE dump_reporter.daily_totals OWNER TO dump_reporter;
