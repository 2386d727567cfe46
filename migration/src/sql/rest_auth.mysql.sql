-- The tables of our own on MySQL and MariaDB. They refer to auth_user without a foreign
-- key, so that Django's admin can delete a user without knowing of them.
-- Secrets and identifiers compare byte for byte, whatever the collation of the database.

-- Credentials carry the epoch they were issued under; raising it ends them all. No row: epoch 0.
CREATE TABLE IF NOT EXISTS `rest_auth_user` (
    `user_id` bigint NOT NULL PRIMARY KEY,
    `epoch` bigint NOT NULL
) ENGINE=InnoDB DEFAULT CHARSET=utf8mb4;

-- Values of the whole installation, such as the global epoch.
CREATE TABLE IF NOT EXISTS `rest_auth_setting` (
    `name` varchar(64) CHARACTER SET utf8mb4 COLLATE utf8mb4_bin NOT NULL PRIMARY KEY,
    `value` longtext NOT NULL
) ENGINE=InnoDB DEFAULT CHARSET=utf8mb4;

-- Opaque tokens, one per device; only the SHA-256 of a token is kept.
CREATE TABLE IF NOT EXISTS `rest_auth_token` (
    `id` bigint NOT NULL AUTO_INCREMENT PRIMARY KEY,
    `digest` varchar(64) CHARACTER SET utf8mb4 COLLATE utf8mb4_bin NOT NULL,
    `user_id` bigint NOT NULL,
    `epoch` bigint NOT NULL,
    `created_at` datetime(6) NOT NULL,
    `last_used_at` datetime(6) NOT NULL,
    `expires_at` datetime(6) NULL,
    `user_agent` varchar(200) NOT NULL,
    `ip` varchar(45) NOT NULL,
    UNIQUE KEY `uq_rest_auth_token_digest` (`digest`),
    KEY `ix_rest_auth_token_user_id` (`user_id`),
    KEY `ix_rest_auth_token_expires_at` (`expires_at`)
) ENGINE=InnoDB DEFAULT CHARSET=utf8mb4;

-- Sessions by the SHA-256 of their key.
CREATE TABLE IF NOT EXISTS `rest_auth_session` (
    `digest` varchar(64) CHARACTER SET utf8mb4 COLLATE utf8mb4_bin NOT NULL PRIMARY KEY,
    `user_id` bigint NULL,
    `epoch` bigint NOT NULL,
    `data` longtext NOT NULL,
    `created_at` datetime(6) NOT NULL,
    `last_seen_at` datetime(6) NOT NULL,
    `expire_date` datetime(6) NOT NULL,
    `absolute_end` datetime(6) NULL,
    `user_agent` varchar(200) NOT NULL,
    `ip` varchar(45) NOT NULL,
    KEY `ix_rest_auth_session_user_id` (`user_id`),
    KEY `ix_rest_auth_session_expire_date` (`expire_date`)
) ENGINE=InnoDB DEFAULT CHARSET=utf8mb4;

-- One family per login: all refresh tokens that descend from it.
CREATE TABLE IF NOT EXISTS `rest_auth_refresh_family` (
    `id` varchar(64) CHARACTER SET utf8mb4 COLLATE utf8mb4_bin NOT NULL PRIMARY KEY,
    `user_id` bigint NOT NULL,
    `epoch` bigint NOT NULL,
    `created_at` datetime(6) NOT NULL,
    `ends_at` datetime(6) NOT NULL,
    `revoked_at` datetime(6) NULL,
    `user_agent` varchar(200) NOT NULL,
    `ip` varchar(45) NOT NULL,
    KEY `ix_rest_auth_refresh_family_user_id` (`user_id`),
    KEY `ix_rest_auth_refresh_family_ends_at` (`ends_at`)
) ENGINE=InnoDB DEFAULT CHARSET=utf8mb4;

-- A consumed token keeps what is needed to sign the same successor again.
CREATE TABLE IF NOT EXISTS `rest_auth_refresh_token` (
    `jti` varchar(64) CHARACTER SET utf8mb4 COLLATE utf8mb4_bin NOT NULL PRIMARY KEY,
    `family_id` varchar(64) CHARACTER SET utf8mb4 COLLATE utf8mb4_bin NOT NULL,
    `issued_at` datetime(6) NOT NULL,
    `expires_at` datetime(6) NOT NULL,
    `consumed_at` datetime(6) NULL,
    `successor_jti` varchar(64) CHARACTER SET utf8mb4 COLLATE utf8mb4_bin NULL,
    `successor_iat` datetime(6) NULL,
    `successor_exp` datetime(6) NULL,
    CONSTRAINT `fk_rest_auth_refresh_token_family_id` FOREIGN KEY (`family_id`)
        REFERENCES `rest_auth_refresh_family` (`id`) ON DELETE CASCADE,
    KEY `ix_rest_auth_refresh_token_family_id` (`family_id`)
) ENGINE=InnoDB DEFAULT CHARSET=utf8mb4;

-- Things that work once: challenges, links, states. Only the SHA-256 of the secret is kept.
CREATE TABLE IF NOT EXISTS `rest_auth_one_time` (
    `id` bigint NOT NULL AUTO_INCREMENT PRIMARY KEY,
    `kind` varchar(40) NOT NULL,
    `digest` varchar(64) CHARACTER SET utf8mb4 COLLATE utf8mb4_bin NOT NULL,
    `user_id` bigint NULL,
    `epoch` bigint NOT NULL,
    `data` longtext NOT NULL,
    `attempts` bigint NOT NULL,
    `created_at` datetime(6) NOT NULL,
    `expires_at` datetime(6) NOT NULL,
    `consumed_at` datetime(6) NULL,
    UNIQUE KEY `uq_rest_auth_one_time_digest` (`digest`),
    KEY `ix_rest_auth_one_time_user_id` (`user_id`),
    KEY `ix_rest_auth_one_time_expires_at` (`expires_at`)
) ENGINE=InnoDB DEFAULT CHARSET=utf8mb4;

-- Mails to deliver. A worker leases a row, sends it, and marks it sent or postpones it.
CREATE TABLE IF NOT EXISTS `rest_auth_outbox` (
    `id` bigint NOT NULL AUTO_INCREMENT PRIMARY KEY,
    `created_at` datetime(6) NOT NULL,
    `to_address` varchar(254) NOT NULL,
    `payload` longtext NOT NULL,
    `available_at` datetime(6) NOT NULL,
    `leased_until` datetime(6) NULL,
    `attempts` bigint NOT NULL,
    `last_error` longtext NULL,
    `sent_at` datetime(6) NULL,
    `dead_at` datetime(6) NULL,
    KEY `ix_rest_auth_outbox_sent_at_dead_at_available_at` (`sent_at`, `dead_at`, `available_at`)
) ENGINE=InnoDB DEFAULT CHARSET=utf8mb4;
