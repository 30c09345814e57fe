//! A real Synapse whose registration wants a token, and a client that registers there.

use std::collections::BTreeSet;
use std::path::Path;
use std::process::{Child, Command, Stdio};
use std::sync::OnceLock;

use chrono::TimeDelta;
use doorman::clock::{Clock as _, SystemClock};
use serde_json::{Value, json};

use super::{free_port, tools, wait_until};

/// One for all tests: it takes seconds to start.
#[derive(Debug)]
pub struct Synapse {
    dir: tempfile::TempDir,
    pub url: String,
    pub name: &'static str,
}

/// Ends when this process does: a shell waits for the end of a pipe that we hold, and then ends what it started.
const KEEPER: &str = r#""$@" & server=$!; trap 'kill $server' EXIT; read -r _ || true"#;

pub fn synapse() -> &'static Synapse {
    static SYNAPSE: OnceLock<OwnSynapse> = OnceLock::new();
    SYNAPSE.get_or_init(|| OwnSynapse::start(NO_LIMITS))
}

/// One that a test has for itself, and can stop and start.
#[derive(Debug)]
pub struct OwnSynapse {
    synapse: Synapse,
    server: Option<Child>,
}

impl OwnSynapse {
    /// With this in its configuration, too; an empty text leaves the limits that it has out of the box.
    pub fn start(more: &str) -> Self {
        let synapse = Synapse::set_up(more);
        let server = synapse.run();
        synapse.make_operator();
        Self { synapse, server: Some(server) }
    }

    /// One that leaves accounts to a service at this place. It has no operator.
    pub fn behind_mas(endpoint: &str) -> Self {
        let synapse = Synapse::set_up(&format!(
            "enable_registration: false\nregistration_requires_token: false\npassword_config: {{enabled: false}}\n\
             matrix_authentication_service: {{enabled: true, endpoint: '{endpoint}', secret: hush}}\n"
        ));
        let server = synapse.run();
        Self { synapse, server: Some(server) }
    }

    /// One whose operator forgot `registration_requires_token`.
    pub fn open_to_everybody() -> Self {
        Self::start("registration_requires_token: false\nenable_registration_without_verification: true\n")
    }

    pub fn stop(&mut self) {
        let Some(mut server) = self.server.take() else { return };
        drop(server.stdin.take());
        let _ = server.wait();
        wait_until("Synapse is gone", || ureq::get(self.at("/_matrix/client/versions")).call().err());
    }

    /// Started again with this in its configuration: of what stands there twice, the last holds.
    pub fn reconfigure(&mut self, more: &str) {
        self.stop();
        let path = self.dir.path().join("homeserver.yaml");
        let config = std::fs::read_to_string(&path).unwrap();
        std::fs::write(path, format!("{config}{more}")).unwrap();
        self.start_again();
    }

    pub fn start_again(&mut self) {
        self.server = Some(self.run());
    }
}

impl std::ops::Deref for OwnSynapse {
    type Target = Synapse;

    fn deref(&self) -> &Synapse {
        &self.synapse
    }
}

impl Drop for OwnSynapse {
    fn drop(&mut self) {
        self.stop();
    }
}

/// What no test meets by accident.
pub const NO_LIMITS: &str = "rc_registration: {per_second: 1000, burst_count: 1000}\n\
     rc_registration_token_validity: {per_second: 1000, burst_count: 1000}\n\
     rc_login: {address: {per_second: 1000, burst_count: 1000}}\n\
     rc_message: {per_second: 1000, burst_count: 1000}\n\
     rc_room_creation: {per_second: 1000, burst_count: 1000}\n\
     rc_joins: {local: {per_second: 1000, burst_count: 1000}}\n\
     rc_invites: {per_issuer: {per_second: 1000, burst_count: 1000}}\n";

impl Synapse {
    fn set_up(more: &str) -> Self {
        let dir = tempfile::tempdir().unwrap();
        let port = free_port();
        let path = |name: &str| dir.path().join(name).display().to_string();
        std::fs::write(
            dir.path().join("signing.key"),
            "ed25519 a_test 3BmFcIYZ5ZTXPcCeWEqjfGAULsFkuTAgUH5LGHxdrf8\n",
        )
        .unwrap();
        std::fs::write(
            dir.path().join("log.yaml"),
            format!(
                "version: 1\nhandlers: {{file: {{class: logging.FileHandler, filename: {}}}}}\n\
                 root: {{level: WARNING, handlers: [file]}}\n",
                path("synapse.log")
            ),
        )
        .unwrap();
        std::fs::write(
            dir.path().join("homeserver.yaml"),
            format!(
                "server_name: synapse.test\npublic_baseurl: http://127.0.0.1:{port}/\n\
                 listeners: [{{port: {port}, bind_addresses: [127.0.0.1], type: http, resources: [{{names: [client]}}]}}]\n\
                 database: {{name: sqlite3, args: {{database: {db}}}}}\nmedia_store_path: {media}\n\
                 signing_key_path: {key}\nlog_config: {log}\nreport_stats: false\ntrusted_key_servers: []\n\
                 enable_registration: true\nregistration_requires_token: true\nregistration_shared_secret: shared\n\
                 macaroon_secret_key: macaroon\nform_secret: form\nbcrypt_rounds: 4\n\
                 {more}",
                db = path("synapse.db"),
                media = path("media"),
                key = path("signing.key"),
                log = path("log.yaml"),
            ),
        )
        .unwrap();
        Self { url: format!("http://127.0.0.1:{port}"), dir, name: "synapse.test" }
    }

    fn run(&self) -> Child {
        let server = Command::new("sh")
            .args(["-c", KEEPER, "keeper"])
            .arg(tools().join("venv/bin/python"))
            .args(["-m", "synapse.app.homeserver", "-c"])
            .arg(self.dir.path().join("homeserver.yaml"))
            .current_dir(&self.dir)
            .stdin(Stdio::piped())
            .stdout(Stdio::null())
            .stderr(Stdio::null())
            .spawn()
            .unwrap();
        wait_until("Synapse answers", || ureq::get(self.at("/_matrix/client/versions")).call().ok());
        server
    }

    fn at(&self, path: &str) -> String {
        format!("{}{path}", self.url)
    }

    fn make_operator(&self) {
        let made = Command::new(tools().join("venv/bin/register_new_matrix_user"))
            .args(["-u", "operator", "-p", "operator password", "-a", "-k", "shared"])
            .arg(&self.url)
            .output()
            .unwrap();
        assert!(made.status.success(), "{}", String::from_utf8_lossy(&made.stderr));
        let login = json!({
            "type": "m.login.password",
            "identifier": {"type": "m.id.user", "user": "operator"},
            "password": "operator password",
        });
        let (status, answer) = self.post("/_matrix/client/v3/login", &login);
        assert_eq!(status, 200, "{answer}");
        std::fs::write(self.access_token_file(), answer["access_token"].as_str().unwrap()).unwrap();
    }

    /// The operator's access token, as `after_rotation` needs it.
    pub fn access_token_file(&self) -> std::path::PathBuf {
        self.dir.path().join("access-token")
    }

    /// The keys of a desk for this homeserver, its `after_rotation` the one that is shipped.
    pub fn config(&self) -> String {
        let script = Path::new(env!("CARGO_MANIFEST_DIR")).join("contrib/after-rotation/synapse.sh");
        format!(
            "homeserver: {}\nbase_url: {}\nafter_rotation: {} {} {}\n",
            self.name,
            self.url,
            script.display(),
            self.url,
            self.access_token_file().display()
        )
    }

    /// The keys of a desk that asks this homeserver for its tokens.
    pub fn config_by_api(&self, more: &str) -> String {
        format!(
            "homeserver: {}\nbase_url: {}\ntokens: {{backend: synapse, access_token_file: {}{more}}}\n",
            self.name,
            self.url,
            self.access_token_file().display()
        )
    }

    /// The keys of a desk that keeps its token in the file alone.
    pub fn config_with(&self, more: &str) -> String {
        format!("homeserver: {}\nbase_url: {}\ntokens: {{backend: file{more}}}\n", self.name, self.url)
    }

    /// Asks the admin API in the operator's name.
    pub fn administer(&self, method: &str, path: &str) -> (u16, Value) {
        self.administer_with(method, path, "")
    }

    fn administer_with(&self, method: &str, path: &str, body: &str) -> (u16, Value) {
        self.administer_at(method, &format!("/_synapse/admin/v1{path}"), body)
    }

    fn administer_at(&self, method: &str, path: &str, body: &str) -> (u16, Value) {
        let access_token = std::fs::read_to_string(self.access_token_file()).unwrap();
        let request = ureq::http::Request::builder()
            .method(method)
            .uri(self.at(path))
            .header("authorization", format!("Bearer {access_token}"))
            .body(body)
            .unwrap();
        let agent: ureq::Agent = ureq::Agent::config_builder().http_status_as_error(false).build().into();
        let mut answer = agent.run(request).unwrap();
        let text = answer.body_mut().read_to_string().unwrap();
        (answer.status().as_u16(), serde_json::from_str(&text).unwrap())
    }

    /// What it knows of a registration token; None: nothing.
    pub fn knows(&self, token: &str) -> Option<Value> {
        let (status, answer) = self.administer("GET", &format!("/registration_tokens/{token}"));
        (status == 200).then_some(answer)
    }

    /// All registration tokens that it has.
    pub fn all_tokens(&self) -> BTreeSet<String> {
        let (status, answer) = self.administer("GET", "/registration_tokens");
        assert_eq!(status, 200, "{answer}");
        let tokens = answer["registration_tokens"].as_array().unwrap();
        tokens.iter().map(|token| token["token"].as_str().unwrap().to_owned()).collect()
    }

    /// Registers as a client does: the registration token, then the dummy stage. The user ID, or the error.
    pub fn register(&self, username: &str, token: &str) -> Result<String, String> {
        self.give_token(username, token).and_then(|session| self.finish(username, &session))
    }

    /// The first stage alone. The session to go on with, or the error.
    pub fn give_token(&self, username: &str, token: &str) -> Result<Value, String> {
        let (_, challenge) = self.stage(username, None);
        let session = &challenge["session"];
        let auth = json!({"type": "m.login.registration_token", "token": token, "session": session});
        let (_, answer) = self.stage(username, Some(&auth));
        if answer.get("errcode").is_some() { Err(answer.to_string()) } else { Ok(session.clone()) }
    }

    /// The last stage. The user ID, or the error.
    pub fn finish(&self, username: &str, session: &Value) -> Result<String, String> {
        let (_, answer) = self.stage(username, Some(&json!({"type": "m.login.dummy", "session": session})));
        answer["user_id"].as_str().map(ToOwned::to_owned).ok_or_else(|| answer.to_string())
    }

    fn stage(&self, username: &str, auth: Option<&Value>) -> (u16, Value) {
        let mut body = json!({"username": username, "password": "correct horse battery staple"});
        if let Some(auth) = auth {
            body["auth"] = auth.clone();
        }
        self.post("/_matrix/client/v3/register", &body)
    }

    /// Logs in as a client does: the user ID, or the error.
    pub fn log_in(&self, user: &str, password: &str) -> Result<String, String> {
        let login = json!({
            "type": "m.login.password", "identifier": {"type": "m.id.user", "user": user}, "password": password,
        });
        let (_, answer) = self.post("/_matrix/client/v3/login", &login);
        answer["user_id"].as_str().map(ToOwned::to_owned).ok_or_else(|| answer.to_string())
    }

    /// What an administrator is told of an account; None: there is none.
    pub fn account(&self, user: &str) -> Option<Value> {
        let path = format!("/_synapse/admin/v2/users/{}", super::desk::escaped(user));
        let (status, answer) = self.administer_at("GET", &path, "");
        (status == 200).then_some(answer)
    }

    /// The sessions of an account.
    pub fn devices(&self, user: &str) -> usize {
        let path = format!("/_synapse/admin/v2/users/{}/devices", super::desk::escaped(user));
        let (_, answer) = self.administer_at("GET", &path, "");
        answer["devices"].as_array().map_or(0, Vec::len)
    }

    /// As if its time was over: nobody can begin with it any more.
    pub fn expire(&self, token: &str) {
        let soon = SystemClock.now() + TimeDelta::seconds(1);
        let (path, body) =
            (format!("/registration_tokens/{token}"), json!({"expiry_time": soon.timestamp_millis()}));
        assert_eq!(self.administer_with("PUT", &path, &body.to_string()).0, 200);
        wait_until("it has ended", || (SystemClock.now() > soon).then_some(()));
    }

    /// A new account; its access token.
    pub fn make_account(&self, name: &str) -> String {
        let path = format!("/_synapse/admin/v2/users/@{name}:{}", self.name);
        let (status, answer) =
            self.administer_at("PUT", &path, &json!({"password": "a password of theirs"}).to_string());
        assert!(matches!(status, 200 | 201), "{answer}");
        let login = json!({
            "type": "m.login.password", "identifier": {"type": "m.id.user", "user": name},
            "password": "a password of theirs",
        });
        self.post("/_matrix/client/v3/login", &login).1["access_token"].as_str().unwrap().to_owned()
    }

    /// Asks in the name of whoever has this access token.
    pub fn ask_as(&self, access_token: &str, method: &str, path: &str, body: &Value) -> (u16, Value) {
        let request = ureq::http::Request::builder()
            .method(method)
            .uri(self.at(path))
            .header("authorization", format!("Bearer {access_token}"))
            .body(if body.is_null() { String::new() } else { body.to_string() })
            .unwrap();
        let agent: ureq::Agent = ureq::Agent::config_builder().http_status_as_error(false).build().into();
        let mut answer = agent.run(request).unwrap();
        let text = answer.body_mut().read_to_string().unwrap();
        (answer.status().as_u16(), serde_json::from_str(&text).unwrap())
    }

    /// Asks as a client does.
    pub fn post(&self, path: &str, body: &Value) -> (u16, Value) {
        let agent: ureq::Agent = ureq::Agent::config_builder().http_status_as_error(false).build().into();
        let mut answer = agent
            .post(self.at(path))
            .header("content-type", "application/json")
            .send(body.to_string())
            .unwrap();
        let text = answer.body_mut().read_to_string().unwrap();
        (answer.status().as_u16(), serde_json::from_str(&text).unwrap())
    }
}
