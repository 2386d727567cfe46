//! Tells the tests at compile time what the environment names.

#[path = "environment.rs"]
mod environment;

fn main() {
    println!("cargo::rerun-if-changed=build.rs");
    println!("cargo::rerun-if-changed=environment.rs");
    environment::declare(&[
        "chromedriver",
        "mysql",
        "openid",
        "openid_allauth",
        "openid_hostile",
        "postgres",
        "redis",
        "webauthn",
    ]);
}
