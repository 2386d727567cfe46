//! One file per provider: its record, and one pure function that reads a profile.
//!
//! To add a provider write `providers/<id>.rs` with one constant `Provider` and
//! name it here, once as a module and once in [`ALL`]; the compiler warns of one that is not listed.
//! A provider of allauth's that is not here has its uid in `id` and the usual fields
//! ([`Provider::of`]).

mod amazon;
mod amazon_cognito;
mod apple;
mod asana;
mod atlassian;
mod auth0;
mod authentiq;
mod baidu;
mod battlenet;
mod bitbucket_oauth2;
mod cilogon;
mod digitalocean;
mod dingtalk;
mod discord;
mod draugiem;
mod drip;
mod dropbox;
mod facebook;
mod feishu;
mod figma;
mod fxa;
mod gitea;
mod github;
mod gitlab;
mod globus;
mod google;
mod gumroad;
mod hubic;
mod hubspot;
mod instagram;
mod kakao;
mod keycloak;
mod line;
mod linkedin;
mod linkedin_oauth2;
mod mailchimp;
mod mailru;
mod mediawiki;
mod microsoft;
mod naver;
mod netiq;
mod notion;
mod odnoklassniki;
mod okta;
mod openid_connect;
mod orcid;
mod patreon;
mod paypal;
mod pinterest;
mod quickbooks;
mod reddit;
mod salesforce;
mod shopify;
mod slack;
mod snapchat;
mod soundcloud;
mod spotify;
mod stackexchange;
mod strava;
mod tiktok;
mod twitch;
mod twitter;
mod twitter_oauth2;
mod vk;
mod weibo;
mod weixin;
mod yahoo;
mod yandex;
mod zoho;
mod zoom;

use crate::provider::Provider;

/// Every provider with rules of its own, by id.
pub(crate) const ALL: &[Provider] = &[
    amazon::AMAZON,
    amazon_cognito::AMAZON_COGNITO,
    apple::APPLE,
    asana::ASANA,
    atlassian::ATLASSIAN,
    auth0::AUTH0,
    authentiq::AUTHENTIQ,
    baidu::BAIDU,
    battlenet::BATTLENET,
    bitbucket_oauth2::BITBUCKET_OAUTH2,
    cilogon::CILOGON,
    digitalocean::DIGITALOCEAN,
    dingtalk::DINGTALK,
    discord::DISCORD,
    draugiem::DRAUGIEM,
    drip::DRIP,
    dropbox::DROPBOX,
    facebook::FACEBOOK,
    feishu::FEISHU,
    figma::FIGMA,
    fxa::FXA,
    gitea::GITEA,
    github::GITHUB,
    gitlab::GITLAB,
    globus::GLOBUS,
    google::GOOGLE,
    gumroad::GUMROAD,
    hubic::HUBIC,
    hubspot::HUBSPOT,
    instagram::INSTAGRAM,
    kakao::KAKAO,
    keycloak::KEYCLOAK,
    line::LINE,
    linkedin::LINKEDIN,
    linkedin_oauth2::LINKEDIN_OAUTH2,
    mailchimp::MAILCHIMP,
    mailru::MAILRU,
    mediawiki::MEDIAWIKI,
    microsoft::MICROSOFT,
    naver::NAVER,
    netiq::NETIQ,
    notion::NOTION,
    odnoklassniki::ODNOKLASSNIKI,
    okta::OKTA,
    openid_connect::OPENID_CONNECT,
    orcid::ORCID,
    patreon::PATREON,
    paypal::PAYPAL,
    pinterest::PINTEREST,
    quickbooks::QUICKBOOKS,
    reddit::REDDIT,
    salesforce::SALESFORCE,
    shopify::SHOPIFY,
    slack::SLACK,
    snapchat::SNAPCHAT,
    soundcloud::SOUNDCLOUD,
    spotify::SPOTIFY,
    stackexchange::STACKEXCHANGE,
    strava::STRAVA,
    tiktok::TIKTOK,
    twitch::TWITCH,
    twitter::TWITTER,
    twitter_oauth2::TWITTER_OAUTH2,
    vk::VK,
    weibo::WEIBO,
    weixin::WEIXIN,
    yahoo::YAHOO,
    yandex::YANDEX,
    zoho::ZOHO,
    zoom::ZOOM,
];

/// The provider with this id.
pub(crate) fn of(id: &str) -> Provider {
    known(id).unwrap_or(Provider::ANY_OTHER)
}

/// The provider with this id, if it has a record.
pub(crate) fn known(id: &str) -> Option<Provider> {
    ALL.iter().copied().find(|provider| provider.id == id)
}

/// The ids and names of the providers that have a record.
pub fn names() -> impl Iterator<Item = (&'static str, &'static str)> {
    ALL.iter().map(|provider| (provider.id, provider.name))
}
