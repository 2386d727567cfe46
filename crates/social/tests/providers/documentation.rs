//! What the documentation says about providers.

use std::collections::BTreeSet;
use std::fs;
use std::path::PathBuf;

use rest_auth_social::known_providers;
use serde_json::json;

use crate::try_social;

fn page(name: &str) -> String {
    let root = PathBuf::from(env!("CARGO_MANIFEST_DIR")).join("../..");
    fs::read_to_string(root.join(name)).unwrap()
}

/// The providers whose addresses are known.
fn with_addresses() -> BTreeSet<String> {
    let has = |id: &str| {
        let refusal = try_social(id, &json!({"client_id": "client"})).err();
        !refusal
            .is_some_and(|refusal| refusal.message.contains("addresses of this provider are not"))
    };
    let named = known_providers().map(|(id, _)| id).filter(|id| *id != "openid_connect");
    named.filter(|id| has(id)).map(str::to_owned).collect()
}

#[test]
fn the_page_lists_the_providers_that_log_in_by_themselves() {
    let page = page("docs/social-login.md");
    let rows = page.lines().filter(|line| line.starts_with("| ")).map(|line| line.split(" | "));
    let ids = rows.filter_map(|mut cells| {
        cells.nth(1)?.strip_prefix('`')?.strip_suffix('`').map(str::to_owned)
    });
    let listed: BTreeSet<_> =
        ids.filter(|id| known_providers().any(|(known, _)| known == id)).collect();
    assert_eq!(listed, with_addresses());
    for (other, _) in known_providers().filter(|(id, _)| !listed.contains(*id)) {
        // This one stands for every entry that has a name of its own.
        if other == "openid_connect" {
            continue;
        }
        assert!(page.contains(&format!("`{other}`")), "{other} is not named");
    }
}

#[test]
fn the_readme_counts_them() {
    let claim = format!("{} of them by name", with_addresses().len());
    assert!(page("README.md").contains(&claim), "{claim}");
}
