//! Which representation a request asks for: DRF's content negotiation.
//!
//! Quality values are ignored, the most specific range wins, and parameters do not matter except
//! for `indent`, which asks for pretty JSON.

use rest_auth_domain::header_parameters::HeaderParameters;

use crate::error::ApiError;
use crate::settings::rest_framework::Renderer;

/// What was chosen for one answer.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct Representation {
    pub(crate) renderer: Renderer,
    /// Spaces to indent JSON by.
    pub(crate) indent: Option<usize>,
}

impl Representation {
    /// The representation of errors, if the request accepts none of the representations.
    pub(crate) fn fallback(renderers: &[Renderer]) -> Self {
        Self { renderer: renderers.first().copied().unwrap_or(Renderer::Json), indent: None }
    }
}

/// Picks the representation by `?format=` and the `Accept` header; `None` is a missing header.
///
/// # Errors
/// 404 for a format that no renderer has, 406 if none has an acceptable type.
pub(crate) fn choose(
    renderers: &[Renderer],
    format: Option<&str>,
    accept: Option<&str>,
) -> Result<Representation, ApiError> {
    let format = format.filter(|f| !f.is_empty());
    let offered: Vec<Renderer> =
        renderers.iter().copied().filter(|r| format.is_none_or(|f| r.format() == f)).collect();
    if offered.is_empty() {
        return Err(ApiError::not_found());
    }
    let ranges = MediaRange::list(accept.unwrap_or("*/*"));
    for precedence in (0..=3).rev() {
        for renderer in &offered {
            let matching = ranges
                .iter()
                .filter(|range| range.precedence() == precedence)
                .find(|range| range.covers(renderer.media_type()));
            if let Some(range) = matching {
                return Ok(Representation { renderer: *renderer, indent: range.indent() });
            }
        }
    }
    Err(ApiError::NotAcceptable)
}

/// The longest `Accept` header that is read to its end, in bytes, and the longest entry of it.
const LONGEST_ACCEPT: usize = 8192;
const LONGEST_RANGE: usize = 256;
/// How many entries of it are read.
const MOST_RANGES: usize = 64;

/// One entry of an `Accept` header (RFC 9110, section 12.5.1).
#[derive(Default)]
struct MediaRange(HeaderParameters);

impl MediaRange {
    /// The entries of a header. Empty and endless ones are skipped, as in DRF.
    fn list(accept: &str) -> Vec<Self> {
        let whole = accept.len() <= LONGEST_ACCEPT;
        let cut = accept.floor_char_boundary(LONGEST_ACCEPT);
        let read = if whole { accept } else { accept[..cut].rsplit_once(',').map_or("", |r| r.0) };
        let entries = read.split(',').map(str::trim);
        let entries = entries.filter(|entry| (1..=LONGEST_RANGE).contains(&entry.len()));
        let range = |entry| Self(HeaderParameters::parse(entry).unwrap_or_default());
        entries.take(MOST_RANGES).map(range).collect()
    }

    fn types(&self) -> (&str, &str) {
        self.0.value.split_once('/').unwrap_or((&self.0.value, ""))
    }

    fn precedence(&self) -> u8 {
        match self.types() {
            ("*", _) => 0,
            (_, "*") => 1,
            _ if self.0.iter().all(|(name, _)| name == "q") => 2,
            _ => 3,
        }
    }

    fn covers(&self, media_type: &str) -> bool {
        let (main, sub) = media_type.split_once('/').unwrap_or((media_type, ""));
        let (own_main, own_sub) = self.types();
        (own_main == "*" || own_main == main) && (own_sub == "*" || own_sub == sub)
    }

    /// `indent=N`, at most 8 as in DRF.
    fn indent(&self) -> Option<usize> {
        let width = self.0.get("indent")?.trim().parse::<i64>().ok()?;
        usize::try_from(width.clamp(0, 8)).ok()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const BOTH: &[Renderer] = &[Renderer::Json, Renderer::BrowsableApi];

    fn picked(format: Option<&str>, accept: Option<&str>) -> Option<Renderer> {
        choose(BOTH, format, accept).ok().map(|r| r.renderer)
    }

    #[test]
    fn the_most_specific_range_wins_and_quality_does_not_count() {
        assert_eq!(picked(None, None), Some(Renderer::Json));
        assert_eq!(picked(None, Some("text/html, */*;q=0.8")), Some(Renderer::BrowsableApi));
        assert_eq!(picked(None, Some("application/json;q=0")), Some(Renderer::Json));
        assert_eq!(picked(None, Some("application/*, text/xml")), Some(Renderer::Json));
        assert_eq!(picked(None, Some("")), None);
        assert_eq!(picked(None, Some("application/xml")), None);
    }

    #[test]
    fn a_format_narrows_the_choice() {
        assert_eq!(picked(Some("api"), Some("text/html")), Some(Renderer::BrowsableApi));
        assert_eq!(picked(Some("api"), Some("application/json")), None);
        assert_eq!(picked(Some(""), Some("application/json")), Some(Renderer::Json));
        assert_eq!(picked(Some("xml"), None), None);
    }

    #[test]
    fn indent_is_read_from_the_range_that_matched() {
        for (accept, indent) in [
            ("application/json; indent=4", Some(4)),
            ("application/JSON; INDENT=2", Some(2)),
            ("*/*;indent=\"99\"", Some(8)),
            ("application/json; indent=-1", Some(0)),
            ("application/json; indent=x", None),
        ] {
            assert_eq!(choose(BOTH, None, Some(accept)).unwrap().indent, indent, "{accept}");
        }
    }

    #[test]
    fn a_header_without_end_is_read_as_far_as_it_is_useful() {
        let long = |text: &str| format!("{text},{}", "text/xml,".repeat(2_000));
        assert_eq!(picked(None, Some(&long("application/json"))), Some(Renderer::Json));
        assert_eq!(picked(None, Some(&format!("{}application/json", long("a/b")))), None);
        let endless = format!("text/{},application/json", "x".repeat(300));
        assert_eq!(picked(None, Some(&endless)), Some(Renderer::Json));
        assert_eq!(picked(None, Some("application/json; x=\"é\"")), Some(Renderer::Json));
    }
}
