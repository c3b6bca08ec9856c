-- What the queries in queries.sql are about. PUBLIC may execute nothing here: a function has to be claimed.
CREATE SCHEMA shop;
CREATE TABLE shop.customers (
    id bigint PRIMARY KEY, name text NOT NULL, email varchar(80), city text, ssn text, "Loyalty Points" integer);
CREATE TABLE shop.orders (
    id bigint PRIMARY KEY, customer_id bigint NOT NULL REFERENCES shop.customers, state text NOT NULL,
    total numeric(12,2) NOT NULL, note text, placed_at timestamptz, tags text[], details jsonb);
CREATE TABLE shop.lines (
    order_id bigint NOT NULL REFERENCES shop.orders, number integer NOT NULL, sku text NOT NULL, quantity integer NOT NULL DEFAULT 0,
    price numeric(12,2) NOT NULL, PRIMARY KEY (order_id, number));
CREATE TABLE shop.stock (sku text PRIMARY KEY, quantity integer NOT NULL DEFAULT 0, shelf text);
CREATE TABLE shop.categories (id integer PRIMARY KEY, parent_id integer REFERENCES shop.categories, name text NOT NULL);
CREATE VIEW shop.paid AS SELECT id, customer_id, total FROM shop.orders WHERE state = 'paid';
CREATE TYPE shop.address AS (street text, town text);
CREATE TABLE shop.places (id integer PRIMARY KEY, address shop.address, name text);
CREATE TABLE shop."Mixed Case" ("Id" integer PRIMARY KEY, "select" text, plain text);
CREATE TABLE public.orders (id bigint PRIMARY KEY, legacy text, amount numeric);
CREATE TABLE public.rates (currency text PRIMARY KEY, rate numeric NOT NULL, at date);
CREATE SEQUENCE shop.numbers;
-- Claimed in place of what a proof leaves out, so that the schema stays in use.
CREATE TABLE shop.anchor ();
CREATE TABLE public.anchor ();

CREATE FUNCTION shop.order_total(bigint) RETURNS numeric LANGUAGE sql STABLE AS 'SELECT 1.0';
CREATE FUNCTION shop.tax(numeric, percent integer DEFAULT 19) RETURNS numeric LANGUAGE plpgsql AS 'BEGIN RETURN $1; END';
CREATE FUNCTION shop.overdue(integer) RETURNS TABLE (order_id bigint, days integer) LANGUAGE plpgsql AS 'BEGIN END';
CREATE FUNCTION shop.label(text) RETURNS text LANGUAGE plpgsql AS 'BEGIN RETURN $1; END';
CREATE FUNCTION shop.label(bigint) RETURNS text LANGUAGE plpgsql AS 'BEGIN RETURN $1; END';
CREATE FUNCTION shop.any_of(VARIADIC text[]) RETURNS text LANGUAGE plpgsql AS 'BEGIN RETURN $1[1]; END';
CREATE AGGREGATE shop.product(numeric) (sfunc = numeric_mul, stype = numeric, initcond = '1');
REVOKE EXECUTE ON ALL FUNCTIONS IN SCHEMA shop FROM PUBLIC;
