-- readable(role, relation): the columns that the role may SELECT, in the order of the table; "none" if there is none.
\set ECHO none
CREATE FUNCTION public.readable(reader name, relation text) RETURNS text LANGUAGE sql AS $$
    SELECT CASE WHEN to_regclass(relation) IS NULL THEN 'no such relation'
                WHEN NOT has_schema_privilege(reader, (SELECT relnamespace FROM pg_class WHERE oid = to_regclass(relation)), 'USAGE')
                THEN 'no USAGE on the schema'
                ELSE coalesce((SELECT string_agg(attname, ', ' ORDER BY attnum) FROM pg_attribute
                                WHERE attrelid = to_regclass(relation) AND attnum > 0 AND NOT attisdropped
                                  AND has_column_privilege(reader, attrelid, attnum, 'SELECT')), 'none') END
$$;
\set ECHO all
