//! Limits on the size of bodies.

use crate::settings::HttpSettings;

/// Limits on the size of bodies.
#[derive(Clone, Copy, Debug)]
pub(crate) struct BodyLimits {
    /// The whole body, in bytes.
    pub(crate) bytes: usize,
    /// Fields of a form other than files.
    pub(crate) form_fields: usize,
    /// Files of a form.
    pub(crate) files: usize,
}

impl BodyLimits {
    /// The limits of `server.data_upload_max_*`; a key without a value sets none.
    pub(crate) fn new(settings: &HttpSettings) -> Self {
        Self {
            bytes: limit(settings.data_upload_max_memory_size),
            form_fields: limit(settings.data_upload_max_number_fields.map(u64::from)),
            files: limit(settings.data_upload_max_number_files.map(u64::from)),
        }
    }
}

fn limit(setting: Option<u64>) -> usize {
    setting.and_then(|limit| usize::try_from(limit).ok()).unwrap_or(usize::MAX)
}
