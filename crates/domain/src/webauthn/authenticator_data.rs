//! What the authenticator says and signs: the relying party, flags, its counter, and at a
//! registration the new credential.

use super::cbor;
use super::error::CeremonyError;
use super::relying_party::{Expected, UserVerification};

const USER_PRESENT: u8 = 0x01;
const USER_VERIFIED: u8 = 0x04;
const BACKUP_ELIGIBLE: u8 = 0x08;
const BACKED_UP: u8 = 0x10;
const HAS_CREDENTIAL: u8 = 0x40;
const HAS_EXTENSIONS: u8 = 0x80;

/// Bytes of the longest id.
pub(super) const LONGEST_ID: usize = 1023;

/// The authenticator data, in parts.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct AuthenticatorData<'a> {
    /// The SHA-256 of the domain that the credential is bound to.
    pub rp_id_hash: [u8; 32],
    flags: u8,
    /// How often the authenticator has signed; 0 if it does not count.
    pub sign_count: u32,
    /// The new credential.
    pub credential: Option<AttestedCredential<'a>>,
}

/// A new credential, as the authenticator describes it.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct AttestedCredential<'a> {
    /// The model of the authenticator; zeros if it does not tell.
    pub aaguid: [u8; 16],
    /// The id.
    pub id: &'a [u8],
    /// The public key, a COSE key in CBOR.
    pub public_key: &'a [u8],
}

/// Whether a credential can leave its device.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Backup {
    /// It can be copied to other devices. This never changes.
    pub eligible: bool,
    /// There is a copy.
    pub state: bool,
}

/// Takes bytes off the front.
struct Reader<'a>(&'a [u8]);

impl<'a> Reader<'a> {
    fn take(&mut self, length: usize) -> Result<&'a [u8], CeremonyError> {
        let cut = self.0.split_at_checked(length).ok_or(CeremonyError::AuthenticatorData)?;
        let (taken, rest) = cut;
        self.0 = rest;
        Ok(taken)
    }

    fn array<const N: usize>(&mut self) -> Result<[u8; N], CeremonyError> {
        self.take(N)?.try_into().map_err(|_| CeremonyError::AuthenticatorData)
    }

    /// One item of CBOR, which must be a map.
    fn map(&mut self) -> Result<&'a [u8], CeremonyError> {
        let (value, rest) = cbor::first(self.0)?;
        let length = self.0.len() - rest.len();
        if value.is_map() { self.take(length) } else { Err(CeremonyError::Cbor) }
    }
}

impl<'a> AuthenticatorData<'a> {
    /// Takes the bytes apart. All of them must belong to something.
    ///
    /// # Errors
    /// [`CeremonyError::AuthenticatorData`], [`CeremonyError::CredentialId`],
    /// [`CeremonyError::Cbor`] or [`CeremonyError::TrailingBytes`].
    pub fn read(bytes: &'a [u8]) -> Result<Self, CeremonyError> {
        let mut reader = Reader(bytes);
        let rp_id_hash = reader.array()?;
        let [flags] = reader.array()?;
        let sign_count = u32::from_be_bytes(reader.array()?);
        let credential = match flags & HAS_CREDENTIAL {
            0 => None,
            _ => Some(AttestedCredential::read(&mut reader)?),
        };
        if flags & HAS_EXTENSIONS != 0 {
            // None is asked for, and what authenticators add unasked is ignored.
            reader.map()?;
        }
        if !reader.0.is_empty() {
            return Err(CeremonyError::TrailingBytes);
        }
        Ok(Self { rp_id_hash, flags, sign_count, credential })
    }

    /// Checks the relying party and what the flags say about the user and about backups.
    ///
    /// # Errors
    /// [`CeremonyError`] names what is not as expected.
    pub(super) fn check(&self, expected: &Expected<'_>) -> Result<(), CeremonyError> {
        if self.rp_id_hash != expected.party.id_hash() {
            return Err(CeremonyError::RelyingParty);
        }
        if self.flags & USER_PRESENT == 0 {
            return Err(CeremonyError::UserPresence);
        }
        if expected.user_verification == UserVerification::Required && !self.user_verified() {
            return Err(CeremonyError::UserVerification);
        }
        let Backup { eligible, state } = self.backup();
        if state && !eligible {
            return Err(CeremonyError::BackupState);
        }
        Ok(())
    }

    /// Whether the authenticator verified the user.
    #[must_use]
    pub fn user_verified(&self) -> bool {
        self.flags & USER_VERIFIED != 0
    }

    /// Whether the credential can leave its device.
    #[must_use]
    pub fn backup(&self) -> Backup {
        Backup { eligible: self.flags & BACKUP_ELIGIBLE != 0, state: self.flags & BACKED_UP != 0 }
    }
}

impl<'a> AttestedCredential<'a> {
    fn read(reader: &mut Reader<'a>) -> Result<Self, CeremonyError> {
        let aaguid = reader.array()?;
        let length = usize::from(u16::from_be_bytes(reader.array()?));
        if !(1..=LONGEST_ID).contains(&length) {
            return Err(CeremonyError::CredentialId);
        }
        Ok(Self { aaguid, id: reader.take(length)?, public_key: reader.map()? })
    }
}

/// The model of an authenticator as its makers write it: a UUID.
#[must_use]
pub fn aaguid_text(aaguid: [u8; 16]) -> String {
    let hex = crate::encoding::hex(&aaguid);
    let part = |from, to| hex.get(from..to).unwrap_or_default();
    [part(0, 8), part(8, 12), part(12, 16), part(16, 20), part(20, 32)].join("-")
}

#[cfg(test)]
mod tests {
    use super::*;

    /// Relying party, flags and a counter of 7, and what follows.
    fn data(flags: u8, more: &[u8]) -> Vec<u8> {
        [&[9; 32][..], &[flags], &[0, 0, 0, 7], more].concat()
    }

    #[test]
    fn everything_belongs_to_something() {
        let bytes = data(USER_PRESENT | BACKUP_ELIGIBLE, &[]);
        let read = AuthenticatorData::read(&bytes).unwrap();
        assert_eq!(
            (read.sign_count, read.user_verified(), read.credential.as_ref()),
            (7, false, None)
        );
        assert_eq!(read.backup(), Backup { eligible: true, state: false });
        for length in 0..37 {
            let cut = AuthenticatorData::read(&bytes[..length]);
            assert_eq!(cut, Err(CeremonyError::AuthenticatorData), "{length}");
        }
        let followed = data(USER_PRESENT, &[0]);
        assert_eq!(AuthenticatorData::read(&followed), Err(CeremonyError::TrailingBytes));
    }

    #[test]
    fn extensions_are_one_map() {
        let flags = USER_PRESENT | HAS_EXTENSIONS;
        for (more, expected) in [
            (&[0xa0][..], Ok(())),
            (&[0xa1, 0x61, 0x78, 0xf5], Ok(())),
            (&[], Err(CeremonyError::Cbor)),
            (&[0x80], Err(CeremonyError::Cbor)),
            (&[0xa0, 0xa0], Err(CeremonyError::TrailingBytes)),
        ] {
            let bytes = data(flags, more);
            assert_eq!(AuthenticatorData::read(&bytes).map(|_| ()), expected, "{more:?}");
        }
        let without_flag = data(USER_PRESENT, &[0xa0]);
        assert_eq!(AuthenticatorData::read(&without_flag), Err(CeremonyError::TrailingBytes));
    }

    #[test]
    fn a_new_credential_has_an_id_and_a_map_of_a_key() {
        let flags = USER_PRESENT | HAS_CREDENTIAL;
        let credential = |length: u16, rest: &[u8]| {
            let more = [&[1; 16][..], &length.to_be_bytes(), rest].concat();
            let bytes = data(flags, &more);
            AuthenticatorData::read(&bytes).map(|read| read.credential.unwrap().id.len())
        };
        assert_eq!(credential(2, &[5, 6, 0xa0]), Ok(2));
        assert_eq!(credential(1023, &[&[0; 1023][..], &[0xa0]].concat()), Ok(1023));
        assert_eq!(credential(0, &[0xa0]), Err(CeremonyError::CredentialId));
        assert_eq!(
            credential(1024, &[&[0; 1024][..], &[0xa0]].concat()),
            Err(CeremonyError::CredentialId)
        );
        assert_eq!(credential(3, &[5, 6]), Err(CeremonyError::AuthenticatorData));
        assert_eq!(credential(2, &[5, 6]), Err(CeremonyError::Cbor));
        assert_eq!(credential(2, &[5, 6, 0x41, 0]), Err(CeremonyError::Cbor));
        assert_eq!(credential(2, &[5, 6, 0xa0, 0]), Err(CeremonyError::TrailingBytes));
        let cut = data(flags, &[1; 17]);
        assert_eq!(AuthenticatorData::read(&cut), Err(CeremonyError::AuthenticatorData));
    }

    #[test]
    fn models_are_written_as_uuids() {
        let aaguid = [1, 2, 3, 4, 5, 6, 7, 8, 1, 2, 3, 4, 5, 6, 7, 8];
        assert_eq!(aaguid_text(aaguid), "01020304-0506-0708-0102-030405060708");
    }
}
