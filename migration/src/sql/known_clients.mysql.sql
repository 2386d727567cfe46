-- Which clients a user has logged in from: a digest of what the client calls itself and of its
-- network. A login from another is told the user.
CREATE TABLE IF NOT EXISTS `rest_auth_known_client` (
    `user_id` bigint NOT NULL,
    `digest` varchar(64) CHARACTER SET utf8mb4 COLLATE utf8mb4_bin NOT NULL,
    `last_seen_at` datetime(6) NOT NULL,
    PRIMARY KEY (`user_id`, `digest`),
    KEY `ix_rest_auth_known_client_last_seen_at` (`last_seen_at`)
) ENGINE=InnoDB DEFAULT CHARSET=utf8mb4;
