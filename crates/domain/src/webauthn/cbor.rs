//! CBOR (RFC 8949) in CTAP2's canonical form: every length and number in the fewest bytes, nothing
//! of unknown length, every key of a map once.
//!
//! The order of keys is not checked, because authenticators exist that do not keep it. Both
//! verifiers of Django projects take their keys, too.

use ciborium::Value;

use super::error::CeremonyError;

/// How deep values may lie within each other. Attestations of several formats at once have five
/// levels.
const DEEPEST: usize = 8;
/// Bytes of an item. Attestations with chains of certificates have some thousands.
const LONGEST: usize = 0x1_0000;
/// Entries of a map. Keys, of which each is compared with each, have five.
const MOST_ENTRIES: usize = 64;

/// Reads one item and returns what follows it.
pub(super) fn first(bytes: &[u8]) -> Result<(Value, &[u8]), CeremonyError> {
    let mut rest = bytes.get(..LONGEST).unwrap_or(bytes);
    let before = rest.len();
    let value: Value = ciborium::de::from_reader_with_recursion_limit(&mut rest, DEEPEST)
        .map_err(|_| CeremonyError::Cbor)?;
    let (item, rest) = bytes.split_at_checked(before - rest.len()).ok_or(CeremonyError::Cbor)?;
    let mut canonical = Vec::with_capacity(item.len());
    ciborium::into_writer(&value, &mut canonical).map_err(|_| CeremonyError::Cbor)?;
    if canonical == item && has_single_keys(&value) {
        Ok((value, rest))
    } else {
        Err(CeremonyError::Cbor)
    }
}

/// Reads one item that nothing follows.
pub(super) fn only(bytes: &[u8]) -> Result<Value, CeremonyError> {
    match first(bytes)? {
        (value, []) => Ok(value),
        _ => Err(CeremonyError::Cbor),
    }
}

/// The value of a key that is text.
pub(super) fn by_text<'v>(map: &'v Value, key: &str) -> Option<&'v Value> {
    entry(map, |found| found.as_text() == Some(key))
}

/// The value of a key that is a number.
pub(super) fn by_number(map: &Value, key: i64) -> Option<&Value> {
    entry(map, |found| found.as_integer().is_some_and(|found| found == key.into()))
}

fn entry(map: &Value, is_key: impl Fn(&Value) -> bool) -> Option<&Value> {
    let entries = map.as_map()?;
    entries.iter().find(|(key, _)| is_key(key)).map(|(_, value)| value)
}

/// Whether no map has a key twice, and none more entries than can be compared.
fn has_single_keys(value: &Value) -> bool {
    match value {
        Value::Array(items) => items.iter().all(has_single_keys),
        Value::Map(entries) => {
            let keys = entries.iter().enumerate();
            entries.len() <= MOST_ENTRIES
                && keys.clone().all(|(n, (key, _))| entries.iter().take(n).all(|(k, _)| k != key))
                && entries.iter().all(|(key, value)| has_single_keys(key) && has_single_keys(value))
        }
        // CTAP2 has no tags.
        Value::Tag(..) => false,
        _ => true,
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::encoding;

    fn read(hex: &str) -> Result<Value, CeremonyError> {
        only(&encoding::from_hex(hex).unwrap())
    }

    #[test]
    fn an_item_ends_where_the_next_begins() {
        let bytes = encoding::from_hex("a10102f6").unwrap();
        let (map, rest) = first(&bytes).unwrap();
        assert_eq!(by_number(&map, 1), Some(&Value::from(2)));
        assert_eq!((by_number(&map, 2), by_text(&map, "1"), rest), (None, None, &[0xf6][..]));
        assert_eq!(only(&bytes), Err(CeremonyError::Cbor));
    }

    #[test]
    fn what_is_not_canonical_is_refused() {
        for hex in [
            "",                   // nothing
            "58",                 // cut off
            "5803",               // longer than what is there
            "1801",               // 1 in two bytes
            "580101",             // a length of 1 in two bytes
            "9fff",               // an array of unknown length
            "bf0102ff",           // a map of unknown length
            "5f4101ff",           // bytes of unknown length
            "a201020103",         // a key twice
            "81a201020103",       // the same within an array
            "a1a20102010300",     // the same within a key
            "c101",               // a tag
            "c24101",             // a number in the form of large ones
            "fb3ff0000000000000", // 1.0 in eight bytes
            "1c",                 // not assigned
            "ff",                 // an end without a beginning
        ] {
            assert_eq!(read(hex), Err(CeremonyError::Cbor), "{hex}");
        }
    }

    #[test]
    fn depth_and_size_are_limited() {
        let nested = |depth: usize| format!("{}00", "81".repeat(depth));
        assert!(read(&nested(5)).is_ok());
        for depth in [9, 100, 20_000] {
            assert_eq!(read(&nested(depth)), Err(CeremonyError::Cbor), "{depth}");
        }
        let map = |entries: u8| {
            let keys = (0..entries).flat_map(|key| [0x18, key + 24, 0]);
            [0xb8, entries].into_iter().chain(keys).collect::<Vec<_>>()
        };
        assert!(only(&map(64)).is_ok());
        assert_eq!(only(&map(65)), Err(CeremonyError::Cbor));
        let long = |head: &[u8], length: usize| [head, &vec![0; length]].concat();
        assert!(only(&long(&[0x59, 0xff, 0xfd], 0xfffd)).is_ok());
        assert_eq!(only(&long(&[0x59, 0xff, 0xff], 0xffff)), Err(CeremonyError::Cbor));
        assert_eq!(only(&long(&[0x5a, 0, 1, 0, 0], 0x1_0000)), Err(CeremonyError::Cbor));
        // What is not there is not reserved either.
        assert_eq!(read("5bffffffffffffffff"), Err(CeremonyError::Cbor));
        assert_eq!(read("9bffffffffffffffff"), Err(CeremonyError::Cbor));
    }
}
