//! Pages behind the links in mails, where no page of a front end is configured.
//!
//! A page shows itself on GET and HEAD, which use nothing up, and does its work on POST, by the flow
//! that the API calls. It needs no script. `mount` says where the pages are, `answer` answers a
//! request to one of them, and `verification`, `reset` and `invitation` are the three. `page` is what
//! they have in common, `html` writes them, `words` has their sentences, and `style.css` their looks.

mod answer;
mod html;
mod invitation;
mod mount;
mod page;
mod reset;
mod verification;
mod words;

pub use mount::link_pages;
pub(crate) use mount::routes;
