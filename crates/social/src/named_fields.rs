//! The members of a profile that the configuration names in place of the provider's usual ones.

use crate::provider::{Answer, Reported};

/// The names, where the configuration has some.
#[derive(Clone, Copy, Debug)]
pub(crate) struct FieldNames<'a> {
    pub(crate) uid: Option<&'a str>,
    pub(crate) email: Option<&'a str>,
    pub(crate) email_verified: Option<&'a str>,
}

/// Replaces what the record of a provider has read.
pub(crate) fn apply(names: FieldNames<'_>, answer: &Answer<'_>, reported: &mut Reported) {
    let documents = answer.documents();
    if let Some(field) = names.uid {
        reported.uid = documents.iter().find_map(|document| document.named_id(field));
        // What was stored before belongs to the usual one.
        reported.former_uid = None;
    }
    // An address and whether it is verified come from the same document.
    let of_address = if let Some(field) = names.email {
        let found = documents.iter().find_map(|d| Some((d, d.named_text(field)?)));
        reported.emails.clear();
        // The usual flag is about the usual address.
        reported.email_verified = false;
        reported.email = found.as_ref().map(|(_, email)| email.clone());
        found.map(|(document, _)| document)
    } else if documents.len() == 1 {
        documents.first()
    } else {
        documents.iter().find(|document| document.text("/email") == reported.email)
    };
    if let Some(field) = names.email_verified {
        reported.email_verified = of_address.is_some_and(|document| document.named_yes(field));
    }
}
