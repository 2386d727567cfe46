//! The table of sentences: one variant each, with the English text of Django, DRF, allauth,
//! simplejwt or dj-rest-auth.

use std::fmt::Display;

use super::declare::sentences;
use crate::csrf::CsrfFailure;
use crate::password::UserAttribute;

fn pick<'m>(name: &str, fields: &[(&str, &'m dyn Display)]) -> Option<&'m dyn Display> {
    fields.iter().find(|(field, _)| *field == name).map(|(_, value)| *value)
}

sentences! {
    // Fields.
    /// A required field is absent.
    Required = "This field is required.";
    /// A field is null that may not be.
    Null = "This field may not be null.";
    /// A field is empty, or nothing but blanks.
    Blank = "This field may not be blank.";
    /// A text field holds a list, an object or a boolean.
    NotAString = "Not a valid string.";
    /// A text is too long.
    MaxLength {
        /// The longest that is allowed, in code points.
        max_length: usize,
    } = "Ensure this field has no more than {max_length} characters.";
    /// A text is too short.
    MinLength {
        /// The shortest that is allowed, in code points.
        min_length: usize,
    } = "Ensure this field has at least {min_length} characters.";
    /// A text holds U+0000.
    NullCharacters = "Null characters are not allowed.";
    /// A JSON text holds half of a surrogate pair.
    SurrogateCharacters {
        /// The lone surrogate as `U+D800` prints it: upper-case hexadecimal digits.
        code_point: String,
    } = "Surrogate characters are not allowed: U+{code_point}.";
    /// Not an e-mail address.
    InvalidEmail = "Enter a valid email address.";
    /// Not a truth value.
    NotABoolean = "Must be a valid boolean.";
    /// Not a whole number.
    NotAnInteger = "A valid integer is required.";
    /// Digits without end.
    StringTooLarge = "String value too large.";
    /// A number is too large.
    MaxValue {
        /// The largest that is allowed.
        max_value: i64,
    } = "Ensure this value is less than or equal to {max_value}.";
    /// A number is too small.
    MinValue {
        /// The smallest that is allowed.
        min_value: i64,
    } = "Ensure this value is greater than or equal to {min_value}.";
    /// Not a date.
    NotADate {
        /// How dates are written.
        format: &'static str,
    } = "Date has wrong format. Use one of these formats instead: {format}.";
    /// A uid or token of a reset link is not good.
    InvalidValue = "Invalid value";
    /// The body is JSON, but no object.
    NotADictionary {
        /// What it is, as Python calls it: `list`, `str`, `int`, `float` or `bool`.
        datatype: &'static str,
    } = "Invalid data. Expected a dictionary, but got {datatype}.";
    /// The body is the JSON null.
    NoData = "No data provided";

    // Usernames and addresses.
    /// A username holds characters that usernames may not.
    InvalidUsername = "Enter a valid username. This value may contain only letters, numbers, \
        and @/./+/-/_ characters.";
    /// A username is on the list of forbidden ones.
    UsernameBlacklisted = "Username can not be used. Please use other username.";
    /// The user name is taken.
    UsernameTaken = "A user with that username already exists.";
    /// A user name is an e-mail address, and not the user's own.
    UsernameIsAddress = "A username may not be the email address of somebody else. Choose \
        another one.";
    /// The address is taken.
    EmailTaken = "User is already registered with this e-mail address.";
    /// An address to add that the user has already.
    AddressOfOneself = "This email address is already associated with this account.";
    /// An address to add beside as many as are allowed.
    TooManyAddresses {
        /// How many are allowed.
        most: u32,
    } = "You cannot add more than {most} email addresses.";
    /// An address to be the primary one that is not verified.
    PrimaryMustBeVerified = "Your primary email address must be verified.";
    /// The primary address is not to be it any more, and no other is named.
    ChooseAnotherAddress = "Make another address the primary one instead.";
    /// An address that the account cannot do without.
    AddressIsNeeded =
        "This email address is needed. Make another one the primary address first.";

    // Passwords.
    /// A password is shorter than the validator wants; plural in most languages.
    PasswordTooShort {
        /// The shortest that is allowed, in code points.
        min_length: usize,
    } = "This password is too short. It must contain at least {min_length} characters.";
    /// A password is on the list of common ones.
    PasswordTooCommon = "This password is too common.";
    /// A password consists of digits.
    PasswordEntirelyNumeric = "This password is entirely numeric.";
    /// A password looks like something about its user.
    PasswordTooSimilar {
        /// What it looks like; its name is translated too.
        attribute: UserAttribute,
    } = "The password is too similar to the {attribute}.";
    /// The two new passwords of a change or reset differ.
    PasswordMismatch = "The two password fields didn’t match.";
    /// The two passwords of a registration differ: the same in English but for the apostrophe.
    RegistrationPasswordMismatch = "The two password fields didn't match.";
    /// The old password of a change is wrong.
    WrongOldPassword =
        "Your old password was entered incorrectly. Please enter it again.";
    /// A password that was to be shown again is wrong.
    IncorrectPassword = "Incorrect password.";
    /// The last proof of who the user is is too old for a change.
    ReauthenticationRequired = "Reauthentication required.";
    /// A request by name and password has nothing that a proof could be kept with.
    ProofNotKept = "This request has a password in its header and no login that a proof could be kept \
        with. Log in, or send \"current_password\" along with the change.";
    /// Several proofs were sent where one is needed.
    OneProof = "Send one proof: a password, a code or a passkey.";
    /// The user has no password to confirm.
    NoPassword = "This account has no password. Set one first by a password reset.";
    /// A password was changed.
    PasswordChanged = "New password has been saved.";
    /// A password was reset by a link.
    PasswordReset = "Password has been reset with the new password.";
    /// A reset mail is sent if the address belongs to a user.
    PasswordResetSent = "Password reset e-mail has been sent.";

    // Login and logout.
    /// E-mail login lacks one of its two fields.
    MustIncludeEmail = "Must include \"email\" and \"password\".";
    /// Username login lacks one of its two fields.
    MustIncludeUsername = "Must include \"username\" and \"password\".";
    /// Login by either lacks something.
    MustIncludeEither = "Must include either \"username\" or \"email\" and \"password\".";
    /// Unknown user, wrong password or inactive user, deliberately with one sentence.
    BadCredentials = "Unable to log in with provided credentials.";
    /// The user was switched off.
    AccountDisabled = "User account is disabled.";
    /// Verification is mandatory and has not happened.
    EmailNotVerified = "E-mail is not verified.";
    /// Logged out.
    LoggedOut = "Successfully logged out.";
    /// A logout in token mode without a login.
    NotLoggedIn = "You should be logged in to logout. Check whether the token is passed.";
    /// The refresh token to be blacklisted is not among the cookies.
    NoRefreshCookie = "Refresh token was not included in cookie data.";
    /// The refresh token to be blacklisted is not in the body.
    NoRefreshInBody = "Refresh token was not included in request data.";
    /// A logout in JWT mode that could end nothing.
    NothingToRevoke = "Neither cookies or blacklist are enabled, so the token has not been deleted \
        server side. Please make sure the token is deleted client side.";

    // Registration.
    /// Registered; the address has to be verified first.
    VerificationSent = "Verification e-mail sent.";
    /// Done, and nothing to tell.
    Acknowledged = "ok";

    // Authentication of a request.
    /// The request is not authenticated.
    NotAuthenticated = "Authentication credentials were not provided.";
    /// The credentials of a request are not good.
    AuthenticationFailed = "Incorrect authentication credentials.";
    /// The user may not do this.
    PermissionDenied = "You do not have permission to perform this action.";
    /// `Authorization: Token` without a token.
    TokenHeaderEmpty = "Invalid token header. No credentials provided.";
    /// `Authorization: Token` with several words after it.
    TokenHeaderSpaces = "Invalid token header. Token string should not contain spaces.";
    /// `Authorization: Token` with a token that is not UTF-8.
    TokenHeaderCharacters =
        "Invalid token header. Token string should not contain invalid characters.";
    /// No such token.
    UnknownToken = "Invalid token.";
    /// A good token of a user that is not.
    UserInactiveOrDeleted = "User inactive or deleted.";
    /// `Authorization: Basic` without credentials.
    BasicHeaderEmpty = "Invalid basic header. No credentials provided.";
    /// `Authorization: Basic` with several words after it.
    BasicHeaderSpaces = "Invalid basic header. Credentials string should not contain spaces.";
    /// `Authorization: Basic` with something that is not base64 of `name:password`.
    BasicHeaderEncoding = "Invalid basic header. Credentials not correctly base64 encoded.";
    /// `Authorization: Basic` with a wrong name or password.
    BasicCredentials = "Invalid username/password.";
    /// A request that could be forged; see [`CsrfFailure`].
    CsrfFailed {
        /// What is missing or wrong; never translated.
        reason: CsrfFailure,
    } = "CSRF Failed: {reason}";

    // JWT.
    /// `Authorization: Bearer` with not exactly one word after it.
    BearerHeaderParts = "Authorization header must contain two space-delimited values";
    /// An access token was refused; the reason is in `messages`.
    TokenNotValidForAnyType = "Given token not valid for any token type";
    /// A token is no JWT of ours: shape, signature, algorithm, audience, issuer.
    TokenInvalid = "Token is invalid";
    /// A token's time is over.
    TokenExpired = "Token is expired";
    /// A refresh token in the place of an access token, or the reverse.
    TokenWrongType = "Token has wrong type";
    /// A token that was taken back.
    TokenBlacklisted = "Token is blacklisted";
    /// A token without `jti`.
    TokenWithoutId = "Token has no id";
    /// A token without `token_type`.
    TokenWithoutType = "Token has no type";
    /// A token without a claim that it must have.
    TokenWithoutClaim {
        /// The claim, such as `exp`.
        claim: &'static str,
    } = "Token has no '{claim}' claim";
    /// A token without the claim that names its user.
    TokenWithoutUser = "Token contained no recognizable user identification";
    /// A token of a user that does not exist.
    UserNotFound = "User not found";
    /// A token of a user that was switched off.
    UserInactive = "User is inactive";
    /// A token from before the last change of password.
    PasswordChangedSince = "The user's password has been changed.";
    /// A refresh without a refresh token.
    NoRefreshToken = "No valid refresh token found.";
    /// A refresh for a user that was switched off.
    NoActiveAccount = "No active account found for the given token.";

    // MFA.
    /// The token of the first login step is unknown, spent or too old.
    EphemeralTokenInvalid = "Invalid or expired token.";
    /// A wrong code.
    InvalidCode = "Invalid code.";
    /// A wrong code while activating.
    InvalidActivationCode = "Invalid code. Please check your authenticator app and try again.";
    /// The token of an activation is unknown, spent or too old.
    ActivationTokenInvalid = "Invalid or expired activation token.";
    /// The activation token is another user's.
    ActivationTokenOfOther = "Invalid activation token for this user.";
    /// Activation although active.
    MfaAlreadyEnabled = "MFA is already enabled. Deactivate it before activating again.";
    /// Deactivation although not active.
    MfaNotEnabled = "MFA is not enabled.";
    /// Deactivated.
    TotpDeactivated = "TOTP has been deactivated.";

    // Passkeys.
    /// The settings name no site that passkeys belong to.
    PasskeysNotConfigured = "Passkey RP settings (PASSKEY_RP_ID, PASSKEY_RP_NAME, \
        PASSKEY_RP_ORIGINS) must be configured.";
    /// The challenge of a new passkey is unknown, used or too old.
    PasskeyEnrolmentExpired = "Registration challenge has expired. Please start over.";
    /// A new passkey that is not valid.
    PasskeyEnrolmentFailed = "Registration verification failed.";
    /// A new passkey beside as many as are allowed.
    TooManyPasskeys {
        /// How many are allowed.
        most: u32,
    } = "You cannot have more than {most} passkeys. Remove one first.";
    /// A new passkey that somebody has.
    PasskeyTaken = "This credential is already registered.";
    /// The challenge of a login is unknown, used or too old.
    PasskeyLoginExpired = "Authentication challenge has expired. Please start over.";
    /// The credential has not the form that a browser gives it.
    PasskeyFormat = "Invalid credential format.";
    /// No user has this passkey.
    PasskeyNotFound = "Credential not found.";
    /// A passkey that did not answer the challenge.
    PasskeyLoginFailed = "Authentication verification failed.";
    /// The user has no such passkey.
    NoSuchPasskey = "No WebAuthnCredential matches the given query.";
    /// A text that is not of the form it must be.
    PatternMismatch = "This value does not match the required pattern.";

    // Social login.
    /// Neither a token nor a code.
    SocialInputMissing = "Incorrect input. access_token or code is required.";
    /// The provider refused the token, or said nothing usable.
    SocialInputIncorrect = "Incorrect value";
    /// The provider refused the code.
    CodeExchangeFailed = "Failed to exchange code for access token";
    /// The provider refused a token with its secret.
    NoPrivateAccess {
        /// The host of the provider.
        host: String,
    } = "No access to private resources at \"{host}\".";
    /// An ID token in the field of the access token.
    IdTokenAsAccessToken = "This is an ID token: send it as id_token.";
    /// An ID token of a provider that issues none.
    NoIdTokens = "This provider has no ID tokens: send a code.";
    /// An access token of a provider that cannot say whom it issued it to.
    AccessTokenNotAccepted = "Access tokens of this provider are not accepted: send a code or an id_token.";
    /// A callback URL that is not configured.
    UnknownCallbackUrl = "This URL is not allowed.";
    /// The account at the provider is connected to another user.
    SocialAccountTaken = "The third-party account is already connected to a different account.";
    /// Accounts are not made by themselves.
    SocialSignupClosed = "There is no account yet. Register first, and then connect the provider.";
    /// A login in the browser that was not begun there, or was ended already.
    StateInvalid = "This login was not begun in this browser, or it is over. Begin again.";
    /// The last account by which the user can log in.
    LastWayIn = "This is the only way to log in to the account. Set a password first.";
    /// The provider does not answer.
    ProviderUnavailable = "The provider does not answer. Try again later.";

    // The request as a whole.
    /// No such thing.
    NotFound = "Not found.";
    /// The method is not served here.
    MethodNotAllowed {
        /// As the request has it.
        method: String,
    } = "Method \"{method}\" not allowed.";
    /// The `Accept` header names nothing that can be made.
    NotAcceptable = "Could not satisfy the request Accept header.";
    /// The body has a type that is not read.
    UnsupportedMediaType {
        /// The `Content-Type` header as sent, empty if there is none.
        media_type: String,
    } = "Unsupported media type \"{media_type}\" in request.";
    /// The charset of the body is one that is not for text.
    UnsupportedCharset {
        /// As the request has it.
        charset: String,
    } = "Unsupported charset \"{charset}\" in request Content-Type header.";
    /// The body is not JSON.
    JsonParseError {
        /// What is wrong and where; never translated.
        problem: String,
    } = "JSON parse error - {problem}";
    /// The body is not a multipart form.
    MultipartParseError {
        /// What is wrong; never translated.
        problem: String,
    } = "Multipart form parse error - {problem}";
    /// The body makes no sense.
    Malformed = "Malformed request.";
    /// Too many requests; a second sentence says when the next one is accepted.
    Throttled {
        /// Whole seconds until the next request is served, rounded up.
        seconds: u64,
    } = "Request was throttled.";

    // Sentences of our own.
    /// The account of the last superuser.
    LastSuperuser = "The last superuser cannot be deleted.";
    /// Rows of other applications refer to the account.
    AccountInUse = "This account cannot be deleted: other data depends on it.";
    /// An invitation code that is unknown, used or expired.
    InvalidInvitation = "This invitation is not valid.";
    /// An invitation that is bound to another address than the one given.
    InvitationOfOther = "This invitation is for another e-mail address.";
    /// A password alone, where the account has a second factor.
    SecondFactorRequired = "A second factor is required. Log in to get a token.";
    /// The body is larger than `server.data_upload_max_memory_size`.
    BodyTooLarge = "Request body is too large.";
    /// The request took longer than it may.
    TimedOut = "Request timed out.";
    /// More work is waiting than can be done in time.
    Overloaded = "Server is busy. Try again later.";
    /// The server failed.
    ServerError = "A server error occurred.";
}
