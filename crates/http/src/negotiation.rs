//! Which representation a request asks for: DRF's content negotiation.
//!
//! Quality values are ignored, the most specific range wins, and parameters do not matter except
//! for `indent`, which asks for pretty JSON.

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
    let ranges: Vec<MediaRange<'_>> =
        accept.unwrap_or("*/*").split(',').map(MediaRange::parse).collect();
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

/// One entry of an `Accept` header (RFC 9110, section 12.5.1).
struct MediaRange<'a> {
    main: &'a str,
    sub: &'a str,
    parameters: Vec<(&'a str, &'a str)>,
}

impl<'a> MediaRange<'a> {
    fn parse(text: &'a str) -> Self {
        let mut parts = text.split(';').map(str::trim);
        let (main, sub) = parts.next().unwrap_or("").split_once('/').unwrap_or(("", ""));
        let parameters = parts.filter_map(|p| p.split_once('=')).collect();
        Self { main, sub, parameters }
    }

    fn precedence(&self) -> u8 {
        if self.main == "*" {
            0
        } else if self.sub == "*" {
            1
        } else if self.parameters.iter().all(|(name, _)| *name == "q") {
            2
        } else {
            3
        }
    }

    fn covers(&self, media_type: &str) -> bool {
        let (main, sub) = media_type.split_once('/').unwrap_or((media_type, ""));
        (self.main == "*" || self.main.eq_ignore_ascii_case(main))
            && (self.sub == "*" || self.sub.eq_ignore_ascii_case(sub))
    }

    /// `indent=N`, at most 8 as in DRF.
    fn indent(&self) -> Option<usize> {
        let (_, width) = self.parameters.iter().find(|(name, _)| *name == "indent")?;
        width.parse::<usize>().ok().map(|width| width.min(8))
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
        let chosen = choose(BOTH, None, Some("application/json; indent=4")).unwrap();
        assert_eq!(chosen.indent, Some(4));
    }
}
