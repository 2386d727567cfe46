//! The schema of a body, by the name that generated clients know it by.

use std::borrow::Cow;

use utoipa::ToSchema;
use utoipa::openapi::schema::{AnyOfBuilder, ArrayBuilder, Schema};
use utoipa::openapi::{Ref, RefOr};

/// The schema of a body, and those that it refers to.
#[derive(Clone)]
pub(crate) struct BodySchema {
    name: Cow<'static, str>,
    is_list: bool,
    schemas: Vec<(String, RefOr<Schema>)>,
}

impl BodySchema {
    /// The schema of a type.
    pub(crate) fn of<T: ToSchema>() -> Self {
        let mut schemas = vec![(T::name().into_owned(), T::schema())];
        T::schemas(&mut schemas);
        Self { name: T::name(), is_list: false, schemas }
    }

    /// The schema of a list of a type.
    pub(crate) fn list_of<T: ToSchema>() -> Self {
        Self { is_list: true, ..Self::of::<T>() }
    }

    /// A schema that is made of the configuration.
    pub(crate) fn named(name: impl Into<Cow<'static, str>>, schema: impl Into<Schema>) -> Self {
        let (name, schema) = (name.into(), RefOr::T(schema.into()));
        Self { schemas: vec![(name.to_string(), schema)], name, is_list: false }
    }

    /// One of several, under a name of its own.
    pub(crate) fn either(name: &str, schemas: &[&Self]) -> Self {
        let any = schemas.iter().fold(AnyOfBuilder::new(), |any, one| any.item(one.reference()));
        let mut either = Self::named(name.to_owned(), any);
        either.schemas.extend(schemas.iter().flat_map(|one| one.schemas.iter().cloned()));
        either
    }

    /// What it is called. Of a list this is the name of its items.
    pub(crate) fn name(&self) -> &str {
        &self.name
    }

    /// Whether it is the schema of this type.
    pub(crate) fn is<T: ToSchema>(&self) -> bool {
        !self.is_list && self.name == T::name()
    }

    /// The reference to it in an operation.
    pub(crate) fn reference(&self) -> RefOr<Schema> {
        let reference = Ref::from_schema_name(self.name.as_ref());
        if self.is_list {
            return RefOr::T(ArrayBuilder::new().items(reference).into());
        }
        reference.into()
    }

    /// The schemas that it adds to the components of the document.
    pub(crate) fn into_components(self) -> Vec<(String, RefOr<Schema>)> {
        self.schemas
    }
}
