//! Comparing names and addresses as Django's `iexact` does.

use sea_orm::sea_query::{Expr, ExprTrait as _, Func, LikeExpr};
use sea_orm::{
    ColumnTrait as _, ConnectionTrait, DbErr, EntityTrait as _, QueryFilter as _, QuerySelect as _,
};

use crate::Backend;
use crate::entity::auth_user::{Column, Entity};
use crate::id::Id;

/// Whether a user other than `excluding` has this name, ignoring case as far as the database does.
pub(crate) async fn is_named_another<C: ConnectionTrait>(
    db: &C,
    backend: Backend,
    username: &str,
    excluding: Option<i64>,
) -> Result<bool, DbErr> {
    let mut others = Entity::find().filter(is_ignoring_case(backend, Column::Username, username));
    if let Some(id) = excluding {
        others = others.filter(Column::Id.ne(id));
    }
    let other = others.select_only().column(Column::Id).limit(1).into_tuple::<Id>();
    Ok(other.one(db).await?.is_some())
}

/// Compares a column of users as Django's `iexact` does on this database: SQLite's `LIKE` knows the
/// case of ASCII letters only.
pub(crate) fn is_ignoring_case(backend: Backend, column: Column, text: &str) -> Expr {
    let column = Expr::col((Entity, column));
    match backend {
        Backend::Postgres => Func::upper(column).eq(Func::upper(text)),
        Backend::Sqlite | Backend::Mysql => {
            column.like(LikeExpr::new(escape_like(text)).escape('!'))
        }
    }
}

/// The pattern that LIKE takes literally.
fn escape_like(text: &str) -> String {
    let mut out = String::with_capacity(text.len());
    for character in text.chars() {
        if matches!(character, '%' | '_' | '!') {
            out.push('!');
        }
        out.push(character);
    }
    out
}

#[cfg(test)]
mod tests {
    use super::escape_like;

    #[test]
    fn a_name_is_never_a_pattern() {
        assert_eq!(escape_like("50%_off!"), "50!%!_off!!");
    }
}
