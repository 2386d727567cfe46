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
mod fxa;
mod github;
mod globus;
mod google;
mod gumroad;
mod hubic;
mod hubspot;
mod kakao;
mod line;
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
mod paypal;
mod quickbooks;
mod reddit;
mod salesforce;
mod shopify;
mod slack;
mod soundcloud;
mod stackexchange;
mod tiktok;
mod vk;
mod weixin;
mod yahoo;
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
    fxa::FXA,
    github::GITHUB,
    globus::GLOBUS,
    google::GOOGLE,
    gumroad::GUMROAD,
    hubic::HUBIC,
    hubspot::HUBSPOT,
    kakao::KAKAO,
    line::LINE,
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
    paypal::PAYPAL,
    quickbooks::QUICKBOOKS,
    reddit::REDDIT,
    salesforce::SALESFORCE,
    shopify::SHOPIFY,
    slack::SLACK,
    soundcloud::SOUNDCLOUD,
    stackexchange::STACKEXCHANGE,
    tiktok::TIKTOK,
    vk::VK,
    weixin::WEIXIN,
    yahoo::YAHOO,
    zoho::ZOHO,
    zoom::ZOOM,
];
