SELECT m.tbl_name || ' column ' || c.name || ' ' || lower(c.type)
    || CASE WHEN c."notnull" = 1 THEN ' not null' ELSE '' END
    || CASE WHEN c.pk > 0 THEN ' primary key' ELSE '' END AS line
FROM sqlite_master m JOIN pragma_table_info(m.name) c WHERE m.type = 'table'
UNION ALL
SELECT m.tbl_name || ' index ' || CASE WHEN i.origin = 'c' THEN i.name ELSE i.origin END
    || CASE WHEN i."unique" = 1 THEN ' unique' ELSE '' END
    || CASE WHEN i.partial = 1 THEN ' partial' ELSE '' END
    || ' (' || (SELECT group_concat(x.name, ', ') FROM pragma_index_info(i.name) x) || ')'
FROM sqlite_master m JOIN pragma_index_list(m.name) i WHERE m.type = 'table'
UNION ALL
SELECT m.tbl_name || ' references ' || f."table" || ' by ' || f."from" || ' ' || f.on_delete
FROM sqlite_master m JOIN pragma_foreign_key_list(m.name) f WHERE m.type = 'table'
ORDER BY line
