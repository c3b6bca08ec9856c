-- granted(role): what the role was granted directly, one line an object, from the access control lists themselves. Its own
-- schema is left out.
\set ECHO none
CREATE FUNCTION public.granted(role name) RETURNS TABLE (object text, privileges text) LANGUAGE sql STABLE AS $$
    WITH entry (class, object, acl) AS (
        SELECT 1, 'schema ' || nspname, nspacl FROM pg_namespace WHERE nspname <> role
        UNION ALL
        SELECT CASE relkind WHEN 'S' THEN 3 ELSE 2 END, CASE relkind WHEN 'S' THEN 'sequence ' ELSE '' END || nspname || '.' || relname, relacl
          FROM pg_class JOIN pg_namespace AS n ON n.oid = relnamespace
        UNION ALL
        SELECT 2, nspname || '.' || relname || ' (' || attname || ')', attacl
          FROM pg_attribute JOIN pg_class AS c ON c.oid = attrelid JOIN pg_namespace AS n ON n.oid = relnamespace WHERE NOT attisdropped
        UNION ALL
        SELECT 4, 'function ' || nspname || '.' || proname || '(' || pg_get_function_identity_arguments(p.oid) || ')', proacl
          FROM pg_proc AS p JOIN pg_namespace AS n ON n.oid = pronamespace
        UNION ALL
        SELECT 5, 'type ' || nspname || '.' || typname, typacl FROM pg_type JOIN pg_namespace AS n ON n.oid = typnamespace)
    SELECT object, string_agg(privilege_type || CASE WHEN is_grantable THEN ' with grant option' ELSE '' END, ', ' ORDER BY privilege_type)
      FROM entry CROSS JOIN LATERAL aclexplode(acl) WHERE grantee = (SELECT oid FROM pg_roles WHERE rolname = role)
     GROUP BY class, object ORDER BY class, object
$$;
\set ECHO all
