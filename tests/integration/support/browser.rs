//! Chromium, driven by the `WebDriver` protocol (W3C) through chromedriver.

use std::process::{Command, Stdio};

use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use serde_json::{Value, json};

use super::{Running, free_port, tools, wait_until};

const ELEMENT: &str = "element-6066-11e4-a52e-4f735466cecf";

#[derive(Debug)]
pub struct Browser {
    session: String,
    agent: ureq::Agent,
    _driver: Running,
    _profile: tempfile::TempDir,
}

impl Browser {
    /// A window of this width, in this colour scheme (`light`, `dark`).
    pub fn open(width: u32, scheme: &str) -> Self {
        let port = free_port();
        let profile = tempfile::tempdir().unwrap();
        let driver = Command::new("chromedriver")
            .arg(format!("--port={port}"))
            .stdout(Stdio::null())
            .stderr(Stdio::null())
            .spawn()
            .unwrap();
        let driver = Running(driver);
        let agent: ureq::Agent = ureq::Agent::config_builder().http_status_as_error(false).build().into();
        let url = format!("http://127.0.0.1:{port}");
        wait_until("chromedriver is ready", || agent.get(format!("{url}/status")).call().ok());
        let arguments = [
            "--headless".to_owned(),
            "--no-sandbox".into(),
            "--disable-gpu".into(),
            "--disable-quic".into(),
            "--no-first-run".into(),
            "--disable-background-networking".into(),
            "--disable-component-update".into(),
            "--disable-sync".into(),
            format!("--user-data-dir={}", profile.path().display()),
        ];
        let wanted = json!({"capabilities": {"alwaysMatch": {"goog:chromeOptions": {"args": arguments}}}});
        let answer = post(&agent, &format!("{url}/session"), &wanted);
        let id = answer["sessionId"].as_str().unwrap_or_else(|| panic!("{answer}"));
        let browser =
            Self { session: format!("{url}/session/{id}"), agent, _driver: driver, _profile: profile };
        browser.size(width, 900);
        let feature = json!({"features": [{"name": "prefers-color-scheme", "value": scheme}]});
        browser.devtools("Emulation.setEmulatedMedia", &feature);
        browser
    }

    /// The window is so large.
    pub fn size(&self, width: u32, height: u32) {
        self.devtools(
            "Emulation.setDeviceMetricsOverride",
            &json!({"width": width, "height": height, "deviceScaleFactor": 1, "mobile": width < 600}),
        );
    }

    /// Keeps a picture of the window under this name, where `$DOORMAN_PICTURES` names a folder for them.
    pub fn picture(&self, name: &str) {
        let Some(folder) = std::env::var_os("DOORMAN_PICTURES") else { return };
        let mut answer = self.agent.get(format!("{}/screenshot", self.session)).call().unwrap();
        let answer: Value = serde_json::from_str(&answer.body_mut().read_to_string().unwrap()).unwrap();
        let bytes = STANDARD.decode(answer["value"].as_str().unwrap()).unwrap();
        std::fs::write(std::path::Path::new(&folder).join(format!("{name}.png")), bytes).unwrap();
    }

    /// Pages run no script from now on.
    pub fn without_script(&self) {
        self.devtools("Emulation.setScriptExecutionDisabled", &json!({"value": true}));
    }

    pub fn go(&self, url: &str) {
        self.command("url", &json!({"url": url}));
    }

    pub fn fill(&self, selector: &str, text: &str) {
        let element = self.find(selector);
        self.command(&format!("element/{element}/clear"), &json!({}));
        self.command(&format!("element/{element}/value"), &json!({"text": text}));
    }

    pub fn click(&self, selector: &str) {
        let element = self.find(selector);
        self.command(&format!("element/{element}/click"), &json!({}));
    }

    /// What a reader sees.
    pub fn text(&self, selector: &str) -> String {
        self.find_text(selector).unwrap_or_else(|| panic!("{selector} is not there"))
    }

    /// The same. None: it is not there, or went while it was looked at, as it does between two pages.
    pub fn find_text(&self, selector: &str) -> Option<String> {
        let found = self.command("elements", &json!({"using": "css selector", "value": selector}));
        let url = format!("{}/element/{}/text", self.session, found[0][ELEMENT].as_str()?);
        let mut answer = self.agent.get(url).call().unwrap();
        let answer: Value = serde_json::from_str(&answer.body_mut().read_to_string().unwrap()).unwrap();
        answer["value"].as_str().map(ToOwned::to_owned)
    }

    /// Runs a script in the page and gives its value.
    pub fn script(&self, script: &str) -> Value {
        self.command("execute/sync", &json!({"script": script, "args": []}))
    }

    /// axe-core finds nothing to complain about, and nothing is wider than the window.
    pub fn assert_accessible(&self, what: &str) {
        let axe = std::fs::read_to_string(tools().join("package/axe.min.js")).unwrap();
        self.script(&axe);
        let answer = self.command(
            "execute/async",
            &json!({"script": "const done = arguments[0]; axe.run().then(result => done(result.violations.map(v => \
                               [v.id, v.help, v.nodes.map(n => n.html)])), error => done(String(error)))", "args": []}),
        );
        assert_eq!(answer, json!([]), "{what}");
        self.assert_fits(what);
    }

    /// Nothing is wider than the window.
    pub fn assert_fits(&self, what: &str) {
        let wider =
            self.script("return document.documentElement.scrollWidth - document.documentElement.clientWidth");
        assert_eq!(wider, 0, "{what}: something is wider than the window");
    }

    fn find(&self, selector: &str) -> String {
        let found = self.command("element", &json!({"using": "css selector", "value": selector}));
        found[ELEMENT].as_str().unwrap_or_else(|| panic!("{selector}: {found}")).to_owned()
    }

    fn devtools(&self, command: &str, params: &Value) {
        self.command("goog/cdp/execute", &json!({"cmd": command, "params": params}));
    }

    fn command(&self, path: &str, body: &Value) -> Value {
        post(&self.agent, &format!("{}/{path}", self.session), body)
    }
}

impl Drop for Browser {
    fn drop(&mut self) {
        let _ = self.agent.delete(&self.session).call();
    }
}

fn post(agent: &ureq::Agent, url: &str, body: &Value) -> Value {
    let mut answer =
        agent.post(url).header("content-type", "application/json").send(body.to_string()).unwrap();
    let text = answer.body_mut().read_to_string().unwrap();
    let mut answer: Value = serde_json::from_str(&text).unwrap();
    let value = answer["value"].take();
    assert!(value.get("error").is_none(), "{url}: {value}");
    value
}
