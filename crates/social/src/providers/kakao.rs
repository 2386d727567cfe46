//! Kakao.

use crate::provider::{Answer, Provider, Reported};

pub(crate) const KAKAO: Provider =
    Provider { id: "kakao", name: "Kakao", read_profile, ..Provider::ANY_OTHER };

fn read_profile(answer: &Answer<'_>) -> Reported {
    Reported {
        uid: answer.id("id"),
        email: answer.text("/kakao_account/email"),
        email_verified: answer.says_yes("/kakao_account/is_email_verified"),
        ..answer.usual_fields()
    }
}
