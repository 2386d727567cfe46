//! How the database would run statements on the tables of users: by an index, or by reading all of
//! a table.

use sea_orm::{ConnectionTrait, DbBackend, DbErr, QueryResult, Statement};

use super::recording::taken;
use crate::Store;

/// The tables that grow with the number of users, of Django's and of ours.
const USER_TABLES: [&str; 30] = [
    "account_emailaddress",
    "account_emailconfirmation",
    "auth_user",
    "auth_user_groups",
    "auth_user_user_permissions",
    "authtoken_token",
    "dj_rest_auth_mfa_authenticator",
    "django_session",
    "mfa_authenticator",
    "passkeys_webauthncredential",
    "rest_auth_claim",
    "rest_auth_known_client",
    "rest_auth_one_time",
    "rest_auth_outbox",
    "rest_auth_passkey",
    "rest_auth_passkey_user",
    "rest_auth_rate_limit",
    "rest_auth_reauthentication",
    "rest_auth_refresh_family",
    "rest_auth_refresh_token",
    "rest_auth_session",
    "rest_auth_token",
    "rest_auth_trusted_browser",
    "rest_auth_user",
    "rest_auth_user_field",
    "socialaccount_socialaccount",
    "socialaccount_socialtoken",
    "token_blacklist_blacklistedtoken",
    "token_blacklist_outstandingtoken",
    "usersessions_usersession",
];

/// MariaDB reads a table with so few rows whole, whatever indexes it has. An index that it
/// considered is one that it takes when there are more.
const FEW_ROWS: u64 = 100;

/// The statements on tables of users that ran since [`record`](super::record): how many there were,
/// and the text and the plan of those that read a whole table.
///
/// # Errors
/// When the database does not tell its plans.
pub async fn scans(store: &Store) -> Result<(usize, Vec<String>), DbErr> {
    let ran = taken();
    let concerned = ran.into_values().filter(|statement| {
        !statement.sql.starts_with("INSERT")
            && USER_TABLES.iter().any(|table| statement.sql.contains(table))
    });
    let (mut count, mut found) = (0, Vec::new());
    for statement in concerned {
        count += 1;
        let plan = plan(store, &statement).await?;
        if plan.iter().any(|step| step.reads_all) {
            let steps: Vec<_> = plan.into_iter().map(|step| step.text).collect();
            found.push(format!("{}\n  {}", statement.sql, steps.join("\n  ")));
        }
    }
    Ok((count, found))
}

struct Step {
    text: String,
    reads_all: bool,
}

/// What makes a database take an index wherever it can, however few rows a table has; SQLite does
/// so anyway where nobody has counted them. MySQL has it for the session.
fn preference(backend: DbBackend) -> Option<&'static str> {
    match backend {
        DbBackend::Postgres => Some("SET LOCAL enable_seqscan = off"),
        DbBackend::MySql => Some("SET SESSION max_seeks_for_key = 1"),
        _ => None,
    }
}

async fn plan(store: &Store, statement: &Statement) -> Result<Vec<Step>, DbErr> {
    let backend = statement.db_backend;
    let explain = if backend == DbBackend::Sqlite { "EXPLAIN QUERY PLAN" } else { "EXPLAIN" };
    let sql = format!("{explain} {}", statement.sql);
    let explained = Statement { sql, ..statement.clone() };
    let rows = match preference(backend) {
        Some(preference) => {
            let tx = store.reader().begin().await?;
            tx.execute_unprepared(preference).await?;
            let rows = tx.query_all_raw(explained).await?;
            tx.roll_back().await?;
            rows
        }
        None => store.reader().query_all_raw(explained).await?,
    };
    match backend {
        DbBackend::Sqlite => rows.iter().map(step_of_sqlite).collect(),
        DbBackend::MySql => rows.iter().map(step_of_mysql).collect(),
        _ => {
            let lines = rows.iter().map(|row| row.try_get_by_index(0));
            Ok(steps_of_postgres(&lines.collect::<Result<Vec<String>, _>>()?))
        }
    }
}

fn step_of_sqlite(row: &QueryResult) -> Result<Step, DbErr> {
    let text: String = row.try_get("", "detail")?;
    let scanned = text.strip_prefix("SCAN ").and_then(|rest| rest.split(' ').next());
    let reads_all = scanned.is_some_and(|table| USER_TABLES.contains(&table));
    Ok(Step { text, reads_all })
}

fn step_of_mysql(row: &QueryResult) -> Result<Step, DbErr> {
    let table: Option<String> = row.try_get("", "table")?;
    let access: Option<String> = row.try_get("", "type")?;
    let considered: Option<String> = row.try_get("", "possible_keys")?;
    let rows = rows_of_mysql(row)?;
    let text = format!("{table:?}: {access:?} of {rows:?} rows, by {considered:?}");
    let is_users = table.is_some_and(|table| USER_TABLES.contains(&table.as_str()));
    let is_walk = matches!(access.as_deref(), Some("ALL" | "index"));
    let has_index = considered.is_some() && rows.is_none_or(|rows| rows < FEW_ROWS);
    let reads_all = is_users && is_walk && !has_index;
    Ok(Step { text, reads_all })
}

/// How many rows a step reads. MariaDB writes it down, perhaps with what a filter leaves of them:
/// `12|5%`.
fn rows_of_mysql(row: &QueryResult) -> Result<Option<u64>, DbErr> {
    if let Ok(number) = row.try_get::<Option<u64>>("", "rows") {
        return Ok(number);
    }
    let text: Option<String> = row.try_get("", "rows")?;
    Ok(text.and_then(|text| text.split('|').next()?.parse().ok()))
}

/// A table is read whole by `Seq Scan`, and by an index scan without a condition on the index.
fn steps_of_postgres(lines: &[String]) -> Vec<Step> {
    let is_node = |line: &str| line.contains("(cost=");
    let mut steps = Vec::new();
    for (number, line) in lines.iter().enumerate() {
        let names = USER_TABLES.iter().any(|table| line.contains(&format!(" on {table} ")));
        // What finds the rows of a bitmap is in the nodes below.
        let is_bitmap = line.contains("Bitmap Heap Scan");
        let details = lines.iter().skip(number + 1);
        let mut details = details
            .take_while(|line| !is_node(line) || (is_bitmap && line.contains("Bitmap Index Scan")));
        let is_bounded = details.any(|line| {
            line.trim_start().starts_with("Index Cond:")
                || line.trim_start().starts_with("Recheck Cond:")
        });
        let reads = line.contains("Scan");
        let reads_all = is_node(line) && names && reads && !is_bounded;
        steps.push(Step { text: line.clone(), reads_all });
    }
    steps
}

#[cfg(test)]
mod tests {
    use super::steps_of_postgres;

    fn reads_all(plan: &str) -> bool {
        let lines: Vec<_> = plan.lines().map(str::to_owned).collect();
        steps_of_postgres(&lines).iter().any(|step| step.reads_all)
    }

    #[test]
    fn tells_a_walk_over_an_index_from_a_search() {
        let search = "Limit  (cost=0.4..8.4 rows=1 width=9)\n  \
                      ->  Index Scan using k on auth_user  (cost=0.4..8.4 rows=1 width=9)\n        \
                      Index Cond: (id = 7)";
        assert!(!reads_all(search));
        assert!(reads_all(&search.replace("Index Cond: (id = 7)", "Filter: (email = 'a')")));
        let bitmap = "Bitmap Heap Scan on auth_user  (cost=4.2..17.9 rows=13 width=10)\n  \
                      Filter: (is_superuser AND is_active)\n  \
                      ->  Bitmap Index Scan on superusers  (cost=0.0..4.2 rows=13 width=0)\n        \
                      Index Cond: (is_superuser = true)";
        assert!(!reads_all(bitmap));
        assert!(reads_all(&bitmap.replace("Index Cond", "Filter")));
        assert!(reads_all("Seq Scan on auth_user  (cost=0.0..9.9 rows=1 width=9)\n  Filter: (a)"));
        assert!(!reads_all("Seq Scan on django_site  (cost=0.0..9.9 rows=1 width=9)"));
    }
}
