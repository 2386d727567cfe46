//! The two sets of defaults.

use crate::choices;

choices! {
    /// A set of defaults. Every difference between the two is an ordinary setting.
    #[derive(Default)]
    pub enum Profile {
        /// Safe defaults, for a new project.
        #[default]
        Strict = "strict",
        /// Exactly Django's defaults, for taking over or sharing a Django database.
        Django = "django",
    }
}
