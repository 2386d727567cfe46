//! QR codes that apps scan.

use data_encoding::BASE64;
use qrcode::render::svg;
use qrcode::{EcLevel, QrCode};

/// The least width of the picture, in pixels.
const WIDTH: u32 = 240;

/// The text as a picture in a `data:` address. `None` if it is too long for a QR code: above about
/// two thousand characters.
#[must_use]
pub fn data_uri(text: &str) -> Option<String> {
    let code = QrCode::with_error_correction_level(text, EcLevel::M).ok()?;
    let picture = code.render::<svg::Color<'_>>().min_dimensions(WIDTH, WIDTH).build();
    Some(format!("data:image/svg+xml;base64,{}", BASE64.encode(picture.as_bytes())))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_text_becomes_a_picture_that_does_not_show_it() {
        let text = "otpauth://totp/ada?secret=GEZDGNBVGY3TQOJQ";
        let uri = data_uri(text).unwrap();
        let picture = BASE64.decode(uri.rsplit(',').next().unwrap().as_bytes()).unwrap();
        let picture = String::from_utf8(picture).unwrap();
        assert!(picture.contains("<svg") && picture.contains("</svg>"), "{picture}");
        assert!(!picture.contains("script") && !picture.contains(text));
        assert_eq!(data_uri(&"x".repeat(5_000)), None);
    }
}
