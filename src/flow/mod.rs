//! How the engine and the server work together: each file one flow, from what happened to what is stored, granted and said.

pub mod admin;
pub mod adopt;
pub mod authority;
pub mod baseline;
<<<<<<< HEAD
pub mod credential;
=======
pub mod beyond;
>>>>>>> 4e6a50b (Tell what stakeholders reach besides their claims, what has drifted, and whether all is well: exposure, privilege_drift, repair_privileges, doctor)
pub mod declare;
pub mod deprecation;
pub mod doctor;
pub mod drift;
pub mod evaluate;
pub mod evolution;
pub mod explain;
pub mod export;
pub mod exposure;
pub mod history;
pub mod impact;
pub mod infer;
pub mod option;
pub mod own;
pub mod preview;
pub mod protection;
pub mod reader;
pub mod reason;
pub mod reconcile;
pub mod rehearse;
pub mod request;
pub mod revoke;
pub mod stakeholder;
pub mod survey;
pub mod waiver;
