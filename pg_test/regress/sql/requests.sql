-- request_claim, approve_request, refuse_request: a stakeholder asks, the owners of what it names answer.
\set test 'integratedb_requests'
\getenv abs_srcdir PG_ABS_SRCDIR
\set begin :abs_srcdir '/include/begin.sql'
\i :begin
CREATE ROLE regress_sales;
CREATE ROLE regress_billing;
CREATE ROLE regress_clerk IN ROLE regress_billing;
CREATE ROLE regress_admin;
CREATE ROLE regress_nobody;
CREATE SCHEMA shop AUTHORIZATION regress_nobody;
CREATE TABLE shop.customers (id bigint PRIMARY KEY, email text, ssn text);
CREATE TABLE shop.orders (id bigint PRIMARY KEY, customer_id bigint REFERENCES shop.customers, total numeric(12,2));
CREATE TABLE shop.invoices (id bigint PRIMARY KEY, amount numeric(12,2));
CREATE FUNCTION shop.vat(numeric) RETURNS numeric LANGUAGE sql AS 'SELECT $1 * 0.25';
ALTER TABLE shop.customers OWNER TO regress_sales;
ALTER TABLE shop.orders OWNER TO regress_sales;
ALTER TABLE shop.invoices OWNER TO regress_billing;
ALTER FUNCTION shop.vat OWNER TO regress_billing;
SELECT integratedb.grant_admin('regress_admin');
SELECT stakeholder FROM integratedb.create_stakeholder('regress_app');
SELECT stakeholder FROM integratedb.create_stakeholder('regress_other');
SELECT count(*) FROM integratedb.claim('regress_app', 'shop.customers', '{id}');

-- What is wrong with a document the stakeholder is told at once.
SET SESSION AUTHORIZATION regress_app;
SELECT integratedb.request_claim('{"match": [{"path": "shop.orders", "fields": ["id", "totl"]}, {"path": "shop.order", "fields": ["id"]}]}', 'a report');
SELECT integratedb.request_claim('{"match": [{"path": "shop.orders", "fields": ["id"]}]}', ' ');
SELECT integratedb.request_claim('{"match": [{"path": "shop.orders", "fields": ["id"]}]}', NULL);
-- It cannot claim.
SELECT integratedb.claim('regress_app', 'shop.orders', '{id}');
-- Three relations and a function of two owners; customers is claimed as it was.
SELECT integratedb.request_claim('{"match": [
    {"path": "shop.customers", "fields": ["id"]},
    {"path": "shop.orders", "fields": ["id", "total"]},
    {"path": "shop.invoices", "fields": ["id", "amount"]},
    {"function": "shop.vat(numeric)"}]}', 'a report');
SELECT request_id, stakeholder, status, document, reason, waiting_for, requested_by FROM integratedb.requests;
SELECT integratedb.approve_request(1);
RESET SESSION AUTHORIZATION;
-- Nobody else hears of it, not the owner of the schema either.
SET SESSION AUTHORIZATION regress_other;
SELECT count(*) FROM integratedb.requests;
SELECT integratedb.approve_request(1);
SELECT integratedb.refuse_request(1, 'no');
RESET SESSION AUTHORIZATION;
SET SESSION AUTHORIZATION regress_nobody;
SELECT count(*) FROM integratedb.requests;
SELECT integratedb.approve_request(1);
SELECT integratedb.approve_request(2);
SELECT integratedb.request_claim('{"match": []}', 'why not');
RESET SESSION AUTHORIZATION;
-- An owner sees its matches.
SET SESSION AUTHORIZATION regress_clerk;
SELECT request_id, document, waiting_for FROM integratedb.requests;
SELECT * FROM integratedb.approve_request(1, 'fine with us');
SELECT request_id, document, waiting_for FROM integratedb.requests;
RESET SESSION AUTHORIZATION;
SELECT has_column_privilege('regress_app', 'shop.invoices', 'amount', 'SELECT');
-- The approval is of that table, by somebody who owns it today.
BEGIN;
ALTER TABLE shop.invoices OWNER TO regress_sales;
SELECT waiting_for FROM integratedb.requests;
ROLLBACK;
BEGIN;
ALTER TABLE shop.invoices RENAME TO invoices_2019;
CREATE TABLE shop.invoices (id bigint PRIMARY KEY, amount numeric(12,2));
ALTER TABLE shop.invoices OWNER TO regress_billing;
SELECT waiting_for FROM integratedb.requests;
ROLLBACK;
BEGIN;
REVOKE regress_billing FROM regress_clerk;
SELECT waiting_for FROM integratedb.requests;
ROLLBACK;
-- The last approval claims, against the catalogs as they are.
ALTER TABLE shop.orders DROP COLUMN total;
SET SESSION AUTHORIZATION regress_sales;
SELECT * FROM integratedb.approve_request(1);
RESET SESSION AUTHORIZATION;
ALTER TABLE shop.orders ADD COLUMN total numeric(12,2);
SET SESSION AUTHORIZATION regress_sales;
SELECT * FROM integratedb.approve_request(1);
SELECT * FROM integratedb.approve_request(1);
SELECT * FROM integratedb.refuse_request(1, 'too late');
SELECT count(*) FROM integratedb.requests;
RESET SESSION AUTHORIZATION;
SET SESSION AUTHORIZATION regress_app;
SELECT request_id, status, waiting_for, decided_by, note FROM integratedb.requests;
SELECT count(*) FROM shop.orders;
SELECT shop.vat(1);
-- What gives something up names no owner: an administrator's approval.
SELECT integratedb.request_claim('{"match": [{"path": "shop.customers", "fields": ["id"]}]}', 'the report is gone');
SELECT request_id, status, waiting_for FROM integratedb.requests ORDER BY request_id;
RESET SESSION AUTHORIZATION;
SELECT action, path FROM integratedb.approve_request(2);
SET SESSION AUTHORIZATION regress_app;
SELECT count(*) FROM shop.orders;
-- What only an administrator may approve: a wildcard, what is not there yet.
SELECT integratedb.request_claim('{"match": [{"path": "shop.*", "fields": ["*"]}, {"path": "shop.later", "fields": ["id"], "pending": true}]}', 'all of it');
SELECT waiting_for FROM integratedb.requests WHERE status = 'open';
RESET SESSION AUTHORIZATION;
SET SESSION AUTHORIZATION regress_sales;
SELECT integratedb.approve_request(3);
RESET SESSION AUTHORIZATION;
SET SESSION AUTHORIZATION regress_admin;
SELECT request_id, stakeholder, waiting_for FROM integratedb.requests WHERE status = 'open';
SELECT * FROM integratedb.approve_request(3, 'until the end of the year');
SELECT version, role, function FROM integratedb.claim_history WHERE stakeholder = 'regress_app' ORDER BY version DESC LIMIT 1;
-- What is protected.
SELECT count(*) FROM integratedb.claim('regress_app', 'shop.customers', '{id}');
SELECT count(*) FROM integratedb.claim('regress_app', '{"match": []}');
SELECT count(*) FROM integratedb.protect('shop.customers', '{ssn}');
RESET SESSION AUTHORIZATION;
SET SESSION AUTHORIZATION regress_app;
SELECT integratedb.request_claim('{"match": [{"path": "shop.customers", "fields": ["ssn"]}]}', 'tax');
SELECT integratedb.request_claim('{"match": [{"path": "shop.customers", "fields": ["ssn"], "acknowledge_protected": true}]}', 'tax');
SELECT waiting_for FROM integratedb.requests WHERE status = 'open';
-- A new request replaces the open one, whose number is gone; so an owner approves what it has read.
SELECT integratedb.request_claim('{"match": [{"path": "shop.orders", "fields": ["id"], "references": [{"fields": ["customer_id"], "path": "shop.customers", "to": ["id"]}]}]}', 'a report');
SELECT integratedb.request_claim('{"match": [{"path": "shop.orders", "fields": ["customer_id"], "references": [{"fields": ["customer_id"], "path": "shop.customers", "to": ["id"]}]}]}', 'a report');
SELECT request_id, status, waiting_for FROM integratedb.requests WHERE status = 'open';
RESET SESSION AUTHORIZATION;
SET SESSION AUTHORIZATION regress_sales;
SELECT * FROM integratedb.approve_request(5);
SELECT integratedb.refuse_request(6, '');
SELECT integratedb.refuse_request(6, NULL);
SELECT integratedb.refuse_request(6, 'Use the view shop.orders_public.');
RESET SESSION AUTHORIZATION;
SET SESSION AUTHORIZATION regress_app;
SELECT request_id, status, decided_by, note FROM integratedb.requests ORDER BY request_id DESC LIMIT 1;
-- It takes back its own.
SELECT integratedb.request_claim('{"match": [{"path": "shop.orders", "fields": ["id"]}]}', 'a report');
SELECT integratedb.refuse_request(7, 'a mistake');
-- A document that has changed since it asked would be overwritten.
SELECT integratedb.request_claim('{"match": [{"path": "shop.orders", "fields": ["id"]}]}', 'a report');
RESET SESSION AUTHORIZATION;
SELECT count(*) FROM integratedb.claim('regress_app', 'shop.invoices', '{id}');
SET SESSION AUTHORIZATION regress_sales;
SELECT * FROM integratedb.approve_request(8);
RESET SESSION AUTHORIZATION;
-- With the stakeholder its open request goes; what was decided stays.
SELECT count(*) FROM integratedb.drop_stakeholder('regress_app');
SELECT request_id, status FROM integratedb.requests ORDER BY request_id;
\i :end
