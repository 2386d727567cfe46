//! The two body types of HTML forms, read as leniently as Django reads them.

use std::convert::Infallible;

use bytes::Bytes;
use multer::Multipart;
use rest_auth_domain::message::Message;

use super::{Fields, Given};
use crate::error::ApiError;
use crate::rules::body_limits::BodyLimits;

/// `application/x-www-form-urlencoded`; bytes that are not UTF-8 become U+FFFD, as in Django.
pub(super) fn urlencoded(body: &[u8], limit: usize) -> Result<Fields, ApiError> {
    let mut fields = Vec::new();
    for (name, value) in form_urlencoded::parse(body) {
        if fields.len() >= limit {
            return Err(ApiError::TooLarge);
        }
        fields.push((name.into_owned(), Given::Text(value.into_owned())));
    }
    Ok(Fields(fields))
}

/// `multipart/form-data` (RFC 7578). What follows a broken part is not read; only a missing
/// boundary is an error.
pub(super) fn multipart(
    body: &Bytes,
    header: &str,
    limits: BodyLimits,
) -> Result<Fields, ApiError> {
    let Ok(boundary) = multer::parse_boundary(header) else {
        return Err(ApiError::Malformed(Message::MultipartParseError {
            problem: "Invalid boundary in multipart: None".into(),
        }));
    };
    let whole = body.clone();
    let stream = futures_util::stream::once(async move { Ok::<_, Infallible>(whole) });
    let mut parts = Multipart::new(stream, boundary);
    let reading = async {
        let mut fields = Vec::new();
        let mut files = 0;
        while let Ok(Some(part)) = parts.next_field().await {
            let name = part.name().unwrap_or("").to_owned();
            let is_file = part.file_name().is_some();
            let Ok(value) = part.text().await else { break };
            files += usize::from(is_file);
            if files > limits.files || fields.len() - files.min(fields.len()) >= limits.form_fields
            {
                return Err(ApiError::TooLarge);
            }
            fields.push((name, if is_file { Given::File } else { Given::Text(value) }));
        }
        Ok(Fields(fields))
    };
    // The whole body is in memory, so the parser never has to wait.
    futures_util::FutureExt::now_or_never(reading).unwrap_or_else(|| Ok(Fields::default()))
}
