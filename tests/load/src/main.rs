//! What the load run measures the server against: the least that a server of this kind can do.
//!
//! `bare` is an axum program that answers from one primary-key SELECT through the same driver;
//! `argon2` hashes on as many threads as it is told and does nothing else.

use std::time::{Duration, Instant};

use anyhow::Context as _;
use axum::extract::State;
use axum::http::StatusCode;
use axum::routing::{get, post};
use axum::{Json, Router};
use clap::Parser;
use rest_auth_domain::password::{Argon2Factors, HashAlgorithm, Hashers, Password, WorkFactors};
use rest_auth_domain::random::OsRandom;
use sea_orm::{
    ConnectOptions, ConnectionTrait as _, Database, DatabaseConnection, FromQueryResult, Statement,
};
use serde::{Deserialize, Serialize};

/// What to do.
#[derive(Parser)]
enum Command {
    /// Serve `GET /select` and `POST /echo` at an address.
    Bare {
        /// URL of a PostgreSQL or SQLite database with a user whose id is 1.
        url: String,
        /// Where to listen.
        address: String,
    },
    /// Print how many argon2 hashes a second this many threads make.
    Argon2 {
        /// Threads.
        threads: usize,
        /// Seconds.
        seconds: u64,
    },
    /// Run one statement.
    Sql {
        /// URL of a PostgreSQL database.
        url: String,
        /// The statement.
        statement: String,
    },
}

#[derive(FromQueryResult, Serialize)]
struct UserRow {
    id: i64,
    username: String,
    email: String,
    first_name: String,
    last_name: String,
}

#[derive(Deserialize, Serialize)]
struct Echo {
    token: String,
}

#[tokio::main]
async fn main() -> anyhow::Result<()> {
    match Command::parse() {
        Command::Bare { url, address } => serve(url, &address).await,
        Command::Argon2 { threads, seconds } => {
            println!("{:.3}", hashes_per_second(threads, Duration::from_secs(seconds))?);
            Ok(())
        }
        Command::Sql { url, statement } => {
            Database::connect(url).await?.execute_unprepared(&statement).await?;
            Ok(())
        }
    }
}

async fn serve(url: String, address: &str) -> anyhow::Result<()> {
    // As many connections as the server opens unless it is configured otherwise.
    let db = Database::connect(ConnectOptions::new(url).max_connections(10).to_owned()).await?;
    let app = Router::new().route("/select", get(select)).route("/echo", post(echo)).with_state(db);
    let listener = tokio::net::TcpListener::bind(address).await?;
    Ok(axum::serve(listener, app).await?)
}

async fn select(State(db): State<DatabaseConnection>) -> Result<Json<UserRow>, StatusCode> {
    Ok(Json(user(&db).await?))
}

async fn echo(
    State(db): State<DatabaseConnection>,
    Json(body): Json<Echo>,
) -> Result<Json<Echo>, StatusCode> {
    user(&db).await?;
    Ok(Json(body))
}

async fn user(db: &DatabaseConnection) -> Result<UserRow, StatusCode> {
    let statement = Statement::from_sql_and_values(
        db.get_database_backend(),
        r#"SELECT CAST("id" AS bigint) AS "id", "username", "email", "first_name", "last_name"
           FROM "auth_user" WHERE "id" = $1"#,
        [1i64.into()],
    );
    UserRow::find_by_statement(statement)
        .one(db)
        .await
        .ok()
        .flatten()
        .ok_or(StatusCode::SERVICE_UNAVAILABLE)
}

/// Verifies with the work factors of the strict profile until the time is up.
fn hashes_per_second(threads: usize, time: Duration) -> anyhow::Result<f64> {
    let argon2 = Argon2Factors { memory_kib: 19_456, time: 2, parallelism: 1 };
    let factors = WorkFactors { argon2, ..WorkFactors::default() };
    let hashers =
        Hashers::new(vec![HashAlgorithm::Argon2], factors).context("the factors are off")?;
    let begin = Instant::now();
    let count: u32 = std::thread::scope(|scope| {
        let workers: Vec<_> = (0..threads)
            .map(|_| {
                scope.spawn(|| {
                    let mut scratch = hashers.scratch();
                    let password = Password::from("correct horse battery staple");
                    let stored = hashers.encode(&password, &OsRandom, &mut scratch).ok()?;
                    let mut done = 0u32;
                    while begin.elapsed() < time {
                        let _ = hashers.verify(&password, &stored, &mut scratch);
                        done += 1;
                    }
                    Some(done)
                })
            })
            .collect();
        workers.into_iter().filter_map(|worker| worker.join().ok().flatten()).sum()
    });
    Ok(f64::from(count) / begin.elapsed().as_secs_f64())
}
