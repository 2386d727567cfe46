//! Slack.

use crate::provider::{Answer, Provider, Reported};

pub(crate) const SLACK: Provider =
    Provider { id: "slack", name: "Slack", read_profile, ..Provider::ANY_OTHER };

fn read_profile(answer: &Answer<'_>) -> Reported {
    Reported { uid: uid(answer), ..answer.standard_claims() }
}

fn uid(answer: &Answer<'_>) -> Option<String> {
    let team = answer.id("https://slack.com/team_id")?;
    let user = answer.id("https://slack.com/user_id")?;
    Some(format!("{team}_{user}"))
}
