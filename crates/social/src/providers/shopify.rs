//! Shopify.

use crate::provider::{Answer, Provider, Reported};

pub(crate) const SHOPIFY: Provider =
    Provider { id: "shopify", name: "Shopify", read_profile, ..Provider::ANY_OTHER };

fn read_profile(answer: &Answer<'_>) -> Reported {
    Reported {
        uid: answer.id_at("/associated_user/id").or_else(|| answer.id_at("/shop/id")),
        email: answer.text("/shop/email"),
        ..answer.usual_fields()
    }
}
