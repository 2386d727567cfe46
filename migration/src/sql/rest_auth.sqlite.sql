-- The tables of our own on SQLite. They refer to auth_user without a foreign
-- key, so that Django's admin can delete a user without knowing of them.

-- Credentials carry the epoch they were issued under; raising it ends them all. No row: epoch 0.
CREATE TABLE IF NOT EXISTS "rest_auth_user" (
    "user_id" bigint NOT NULL PRIMARY KEY,
    "epoch" bigint NOT NULL
);

-- Values of the whole installation, such as the global epoch.
CREATE TABLE IF NOT EXISTS "rest_auth_setting" (
    "name" varchar(64) NOT NULL PRIMARY KEY,
    "value" text NOT NULL
);

-- Opaque tokens, one per device; only the SHA-256 of a token is kept.
CREATE TABLE IF NOT EXISTS "rest_auth_token" (
    "id" integer NOT NULL PRIMARY KEY AUTOINCREMENT,
    "digest" varchar(64) NOT NULL,
    "user_id" bigint NOT NULL,
    "epoch" bigint NOT NULL,
    "created_at" datetime NOT NULL,
    "last_used_at" datetime NOT NULL,
    "expires_at" datetime NULL,
    "user_agent" varchar(200) NOT NULL,
    "ip" varchar(45) NOT NULL
);
CREATE UNIQUE INDEX IF NOT EXISTS "uq_rest_auth_token_digest"
    ON "rest_auth_token" ("digest");
CREATE INDEX IF NOT EXISTS "ix_rest_auth_token_user_id"
    ON "rest_auth_token" ("user_id");
CREATE INDEX IF NOT EXISTS "ix_rest_auth_token_expires_at"
    ON "rest_auth_token" ("expires_at");

-- Sessions by the SHA-256 of their key.
CREATE TABLE IF NOT EXISTS "rest_auth_session" (
    "digest" varchar(64) NOT NULL PRIMARY KEY,
    "user_id" bigint NULL,
    "epoch" bigint NOT NULL,
    "data" text NOT NULL,
    "created_at" datetime NOT NULL,
    "last_seen_at" datetime NOT NULL,
    "expire_date" datetime NOT NULL,
    "absolute_end" datetime NULL,
    "user_agent" varchar(200) NOT NULL,
    "ip" varchar(45) NOT NULL
);
CREATE INDEX IF NOT EXISTS "ix_rest_auth_session_user_id"
    ON "rest_auth_session" ("user_id");
CREATE INDEX IF NOT EXISTS "ix_rest_auth_session_expire_date"
    ON "rest_auth_session" ("expire_date");

-- One family per login: all refresh tokens that descend from it.
CREATE TABLE IF NOT EXISTS "rest_auth_refresh_family" (
    "id" varchar(64) NOT NULL PRIMARY KEY,
    "user_id" bigint NOT NULL,
    "epoch" bigint NOT NULL,
    "created_at" datetime NOT NULL,
    "ends_at" datetime NOT NULL,
    "revoked_at" datetime NULL,
    "user_agent" varchar(200) NOT NULL,
    "ip" varchar(45) NOT NULL
);
CREATE INDEX IF NOT EXISTS "ix_rest_auth_refresh_family_user_id"
    ON "rest_auth_refresh_family" ("user_id");
CREATE INDEX IF NOT EXISTS "ix_rest_auth_refresh_family_ends_at"
    ON "rest_auth_refresh_family" ("ends_at");

-- A consumed token keeps what is needed to sign the same successor again.
CREATE TABLE IF NOT EXISTS "rest_auth_refresh_token" (
    "jti" varchar(64) NOT NULL PRIMARY KEY,
    "family_id" varchar(64) NOT NULL,
    "issued_at" datetime NOT NULL,
    "expires_at" datetime NOT NULL,
    "consumed_at" datetime NULL,
    "successor_jti" varchar(64) NULL,
    "successor_iat" datetime NULL,
    "successor_exp" datetime NULL,
    CONSTRAINT "fk_rest_auth_refresh_token_family_id" FOREIGN KEY ("family_id")
        REFERENCES "rest_auth_refresh_family" ("id") ON DELETE CASCADE
);
CREATE INDEX IF NOT EXISTS "ix_rest_auth_refresh_token_family_id"
    ON "rest_auth_refresh_token" ("family_id");

-- Things that work once: challenges, links, states. Only the SHA-256 of the secret is kept.
CREATE TABLE IF NOT EXISTS "rest_auth_one_time" (
    "id" integer NOT NULL PRIMARY KEY AUTOINCREMENT,
    "kind" varchar(40) NOT NULL,
    "digest" varchar(64) NOT NULL,
    "user_id" bigint NULL,
    "epoch" bigint NOT NULL,
    "data" text NOT NULL,
    "attempts" bigint NOT NULL,
    "created_at" datetime NOT NULL,
    "expires_at" datetime NOT NULL,
    "consumed_at" datetime NULL
);
CREATE UNIQUE INDEX IF NOT EXISTS "uq_rest_auth_one_time_digest"
    ON "rest_auth_one_time" ("digest");
CREATE INDEX IF NOT EXISTS "ix_rest_auth_one_time_user_id"
    ON "rest_auth_one_time" ("user_id");
CREATE INDEX IF NOT EXISTS "ix_rest_auth_one_time_expires_at"
    ON "rest_auth_one_time" ("expires_at");

-- Mails to deliver. A worker leases a row, sends it, and marks it sent or postpones it.
CREATE TABLE IF NOT EXISTS "rest_auth_outbox" (
    "id" integer NOT NULL PRIMARY KEY AUTOINCREMENT,
    "created_at" datetime NOT NULL,
    "to_address" varchar(254) NOT NULL,
    "payload" text NOT NULL,
    "available_at" datetime NOT NULL,
    "leased_until" datetime NULL,
    "attempts" bigint NOT NULL,
    "last_error" text NULL,
    "sent_at" datetime NULL,
    "dead_at" datetime NULL
);
CREATE INDEX IF NOT EXISTS "ix_rest_auth_outbox_sent_at_dead_at_available_at"
    ON "rest_auth_outbox" ("sent_at", "dead_at", "available_at");
