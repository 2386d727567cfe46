-- What somebody did lately, for limits that several instances share: the times of what was let
-- through, in microseconds since 1970 with commas, under a keyed digest of what is counted.
CREATE TABLE IF NOT EXISTS `rest_auth_rate_limit` (
    `digest` varchar(64) CHARACTER SET utf8mb4 COLLATE utf8mb4_bin NOT NULL PRIMARY KEY,
    `times` longtext NOT NULL,
    `ends_at` datetime(6) NOT NULL,
    KEY `ix_rest_auth_rate_limit_ends_at` (`ends_at`)
) ENGINE=InnoDB DEFAULT CHARSET=utf8mb4;
