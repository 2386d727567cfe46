-- What somebody did lately, for limits that several instances share: the times of what was let
-- through, in microseconds since 1970 with commas, under a keyed digest of what is counted.
CREATE TABLE IF NOT EXISTS "rest_auth_rate_limit" (
    "digest" varchar(64) NOT NULL PRIMARY KEY,
    "times" text NOT NULL,
    "ends_at" timestamp with time zone NOT NULL
);
CREATE INDEX IF NOT EXISTS "ix_rest_auth_rate_limit_ends_at"
    ON "rest_auth_rate_limit" ("ends_at");
