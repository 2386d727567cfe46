//! `[server]`, the part about the site: Django's `SITE_ID`.

use rest_auth_settings::settings;

settings! {
    /// The site, as mails speak of it.
    pub struct SiteSettings = "server" {
        /// What this site is called in mails. None: as `site_id` says.
        site_name: Option<String> = None,
        /// Row of Django's table `django_site` that names this site.
        site_id: i64 = 1,
    }
}
