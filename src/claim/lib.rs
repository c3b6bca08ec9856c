//! The claim engine of integratedb: values in, values out.
//!
//! Nothing in this crate knows a server. It is given a claim document ([`document`]) and what the catalogs
//! hold ([`catalog`]) and answers: which claims that makes ([`expand`]), which of them are met ([`validate`]),
//! which privileges they need ([`privilege`]), and how to say so to a person ([`report`]).
//! From the queries of an application it infers the document that they need ([`infer`]). What a migration script would
//! change is worked out without running it ([`simulate`]). To tools that know JSON only, [`json_schema`] says what a document may look like.

pub mod catalog;
pub mod configuration;
pub mod deprecation;
pub mod difference;
pub mod document;
pub mod expand;
pub mod explain;
pub mod export;
pub mod exposure;
pub mod fix;
pub mod impact;
pub mod infer;
pub mod json_schema;
mod like;
pub mod name;
pub mod nearest;
pub mod path;
pub mod privilege;
pub mod problem;
pub mod report;
pub mod rules;
pub mod simulate;
pub mod state;
pub mod types;
pub mod validate;
pub mod waiver;
pub mod writable;
