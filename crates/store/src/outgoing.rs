//! What a change causes, which is stored in its transaction.

use futures_util::future::BoxFuture;
use sea_orm::DbErr;

use crate::confirmations::{self, NewConfirmation};
use crate::connection::Transaction;
use crate::one_time::{self, MailedSecret, NewOneTime};
use crate::outbox::{self, NOBODY, NewMail};
use crate::write::Commit;
use crate::{Store, StoreError};

/// Mails to store, with the secrets that they carry if the database keeps them.
#[derive(Clone, Default)]
pub struct Outgoing {
    /// The mails.
    pub mails: Vec<NewMail>,
    /// The key, in projects with `ACCOUNT_EMAIL_CONFIRMATION_HMAC = False`.
    pub confirmation: Option<NewConfirmation>,
    /// The keys and codes of ours.
    pub secrets: Vec<MailedSecret>,
}

impl From<Vec<NewMail>> for Outgoing {
    fn from(mails: Vec<NewMail>) -> Self {
        Self { mails, ..Self::default() }
    }
}

impl Store {
    /// Stores mails together with the secrets that they carry.
    pub async fn enqueue_outgoing(&self, outgoing: &Outgoing) -> Result<(), StoreError> {
        self.write(|tx| async move { Ok(Commit(insert(&tx, outgoing).await?)) }).await
    }

    /// Stores decoy mails ([`Mail::is_decoy`](crate::Mail::is_decoy)) and decoy secrets. It is as
    /// much work as [`enqueue_outgoing`](Self::enqueue_outgoing), now and when a worker comes to
    /// them, so that time does not tell whether there was anybody to write to.
    pub async fn enqueue_decoys(&self, outgoing: &Outgoing) -> Result<(), StoreError> {
        let nobody = |mail: &NewMail| NewMail { to_address: NOBODY.to_owned(), ..mail.clone() };
        let mails = outgoing.mails.iter().map(nobody).collect();
        let decoys = &Outgoing { mails, ..outgoing.clone() };
        self.write(|tx| async move { Ok(Commit(insert_with_decoys(&tx, decoys).await?)) }).await
    }

    /// Keeps a secret and puts the mail that carries it into the outbox: both or neither.
    ///
    /// # Errors
    /// `Taken(Token)` when the digest exists.
    pub async fn insert_one_time_with_mail(
        &self,
        new: &NewOneTime,
        outgoing: &Outgoing,
    ) -> Result<i64, StoreError> {
        self.write(|tx| async move {
            let id = one_time::insert(&tx, new).await?;
            insert(&tx, outgoing).await?;
            Ok(Commit(id))
        })
        .await
    }
}

/// Stores mails within the transaction that causes them, with secrets that open nothing.
pub(crate) async fn insert_with_decoys(tx: &Transaction, outgoing: &Outgoing) -> Result<(), DbErr> {
    if let Some(NewConfirmation { key, created, .. }) = &outgoing.confirmation {
        // A row of its own table is about an address, and this one is nobody's.
        one_time::insert_ended(tx, key, *created).await?;
    }
    for secret in &outgoing.secrets {
        one_time::insert_decoy(tx, secret).await?;
    }
    outbox::insert(tx, &outgoing.mails).await
}

/// Stores mails and their secrets within the transaction that causes them.
pub(crate) fn insert<'a>(
    tx: &'a Transaction,
    outgoing: &'a Outgoing,
) -> BoxFuture<'a, Result<(), DbErr>> {
    Box::pin(async move {
        if let Some(confirmation) = &outgoing.confirmation {
            confirmations::insert(tx, confirmation).await?;
        }
        for secret in &outgoing.secrets {
            one_time::insert_mailed(tx, secret).await?;
        }
        outbox::insert(tx, &outgoing.mails).await
    })
}
