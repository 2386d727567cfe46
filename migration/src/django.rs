//! The tables and migrations that Django expects.

/// The applications and names of all Django migrations whose result the first step creates.
///
/// Django decides by these rows alone whether there is something to migrate.
pub(crate) const MIGRATIONS: &[(&str, &str)] = &[
    ("contenttypes", "0001_initial"),
    ("auth", "0001_initial"),
    ("account", "0001_initial"),
    ("account", "0002_email_max_length"),
    ("account", "0003_alter_emailaddress_create_unique_verified_email"),
    ("account", "0004_alter_emailaddress_drop_unique_email"),
    ("account", "0005_emailaddress_idx_upper_email"),
    ("account", "0006_emailaddress_lower"),
    ("account", "0007_emailaddress_idx_email"),
    ("account", "0008_emailaddress_unique_primary_email_fixup"),
    ("account", "0009_emailaddress_unique_primary_email"),
    ("contenttypes", "0002_remove_content_type_name"),
    ("auth", "0002_alter_permission_name_max_length"),
    ("auth", "0003_alter_user_email_max_length"),
    ("auth", "0004_alter_user_username_opts"),
    ("auth", "0005_alter_user_last_login_null"),
    ("auth", "0006_require_contenttypes_0002"),
    ("auth", "0007_alter_validators_add_error_messages"),
    ("auth", "0008_alter_user_username_max_length"),
    ("auth", "0009_alter_user_last_name_max_length"),
    ("auth", "0010_alter_group_name_max_length"),
    ("auth", "0011_update_proxy_permissions"),
    ("auth", "0012_alter_user_first_name_max_length"),
    ("authtoken", "0001_initial"),
    ("authtoken", "0002_auto_20160226_1747"),
    ("authtoken", "0003_tokenproxy"),
    ("authtoken", "0004_alter_tokenproxy_options"),
    ("dj_rest_auth_mfa", "0001_initial"),
    ("mfa", "0001_initial"),
    ("mfa", "0002_authenticator_timestamps"),
    ("mfa", "0003_authenticator_type_uniq"),
    ("passkeys", "0001_initial"),
    ("sessions", "0001_initial"),
    ("sites", "0001_initial"),
    ("sites", "0002_alter_domain_unique"),
    ("socialaccount", "0001_initial"),
    ("socialaccount", "0002_token_max_lengths"),
    ("socialaccount", "0003_extra_data_default_dict"),
    ("socialaccount", "0004_app_provider_id_settings"),
    ("socialaccount", "0005_socialtoken_nullable_app"),
    ("socialaccount", "0006_alter_socialaccount_extra_data"),
    ("token_blacklist", "0001_initial"),
    ("token_blacklist", "0002_outstandingtoken_jti_hex"),
    ("token_blacklist", "0003_auto_20171017_2007"),
    ("token_blacklist", "0004_auto_20171017_2013"),
    ("token_blacklist", "0005_remove_outstandingtoken_jti"),
    ("token_blacklist", "0006_auto_20171017_2113"),
    ("token_blacklist", "0007_auto_20171017_2214"),
    ("token_blacklist", "0008_migrate_to_bigautofield"),
    ("token_blacklist", "0010_fix_migrate_to_bigautofield"),
    ("token_blacklist", "0011_linearizes_history"),
    ("token_blacklist", "0012_alter_outstandingtoken_user"),
    ("token_blacklist", "0013_alter_blacklistedtoken_options_and_more"),
    ("usersessions", "0001_initial"),
];

/// The table of passkeys. Where a project lacks it, a step makes it.
pub(crate) const PASSKEYS: &str = "passkeys_webauthncredential";

/// The tables of Django that features of the server use.
pub(crate) const TABLES: &[&str] = &[
    "auth_user",
    "authtoken_token",
    "django_session",
    "django_site",
    "account_emailaddress",
    "account_emailconfirmation",
    "socialaccount_socialaccount",
    "socialaccount_socialapp",
    "socialaccount_socialtoken",
    "token_blacklist_outstandingtoken",
    "token_blacklist_blacklistedtoken",
    "dj_rest_auth_mfa_authenticator",
];

/// Whether a migration belongs to an application whose tables we know.
pub(crate) fn knows_app(app: &str) -> bool {
    MIGRATIONS.iter().any(|(known, _)| *known == app)
}
