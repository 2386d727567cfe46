//! Parts of sentences that are translated on their own.

/// A text in English and the name under which catalogues list it.
#[derive(Clone, Copy)]
pub(super) struct Part {
    pub(super) key: &'static str,
    pub(super) english: &'static str,
}

impl Part {
    const fn new(key: &'static str, english: &'static str) -> Self {
        Self { key, english }
    }
}

// The second sentence of `Message::Throttled`. DRF looks up each form by itself and takes
// the first for exactly one second, whatever the plural rule of the language says.
pub(super) const IN_ONE_SECOND: Part =
    Part::new("Throttled.one", "Expected available in {wait} second.");
pub(super) const IN_SECONDS: Part =
    Part::new("Throttled.other", "Expected available in {wait} seconds.");

// The names of a user's attributes.
pub(super) const USERNAME: Part = Part::new("UserAttribute.Username", "username");
pub(super) const FIRST_NAME: Part = Part::new("UserAttribute.FirstName", "first name");
pub(super) const LAST_NAME: Part = Part::new("UserAttribute.LastName", "last name");
pub(super) const EMAIL_ADDRESS: Part = Part::new("UserAttribute.EmailAddress", "email address");

// Further labels and help texts of fields.
pub(super) const ID: Part = Part::new("Label.Id", "ID");
pub(super) const USERNAME_HELP: Part = Part::new(
    "Help.Username",
    "Required. 150 characters or fewer. Letters, digits and @/./+/-/_ only.",
);
pub(super) const REFRESH_HELP: Part = Part::new("Help.Refresh", "WIll override cookie.");

#[cfg(test)]
pub(super) const ALL: &[Part] = &[
    IN_ONE_SECOND,
    IN_SECONDS,
    USERNAME,
    FIRST_NAME,
    LAST_NAME,
    EMAIL_ADDRESS,
    ID,
    USERNAME_HELP,
    REFRESH_HELP,
];
