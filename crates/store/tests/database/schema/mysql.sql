SELECT CONVERT(line USING utf8mb4) AS line FROM (
    SELECT CONCAT(table_name, ' column ', column_name, ' ', column_type,
        IF(is_nullable = 'NO', ' not null', ''), IF(extra = '', '', CONCAT(' ', extra)),
        COALESCE(CONCAT(' ', collation_name), '')) AS line
    FROM information_schema.columns WHERE table_schema = DATABASE()
    UNION ALL
    SELECT CONCAT(table_name, ' index ', index_name, IF(non_unique, '', ' unique'), ' (',
        GROUP_CONCAT(column_name ORDER BY seq_in_index), ')')
    FROM information_schema.statistics WHERE table_schema = DATABASE()
    GROUP BY table_name, index_name, non_unique
    UNION ALL
    SELECT CONCAT(table_name, ' constraint ', constraint_name, ' references ',
        referenced_table_name, ' ', delete_rule)
    FROM information_schema.referential_constraints WHERE constraint_schema = DATABASE()
) AS lines_of_schema ORDER BY BINARY line
