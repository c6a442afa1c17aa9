//! What happens across domains: prepare (transaction) → perform (the world) → record (transaction), strung together once
//! and run by the binaries, the tests and the simulation alike.
//!
//! Generic over the ports: no flow knows which database, gateway or mail server it has, and none holds a transaction
//! while it waits for the world.

mod account;
mod adopt;
mod audit;
mod cancel;
mod casework;
mod catalogue;
mod checkout;
mod dead;
mod deliver;
mod drift;
mod event;
mod factor;
mod limit;
mod mail;
mod manage;
mod operate;
mod password;
mod portal;
mod preview;
mod privacy;
mod refund;
mod remedy;
mod resend;
mod room;
mod settle;
pub mod sweeps;
#[cfg(feature = "testing")]
pub mod testing;
mod webhook;
mod world;

pub use account::{
    AccountError, Entrance, NewSession, SignedIn, StaffError, act_for, answer_request, api_keys, ask_for_address,
    ask_for_password, ask_to_register, change_password, confirm_address, confirm_registration, end_api_key,
    end_session, make_api_key, register, request_is_dead, reset_password, sessions, set_role, sign_in, sign_out,
    sign_out_everywhere, signed_in, staff, stop_acting,
};
pub use adopt::{AdoptError, adopt};
pub use audit::{chain_entries, note_head};
pub use cancel::{CancelError, cancel_order};
pub use casework::{assign_case, close_case, retry_order};
pub use catalogue::{EditError, Edited, Seen, add_coupon, add_product, edit_product, retire_coupon};
pub use checkout::{CreateSessionError, SessionStarted, check_out, create_session};
pub use dead::unknown_job_is_dead;
pub use deliver::{deliver, delivery_is_dead};
pub use drift::{Drift, drift};
pub use event::{event_is_dead, process_event, replay_event};
pub use factor::{
    AppSetup, HalfSignedIn, NewCodes, PasskeyQuestion, Proof, add_passkey, ask_new_passkey, ask_proof,
    ask_second_factor, ask_sign_in, begin_app, confirm_app, drop_factors, end_sign_ins, factors, finish_sign_in,
    half_signed_in, new_recovery_codes, pending_app, prove, remove_app, remove_passkey, rename_passkey,
    sign_in_with_passkey,
};
pub use mail::{mail_is_dead, send_mail};
pub use manage::{
    ManageError, abilities, own_service, power_service, service_console, service_usage, set_service_password,
};
pub use operate::{
    ask_resume, ask_suspend, ask_terminate, operation_done_by_hand, operation_is_dead, resume_service, suspend_service,
    terminate_service,
};
pub use password::seal_context;
pub use portal::{PortalError, billing_portal};
pub use preview::{Preview, preview_event};
pub use privacy::{erase_person, export_person};
pub use refund::{ask_refund, refund_is_dead, send_refund};
pub use remedy::{Remedy, RemedyError, retry_case};
pub use resend::{NotAgain, ResendError, Resent, may_be_resent, resend_mail};
pub use settle::sync_session;
pub use webhook::take_event;
pub use world::{Hosting, Shop, Stores, Workshop};
