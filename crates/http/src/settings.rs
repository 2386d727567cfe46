//! The settings of requests and answers.

pub(crate) mod configuration;
pub mod cors;
pub mod csrf;
pub mod rest_framework;
mod rules;
pub mod secure;
pub mod server;
pub mod throttle_rate;

pub use configuration::{ApiSettings, Configuration};
pub use cors::{CorsSettings, Pattern};
pub use csrf::CsrfSettings;
pub use rest_framework::RestFrameworkSettings;
pub use secure::{ProxyHeader, SecureSettings};
pub use server::{AllauthSettings, HttpSettings, Network};
pub use throttle_rate::ThrottleRate;
