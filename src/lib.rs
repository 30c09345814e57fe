//! doorman, the registration desk of a Matrix homeserver.
//!
//! An applicant asks for an account on a web page or by email; doorman decides by the operator's rules and mails the homeserver's
//! registration token, which it replaces every day.
//!
//! # The floors
//!
//! A module imports only from a lower floor; equals never import each other. A test holds this.
//!
//! | floor | modules |
//! | --- | --- |
//! | 8 | [`app`]: wiring; config → store → named threads → wait for a signal → join |
//! | 7 | [`console`]: the operator's place in the terminal · [`commands`]: the small commands of the operator |
//! | 6 | [`web`]: the front door · [`inbox`]: the letter box · [`outbox`]: owed letters → mail · [`notify`]: the operator's Matrix room and webhook |
//! | 5 | [`acts`]: what an operator can do, and the journal of it |
//! | 4 | [`desk`]: where a request is decided, recorded and its letter queued · [`signup`]: a link → an account, exactly once · [`rotation`]: the daily new token · [`mirror`]: `registrations.json` · [`import`]: the original's · [`upkeep`]: what the desk sees to by itself, the operator's digest among it |
//! | 3 | [`tokens`]: where tokens come from · [`premises`]: what the threads share · [`cli`]: what can be said on the command line |
//! | 2 | [`homeserver`] · [`store`]: the source of truth · [`bans`] · [`alarms`] |
//! | 1 | [`policy`]: the rules, pure · [`filter`]: which rows are meant · [`metrics`]: what is counted · [`text`]: every sentence that an applicant reads · [`net`]: other servers: HTTP, DNS, TLS, and the words for their faults · [`config`] · [`pulse`]: who is woken by what · [`shell`]: the operator's commands · [`supervisor`], [`logging`] |
//! | 0 | [`domain`]: the words of the desk as types · [`html`]: HTML as a person reads it · [`clock`], [`stop`], [`lock`], [`files`], [`backoff`] |
//!
//! # The walk of a request
//!
//! 1. [`web`] reads the form and finds every error of shape; after it nothing knows HTTP.
//! 2. [`desk::Desk::at_the_door`] judges what memory alone can judge: closed, banned, too often, without disk or lock.
//! 3. [`desk::Desk::look`] adds what the [`store`] knows. Cheap refusals end here.
//! 4. [`desk::Desk::decide`] asks the [`homeserver`] whether the name is free, holding no lock and no transaction; then
//!    one write transaction looks again, judges again, records, and queues the letter. The answer goes out when that is on
//!    disk.
//! 5. Later, on a thread of its own, [`outbox::Delivery`] composes the letter with the token that is live then, hands it
//!    to the mail server and notes what became of it.
//!
//! [`policy::judge`] is the same pure function in 2, 3, 4 and 5, and when the operator approves what was held; it says
//! which fact it lacks.
//!
//! # What threads and processes share
//!
//! SQLite, and nothing else that a crash could leave half done. The console's and the operator's commands are other
//! processes on the same folder; each change of state is one `UPDATE … WHERE state = …`, and whoever comes second is told.
//! What SQLite does not hold together, the token file and a ban list, has a [`lock`] of its own, which nobody holds while they
//! ask the network.
//!
//! Nobody looks again and again whether there is something to do. Whatever happens tells the [`pulse`] by itself: a commit, an
//! edited file, the settings, an alarm, the clock. A loop says what wakes it, and when something is due. One watcher sees what
//! other processes do; it also looks once a second, for what the kernel does not tell of.

pub mod acts;
pub mod alarms;
pub mod app;
pub mod backoff;
pub mod bans;
pub mod cli;
pub mod clock;
pub mod commands;
pub mod config;
pub mod console;
pub mod desk;
pub mod domain;
pub mod files;
pub mod filter;
pub mod homeserver;
pub mod html;
pub mod import;
pub mod inbox;
pub mod lock;
pub mod logging;
pub mod metrics;
pub mod mirror;
pub mod net;
pub mod notify;
pub mod outbox;
pub mod policy;
pub mod premises;
pub mod pulse;
pub mod rotation;
pub mod shell;
pub mod signup;
pub mod stop;
pub mod store;
pub mod supervisor;
pub mod text;
pub mod tokens;
pub mod upkeep;
pub mod web;
