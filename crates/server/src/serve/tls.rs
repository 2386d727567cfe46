//! Certificates of the listener.

use std::fs;
use std::path::PathBuf;

use anyhow::{Context as _, anyhow};
use axum_server::tls_rustls::RustlsConfig;
use rcgen::{CertificateParams, DnType, KeyPair};
use rest_auth_http::config::listener::{ServerSettings, Tls};
use url::{Host, Url};

use super::signals::ReloadSignals;

/// The names of this machine that every self-signed certificate includes.
const LOCAL: [&str; 3] = ["localhost", "127.0.0.1", "::1"];

/// The TLS configuration of the listener; `None` without TLS. Certificate files are read again at
/// each SIGHUP, so that they can be renewed without a restart.
pub(super) async fn open(
    server: &ServerSettings,
    public_url: Option<&str>,
) -> anyhow::Result<Option<RustlsConfig>> {
    match server.tls {
        Tls::Off => Ok(None),
        Tls::SelfSigned => Ok(Some(self_signed(public_url).await.context("server.tls")?)),
        Tls::Files => Ok(Some(Files::of(server).open().await?)),
    }
}

/// Checks the files of `server.tls = "files"`, if both are named.
///
/// # Errors
/// The key at fault, and what is wrong.
pub(crate) async fn check(server: &ServerSettings) -> Result<(), (&'static str, String)> {
    let are_named = server.tls_certificate_file.is_some() && server.tls_private_key_file.is_some();
    if server.tls != Tls::Files || !are_named {
        return Ok(());
    }
    let _ = rustls::crypto::aws_lc_rs::default_provider().install_default();
    Files::of(server).read().await.map(drop)
}

async fn self_signed(public_url: Option<&str>) -> anyhow::Result<RustlsConfig> {
    let mut parameters = CertificateParams::new(names(public_url))?;
    parameters.distinguished_name.push(DnType::CommonName, "rest-auth, self-signed");
    let key = KeyPair::generate()?;
    let certificate = parameters.self_signed(&key)?;
    let chain = vec![certificate.der().to_vec()];
    let config = RustlsConfig::from_der(chain, key.serialize_der()).await?;
    tracing::warn!(
        key = "server.tls",
        "the certificate was made just now and no client trusts it; for others than you set \
         `server.tls = \"files\"`"
    );
    Ok(config)
}

/// The names of this machine, and the host of `server.public_url`.
fn names(public_url: Option<&str>) -> Vec<String> {
    let mut names: Vec<String> = LOCAL.map(str::to_owned).to_vec();
    let url = public_url.and_then(|url| Url::parse(url).ok());
    let host = url.as_ref().and_then(Url::host).map(|host| match host {
        Host::Domain(name) => name.to_owned(),
        Host::Ipv4(address) => address.to_string(),
        Host::Ipv6(address) => address.to_string(),
    });
    names.extend(host.filter(|host| !LOCAL.contains(&host.as_str())));
    names
}

/// The two files of `server.tls = "files"`.
struct Files {
    certificate: PathBuf,
    key: PathBuf,
}

impl Files {
    fn of(server: &ServerSettings) -> Self {
        Self {
            certificate: server.tls_certificate_file.clone().unwrap_or_default(),
            key: server.tls_private_key_file.clone().unwrap_or_default(),
        }
    }

    async fn open(self) -> anyhow::Result<RustlsConfig> {
        let config = self.read().await.map_err(|(key, problem)| anyhow!("{key}: {problem}"))?;
        let signals = ReloadSignals::take().context("signals")?;
        tokio::spawn(self.reload_forever(config.clone(), signals));
        Ok(config)
    }

    /// Reads both files. What is wrong names the key that it is about.
    async fn read(&self) -> Result<RustlsConfig, (&'static str, String)> {
        let files = [
            ("server.tls_certificate_file", &self.certificate),
            ("server.tls_private_key_file", &self.key),
        ];
        for (key, path) in files {
            if let Err(error) = fs::read(path) {
                return Err((key, format!("{} cannot be read: {error}", path.display())));
            }
        }
        RustlsConfig::from_pem_file(&self.certificate, &self.key).await.map_err(|error| {
            let names = format!("{} and {}", self.certificate.display(), self.key.display());
            let problem = format!(
                "{names} are no certificate in PEM with its unencrypted private key: {error}"
            );
            ("server.tls_private_key_file", problem)
        })
    }

    async fn reload_forever(self, config: RustlsConfig, mut signals: ReloadSignals) {
        loop {
            signals.next().await;
            match config.reload_from_pem_file(&self.certificate, &self.key).await {
                Ok(()) => tracing::info!("the certificate was read again"),
                Err(error) => tracing::error!(
                    %error,
                    "{} cannot be read again; the old ones stay",
                    self.names()
                ),
            }
        }
    }

    fn names(&self) -> String {
        format!(
            "server.tls_certificate_file ({}) and server.tls_private_key_file ({})",
            self.certificate.display(),
            self.key.display()
        )
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_self_signed_certificate_is_for_this_machine_and_the_public_name() {
        assert_eq!(names(None), LOCAL);
        assert_eq!(names(Some("https://localhost:8000")), LOCAL);
        assert_eq!(names(Some("https://auth.example.com")).last().unwrap(), "auth.example.com");
        assert_eq!(names(Some("https://[2001:db8::1]")).last().unwrap(), "2001:db8::1");
    }
}
