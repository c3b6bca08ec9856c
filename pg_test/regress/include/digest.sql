-- digest(): all that the extension keeps and grants, in one text: its tables, the roles, every access control list.
\set ECHO none
CREATE FUNCTION public.digest() RETURNS text LANGUAGE plpgsql AS $$
DECLARE
    kept regclass;
    part text;
    whole text := '';
BEGIN
    FOR kept IN SELECT oid::regclass FROM pg_class WHERE relnamespace = 'integratedb'::regnamespace AND relkind = 'r' ORDER BY relname LOOP
        EXECUTE format('SELECT string_agg(t::text, %L ORDER BY t::text) FROM %s AS t', ',', kept) INTO part;
        whole := concat_ws('|', whole, kept, part);
    END LOOP;
    RETURN md5(concat_ws('|', whole,
        (SELECT string_agg(rolname || rolcanlogin, ',' ORDER BY rolname) FROM pg_roles),
        (SELECT string_agg(nspname || coalesce(nspacl::text, ''), ',' ORDER BY nspname) FROM pg_namespace),
        (SELECT string_agg(oid::text || relacl::text, ',' ORDER BY oid) FROM pg_class WHERE relacl IS NOT NULL),
        (SELECT string_agg(attrelid::text || attnum || attacl::text, ',' ORDER BY attrelid, attnum) FROM pg_attribute WHERE attacl IS NOT NULL),
        (SELECT string_agg(oid::text || proacl::text, ',' ORDER BY oid) FROM pg_proc WHERE proacl IS NOT NULL),
        (SELECT string_agg(oid::text || typacl::text, ',' ORDER BY oid) FROM pg_type WHERE typacl IS NOT NULL)));
END $$;
\set ECHO all
