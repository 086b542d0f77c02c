-- What the server holds, in one row: the role compares it with what is wanted.
SELECT
  -- files that were written after the server last read its configuration
  (SELECT coalesce(json_agg(file), '[]')
     FROM unnest(ARRAY['postgresql.conf', 'ironlab.conf', 'pg_hba.conf', 'pg_ident.conf']) AS file
    WHERE (pg_stat_file(file, true)).modification > pg_conf_load_time()) AS unread,
  -- settings that it has read and that only a restart brings into effect
  (SELECT coalesce(json_agg(name), '[]')
     FROM pg_settings
    WHERE pending_restart) AS pending_restart,
  (SELECT json_object_agg(rolname, json_build_object(
            'password', rolpassword IS NOT NULL,
            'groups', ARRAY(SELECT roleid::regrole::text
                              FROM pg_auth_members
                             WHERE member = r.oid)))
     FROM pg_authid AS r) AS roles,
  (SELECT json_object_agg(datname, json_build_object(
            'owner', pg_get_userbyid(datdba),
            'public', EXISTS (SELECT FROM aclexplode(coalesce(datacl, acldefault('d', datdba)))
                               WHERE grantee = 0)))
     FROM pg_database) AS databases,
  EXISTS (SELECT FROM pg_extension WHERE extname = 'pg_stat_statements') AS statistics
