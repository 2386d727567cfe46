//! Why a ceremony is refused.

/// Why a registration or an authentication is refused. Clients are told none of it.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
pub enum CeremonyError {
    /// A member is missing, of another type, or no base64url.
    #[error("the credential has no usable {0}")]
    Member(&'static str),
    /// The type is not `public-key`.
    #[error("the credential is no public key")]
    CredentialType,
    /// `id` and `rawId` differ, are empty, or are longer than 1023 bytes.
    #[error("the id of the credential is not valid")]
    CredentialId,
    /// The client data is no JSON object with the members that it must have.
    #[error("the client data cannot be read")]
    ClientData,
    /// The client data is about the other ceremony.
    #[error("the client data is about another ceremony")]
    Ceremony,
    /// The challenge is another one.
    #[error("the challenge is another one")]
    Challenge,
    /// The page is of an origin that is not listed.
    #[error("the origin is not listed")]
    Origin,
    /// The page was in a frame of a page that is not listed.
    #[error("the page was shown in a frame of another origin")]
    CrossOrigin,
    /// The CBOR is damaged, not in the form of CTAP2, or too large.
    #[error("the CBOR cannot be read")]
    Cbor,
    /// The attestation object lacks a member, or says `none` and has a statement.
    #[error("the attestation object is not valid")]
    Attestation,
    /// The authenticator data is too short for what it says it has.
    #[error("the authenticator data is cut off")]
    AuthenticatorData,
    /// Bytes follow the authenticator data.
    #[error("bytes follow the authenticator data")]
    TrailingBytes,
    /// The relying party is another one.
    #[error("the credential is one of another relying party")]
    RelyingParty,
    /// Nobody touched the authenticator.
    #[error("the user was not present")]
    UserPresence,
    /// The authenticator did not verify the user, and that is required.
    #[error("the user was not verified")]
    UserVerification,
    /// The credential is backed up and cannot be.
    #[error("the credential is backed up without being eligible for that")]
    BackupState,
    /// The credential was eligible for backups and is not, or the reverse.
    #[error("the eligibility for backups has changed")]
    BackupEligibility,
    /// The authenticator made no credential.
    #[error("there is no new credential")]
    NoCredential,
    /// The key is of an algorithm that is not offered.
    #[error("the algorithm of the key is not offered")]
    Algorithm,
    /// The key is not one of its algorithm.
    #[error("the public key is not valid")]
    PublicKey,
    /// The signature is not one of this key over this data.
    #[error("the signature is wrong")]
    Signature,
    /// The counter did not grow, as if the authenticator had been copied.
    #[error("the counter of the authenticator did not grow")]
    Counter,
}
