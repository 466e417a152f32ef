//! The policy of each route, as a type. A handler's first argument is a guard: [`Allowed`] of a policy, or [`Open`] with
//! the reason why nobody must be signed in. `router::route` takes nothing else, so that a handler without a policy does
//! not compile.

use crate::{
    auth::session::{self, Caller},
    error::ApiError,
    openapi::{
        schemas::Schemas,
        sketch::{Sketch, Takes},
    },
    state::App,
};
use axum::{extract::FromRequestParts, http::request::Parts};
use std::{marker::PhantomData, ops::Deref};
use zhicha_core::access::{Action, Role};

/// Who may call a route.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Guarded {
    /// Signed-in people whose role may do this.
    Role(Action),
    /// Anybody, for the reason given.
    Anybody(&'static str),
}

impl Guarded {
    /// Whether a person in this role gets in.
    pub fn admits(self, role: Role) -> bool {
        match self {
            Self::Role(action) => role.may(action),
            Self::Anybody(_) => true,
        }
    }
}

/// A policy as a type.
pub trait Policy: Send + Sync + 'static {
    /// What the caller's role must be allowed to do.
    const ACTION: Action;
}

/// Why a route is open, as a type.
pub trait Openness: Send + Sync + 'static {
    /// In words.
    const WHY: &'static str;
}

macro_rules! policies {
    ($($name:ident),+ $(,)?) => {$(
        #[doc = concat!("The caller's role may do `", stringify!($name), "`.")]
        pub struct $name;
        impl Policy for $name {
            const ACTION: Action = Action::$name;
        }
    )+};
}
policies!(
    OwnSession,
    EnrolDevice,
    PullOwn,
    KeepDrafts,
    ReadRecords,
    SeePictures,
    ExportRecords,
    ReadQuarantine,
    ManagePeople,
    ManageSettings,
    ReadPeople,
    ManageSites,
    ReadSites
);

macro_rules! open {
    ($($name:ident = $why:literal),+ $(,)?) => {$(
        #[doc = $why]
        pub struct $name;
        impl Openness for $name {
            const WHY: &'static str = $why;
        }
    )+};
}
open! {
    ByPassword = "the password is the proof",
    ByLink = "the secret of the link is the proof",
    BySignature = "certificate and signatures are the proof; an expired session must not hold evidence up",
    ByReference = "a signed event that is here names the bytes by their hash; an expired session must not hold evidence up",
    Health = "says only whether the server works",
    Description = "describes the interface, holds no data",
}

/// The caller, who may do `P`.
pub struct Allowed<P: Policy> {
    caller: Caller,
    policy: PhantomData<P>,
}

impl<P: Policy> Deref for Allowed<P> {
    type Target = Caller;
    fn deref(&self) -> &Caller {
        &self.caller
    }
}

impl<P: Policy> FromRequestParts<App> for Allowed<P> {
    type Rejection = ApiError;

    async fn from_request_parts(parts: &mut Parts, app: &App) -> Result<Self, ApiError> {
        let caller = session::caller(app, &parts.headers)
            .await?
            .ok_or_else(ApiError::not_signed_in)?;
        app.fixed
            .limits
            .account(caller.person.user, app.clock.now())
            .map_err(|wait| ApiError::too_many_attempts().retry_after(wait))?;
        if !caller.person.role.may(P::ACTION) {
            return Err(ApiError::forbidden());
        }
        Ok(Self {
            caller,
            policy: PhantomData,
        })
    }
}

/// Anybody may call; `O` says why.
pub struct Open<O: Openness>(PhantomData<O>);

impl<O: Openness> FromRequestParts<App> for Open<O> {
    type Rejection = std::convert::Infallible;

    async fn from_request_parts(_: &mut Parts, _: &App) -> Result<Self, Self::Rejection> {
        Ok(Self(PhantomData))
    }
}

/// A guard as the first argument of a handler.
pub trait Guard {
    /// Who gets in.
    const GUARDED: Guarded;
}
impl<P: Policy> Guard for Allowed<P> {
    const GUARDED: Guarded = Guarded::Role(P::ACTION);
}
impl<O: Openness> Guard for Open<O> {
    const GUARDED: Guarded = Guarded::Anybody(O::WHY);
}

impl<P: Policy> Takes for Allowed<P> {
    fn takes(sketch: &mut Sketch, _: &mut Schemas) {
        sketch.codes.extend([
            "not_signed_in",
            "forbidden",
            "too_many_attempts",
            "internal",
            "unavailable",
        ]);
    }
}
impl<O: Openness> Takes for Open<O> {
    fn takes(sketch: &mut Sketch, _: &mut Schemas) {
        sketch.codes.insert("too_many_attempts");
    }
}

/// Argument lists of handlers that begin with a guard.
pub trait Policed {
    /// Who gets in.
    const GUARDED: Guarded;
}

macro_rules! policed {
    ($($arg:ident),*) => {
        impl<M, G: Guard, $($arg),*> Policed for (M, G, $($arg,)*) {
            const GUARDED: Guarded = G::GUARDED;
        }
    };
}
policed!();
policed!(A);
policed!(A, B);
policed!(A, B, C);
policed!(A, B, C, D);
