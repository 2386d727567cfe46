//! Shopify. <https://shopify.dev/docs/apps/build/authentication-authorization>
//!
//! `shop` is the name of the one shop whose owner logs in.

use crate::provider::{Answer, Placement, ProfileRequest, Protocol, Provider, Reported, Variable};

pub(crate) const SHOPIFY: Provider = Provider {
    id: "shopify",
    name: "Shopify",
    protocol: Protocol {
        variables: &[Variable::new("shop", "")],
        authorize_url: "https://{shop}.myshopify.com/admin/oauth/authorize",
        token_url: "https://{shop}.myshopify.com/admin/oauth/access_token",
        scope: &["read_orders", "read_products"],
        scope_separator: ",",
        profile: ProfileRequest {
            token: Placement::OwnHeader("x-shopify-access-token"),
            ..ProfileRequest::bearer("https://{shop}.myshopify.com/admin/shop.json")
        },
        ..Protocol::NONE
    },
    read_profile,
};

fn read_profile(answer: &Answer<'_>) -> Reported {
    match answer.part("associated_user") {
        Some(user) => Reported {
            uid: user.id("id"),
            email: user.text("/email"),
            email_verified: user.says_yes("/email_verified"),
            first_name: user.text("/first_name"),
            last_name: user.text("/last_name"),
            ..Reported::default()
        },
        None => Reported {
            uid: answer.id_at("/shop/id"),
            email: answer.text("/shop/email"),
            ..Reported::default()
        },
    }
}
