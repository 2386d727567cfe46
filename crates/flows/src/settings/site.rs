//! `[server]`, the part about the site: Django's `SITE_ID`.

use rest_auth_settings::settings;

settings! {
    /// The site, as mails name it.
    pub struct SiteSettings = "server" {
        /// Name of this site in mails. None: the name in the row `site_id`.
        site_name: Option<String> = None,
        /// Row of Django's table `django_site` that names this site.
        site_id: i64 = 1,
    }
}
