-- What `user.extra_fields` declares: one row per user and field. No row: no value.
-- A value is text, in the form that its type has in the API.
CREATE TABLE IF NOT EXISTS `rest_auth_user_field` (
    `user_id` bigint NOT NULL,
    `name` varchar(64) CHARACTER SET utf8mb4 COLLATE utf8mb4_bin NOT NULL,
    `value` longtext NOT NULL,
    PRIMARY KEY (`user_id`, `name`)
) ENGINE=InnoDB DEFAULT CHARSET=utf8mb4;
