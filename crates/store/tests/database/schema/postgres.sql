SELECT line FROM (
    SELECT table_name || ' column ' || column_name || ' ' || data_type
        || coalesce('(' || character_maximum_length || ')', '')
        || CASE WHEN is_nullable = 'NO' THEN ' not null' ELSE '' END
        || CASE WHEN is_identity = 'YES' THEN ' identity ' || identity_generation ELSE '' END
        || coalesce(' default ' || column_default, '') AS line
    FROM information_schema.columns WHERE table_schema = current_schema()
    UNION ALL
    SELECT replace(indexdef, current_schema() || '.', '') FROM pg_indexes
    WHERE schemaname = current_schema()
    UNION ALL
    SELECT conrelid::regclass || ' constraint ' || conname || ' ' || pg_get_constraintdef(oid)
    FROM pg_constraint WHERE connamespace = current_schema()::regnamespace
    UNION ALL
    SELECT 'sequence ' || sequence_name || ' ' || data_type FROM information_schema.sequences
    WHERE sequence_schema = current_schema()
) AS lines ORDER BY line COLLATE "C"
