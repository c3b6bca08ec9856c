-- one column
SELECT id FROM customers;

-- search path, first schema wins
SELECT state FROM orders;

-- schema named
SELECT legacy FROM public.orders WHERE id = $1;

-- alias
SELECT o.id FROM orders AS o WHERE o.state = 'paid' AND o.total > $1;

-- aliases of columns
SELECT c.number FROM customers AS c (number, title) WHERE c.title = $1;

-- every column
SELECT * FROM stock;

-- every column of one
SELECT s.*, l.number FROM lines l JOIN stock s ON s.sku = l.sku;

-- no column
SELECT 1 FROM rates;

-- count of rows
SELECT count(*) FROM customers;

-- whole row counted
SELECT count(s) FROM stock s;

-- whole row as JSON
SELECT row_to_json(r) FROM rates AS r;

-- row of a sub-select
SELECT row_to_json(x) FROM (SELECT id, email FROM customers) AS x;

-- join with ON
SELECT c.name, o.total FROM customers c JOIN orders o ON o.customer_id = c.id;

-- join with USING
SELECT sku, l.number FROM lines l JOIN stock USING (sku);

-- left join and condition
SELECT c.id FROM customers c LEFT JOIN orders o ON o.customer_id = c.id AND o.state = 'open' WHERE o.id IS NULL;

-- natural join
SELECT shelf FROM (SELECT sku, price FROM lines) l NATURAL JOIN stock;

-- join with an alias
SELECT j.name FROM (customers c JOIN orders o ON o.customer_id = c.id) AS j (customer_number);

-- sub-select in FROM
SELECT x.top FROM (SELECT max(total) AS top FROM orders GROUP BY customer_id) AS x;

-- correlated sub-select
SELECT c.name FROM customers c WHERE EXISTS (SELECT 1 FROM orders o WHERE o.customer_id = c.id);

-- scalar sub-select
SELECT id, (SELECT max(l.price) FROM lines l WHERE l.order_id = orders.id) AS dearest FROM orders;

-- IN with a sub-select
SELECT name FROM customers WHERE id IN (SELECT customer_id FROM orders WHERE state = $1);

-- lateral
SELECT c.id, last.total FROM customers c, LATERAL (SELECT total FROM orders WHERE customer_id = c.id ORDER BY placed_at DESC LIMIT 1) last;

-- WITH
WITH big AS (SELECT id, customer_id FROM orders WHERE total > $1) SELECT c.name FROM customers c JOIN big ON big.customer_id = c.id;

-- WITH shadows a table
WITH customers AS (SELECT sku AS name FROM stock) SELECT name FROM customers;

-- WITH that nothing uses
WITH unused AS (SELECT shelf FROM stock) SELECT name FROM customers;

-- recursive
WITH RECURSIVE tree AS (SELECT id, 1 AS depth FROM categories WHERE parent_id IS NULL UNION ALL SELECT c.id, t.depth + 1 FROM categories c JOIN tree t ON c.parent_id = t.id) SELECT id, depth FROM tree ORDER BY depth;

-- WITH that changes
WITH gone AS (DELETE FROM lines WHERE quantity = 0 RETURNING order_id) UPDATE orders SET state = 'empty' WHERE id IN (SELECT order_id FROM gone);

-- set operation
SELECT name FROM customers UNION SELECT sku FROM stock ORDER BY name;

-- nested set operation
(SELECT id FROM orders ORDER BY placed_at LIMIT 5) EXCEPT SELECT order_id FROM lines;

-- GROUP BY an alias
SELECT date_trunc('day', placed_at) AS day, sum(total) AS total FROM orders GROUP BY day HAVING count(*) > 1 ORDER BY day;

-- ORDER BY an ordinal
SELECT city, count(*) FROM customers GROUP BY 1 ORDER BY 2 DESC;

-- ORDER BY another column
SELECT name FROM customers ORDER BY city, lower(email);

-- DISTINCT ON
SELECT DISTINCT ON (customer_id) id FROM orders ORDER BY customer_id, placed_at;

-- window
SELECT id, rank() OVER w, sum(total) OVER (PARTITION BY state ORDER BY id ROWS BETWEEN 1 PRECEDING AND CURRENT ROW) FROM orders WINDOW w AS (PARTITION BY customer_id ORDER BY placed_at);

-- filter
SELECT count(*) FILTER (WHERE state = 'paid'), array_agg(id ORDER BY placed_at) FROM orders;

-- ordered-set aggregate
SELECT percentile_cont(0.5) WITHIN GROUP (ORDER BY total) FROM orders;

-- grouping sets
SELECT customer_id, state, sum(total) FROM orders GROUP BY GROUPING SETS ((customer_id), (state), ());

-- CASE, CAST, COALESCE
SELECT CASE WHEN total > 10 THEN coalesce(note, '') ELSE id::text END FROM orders;

-- JSON and arrays
SELECT details->>'colour', tags[1] FROM orders WHERE details @> $1 AND 'x' = ANY (tags);

-- strings and dates
SELECT substring(name FROM 1 FOR 3), position('x' IN city), trim(both ' ' from email), extract(year FROM current_date) FROM customers;

-- quoted names
SELECT "Loyalty Points", NAME FROM customers;

-- mixed case
SELECT m."select" FROM shop."Mixed Case" AS m WHERE m."Id" = $1;

-- attribute of a composite
SELECT (address).town FROM places;

-- attribute of the row
SELECT (p).name FROM places p;

-- system column
SELECT ctid FROM stock WHERE sku = $1;

-- view
SELECT total FROM paid WHERE customer_id = $1;

-- lock
SELECT quantity FROM stock WHERE sku = $1 FOR UPDATE;

-- lock of one
SELECT c.name FROM customers c JOIN orders o ON o.customer_id = c.id FOR UPDATE OF o SKIP LOCKED;

-- lock through a sub-select
SELECT x.sku FROM (SELECT sku FROM stock) x FOR SHARE;

-- VALUES joined
SELECT s.shelf FROM stock s JOIN (VALUES ('a'), ('b')) AS v (sku) ON v.sku = s.sku;

-- function in FROM
SELECT d.day, r.rate FROM generate_series(date '2025-01-01', date '2025-02-01', interval '1 day') AS d (day) LEFT JOIN rates r ON r.at = d.day;

-- array unnested
SELECT c.name, tag FROM customers c JOIN orders o ON o.customer_id = c.id CROSS JOIN unnest(o.tags) AS tag;

-- table function
SELECT x.order_id, c.name FROM overdue(30) AS x JOIN orders o ON o.id = x.order_id JOIN customers c ON c.id = o.customer_id;

-- own function
SELECT shop.order_total(id) FROM orders;

-- function with defaults
SELECT tax(total) FROM orders;

-- overloads told by type
SELECT label(name), label(id) FROM customers;

-- variadic
SELECT any_of(name, city, 'x') FROM customers;

-- own aggregate
SELECT product(rate) FROM rates;

-- run: sequence
SELECT nextval('shop.numbers'::regclass);

-- insert
INSERT INTO rates (currency, rate) VALUES ($1, $2);

-- insert without a list
INSERT INTO rates VALUES ('EUR', 1), ('USD', 2);

-- insert defaults
INSERT INTO stock DEFAULT VALUES;

-- insert what is selected
INSERT INTO rates SELECT sku, quantity FROM stock WHERE shelf = $1;

-- insert and return
INSERT INTO orders (id, customer_id, state, total) VALUES ($1, $2, 'new', 0) RETURNING id, placed_at;

-- upsert
INSERT INTO stock AS s (sku, quantity) VALUES ($1, $2) ON CONFLICT (sku) DO UPDATE SET quantity = s.quantity + excluded.quantity WHERE s.shelf IS NOT NULL;

-- insert or not
INSERT INTO stock (sku, quantity) VALUES ($1, $2) ON CONFLICT DO NOTHING;

-- update
UPDATE stock SET shelf = $1;

-- update what is read
UPDATE stock SET quantity = quantity - $2 WHERE sku = $1;

-- update from another
UPDATE orders o SET note = c.city FROM customers c WHERE c.id = o.customer_id RETURNING o.id;

-- update several from a sub-select
UPDATE orders SET (total, note) = (SELECT sum(price), max(sku) FROM lines WHERE order_id = orders.id) WHERE id = $1;

-- update an attribute
UPDATE places SET address.town = $1 WHERE id = $2;

-- update every column returned
UPDATE stock SET quantity = 0 RETURNING *;

-- delete
DELETE FROM lines;

-- delete where
DELETE FROM lines WHERE order_id = $1 RETURNING sku;

-- delete using
DELETE FROM lines USING orders WHERE lines.order_id = orders.id AND orders.state = 'cancelled';

-- delete only
DELETE FROM ONLY lines WHERE number > 10;

-- merge
MERGE INTO stock AS s USING (SELECT sku, sum(quantity) AS n FROM lines GROUP BY sku) AS l ON l.sku = s.sku WHEN MATCHED AND s.quantity < l.n THEN DELETE WHEN MATCHED THEN UPDATE SET quantity = s.quantity - l.n WHEN NOT MATCHED THEN INSERT (sku, quantity, shelf) VALUES (l.sku, 0, 'none');

-- merge without a read of the target
MERGE INTO stock USING rates ON false WHEN NOT MATCHED THEN INSERT (sku, quantity) VALUES (currency, 1);

-- catalogs of the server
SELECT relname FROM pg_class WHERE relnamespace = 'shop'::regnamespace;

-- full join
SELECT sku, order_id FROM lines FULL JOIN (SELECT sku, 1 AS order_id FROM stock) s USING (sku, order_id);

-- USING in a chain
SELECT sku FROM lines JOIN stock USING (sku) JOIN (SELECT currency AS sku FROM rates) z USING (sku) WHERE sku = 'x';

-- sub-select in a condition
SELECT c.id FROM customers c JOIN orders o ON o.id = (SELECT max(x.order_id) FROM lines x WHERE x.number = c.id);

-- WITH in WITH
WITH a AS (WITH b AS (SELECT id FROM customers) SELECT id FROM b) SELECT id FROM a;

-- WITH correlated
SELECT c.id FROM customers c WHERE EXISTS (WITH x AS (SELECT o.id FROM orders o WHERE o.customer_id = c.id) SELECT 1 FROM x);

-- whole row tested
SELECT 1 FROM customers c LEFT JOIN rates r ON r.currency = c.name WHERE r IS NULL;

-- lock that lets keys be read
SELECT id FROM orders FOR NO KEY UPDATE;

-- lock of keys
SELECT id FROM orders FOR KEY SHARE;

-- LIKE ANY
SELECT id FROM orders WHERE note LIKE ANY ($1) AND total BETWEEN SYMMETRIC 1 AND 2;

-- update from itself
UPDATE stock s SET quantity = t.quantity FROM stock t WHERE t.sku = s.shelf;

-- view updated
UPDATE paid SET total = 0 WHERE id = $1;

-- upsert of all
INSERT INTO stock (sku, quantity, shelf) VALUES ($1, $2, $3) ON CONFLICT (sku) DO UPDATE SET quantity = EXCLUDED.quantity, shelf = EXCLUDED.shelf RETURNING (xmax = 0);

-- merge that does nothing
MERGE INTO stock USING rates ON false WHEN NOT MATCHED THEN DO NOTHING;

-- as Django writes it
SELECT "orders"."id", COUNT("lines"."number") AS "n" FROM "orders" LEFT OUTER JOIN "lines" ON ("orders"."id" = "lines"."order_id") WHERE NOT ("orders"."state" = $1 AND "orders"."note" IS NOT NULL) GROUP BY "orders"."id" ORDER BY "n" DESC LIMIT 21;

-- as Rails writes it
SELECT "orders".* FROM "orders" INNER JOIN "customers" ON "customers"."id" = "orders"."customer_id" WHERE "customers"."email" = $1 ORDER BY "orders"."id" ASC LIMIT $2;
