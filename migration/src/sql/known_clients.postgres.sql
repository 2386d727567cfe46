-- Which clients a user has logged in from: a digest of what the client calls itself and of its
-- network. A login from another is told the user.
CREATE TABLE IF NOT EXISTS "rest_auth_known_client" (
    "user_id" bigint NOT NULL,
    "digest" varchar(64) NOT NULL,
    "last_seen_at" timestamp with time zone NOT NULL,
    PRIMARY KEY ("user_id", "digest")
);
CREATE INDEX IF NOT EXISTS "ix_rest_auth_known_client_last_seen_at"
    ON "rest_auth_known_client" ("last_seen_at");
