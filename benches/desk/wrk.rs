//! wrk: asks as fast as it gets answers, over 32 connections.

use std::process::Command;

/// Each request asks for a name and an address of its own.
const REGISTER: &str = r#"
local thread = 0
function setup(t) t:set("number", thread); thread = thread + 1 end
function init(args) asked = 0; prefix = args[1] .. "t" .. number .. "n" end
function request()
  asked = asked + 1
  local name = prefix .. asked
  return wrk.format("POST", "/register", {["Content-Type"] = "application/x-www-form-urlencoded", ["Accept"] = "application/json"},
    "requested_username=" .. name .. "&email=" .. name .. "%40example.org")
end
"#;

/// Answers a second.
pub fn get(url: &str) -> f64 {
    run(&["-t2", "-c32", "-d4s", url])
}

/// Accepted requests a second; `prefix` begins the names.
pub fn register(url: &str, prefix: &str) -> f64 {
    let dir = tempfile::tempdir().unwrap();
    let script = dir.path().join("register.lua");
    std::fs::write(&script, REGISTER).unwrap();
    run(&["-t2", "-c32", "-d5s", "-s", script.to_str().unwrap(), url, "--", prefix])
}

fn run(args: &[&str]) -> f64 {
    let output = Command::new("wrk").args(args).output().unwrap();
    let text = String::from_utf8(output.stdout).unwrap();
    assert!(!text.contains("Non-2xx") && !text.contains("Socket errors"), "{text}");
    let rate = text.lines().find_map(|line| line.strip_prefix("Requests/sec:"));
    rate.unwrap_or_else(|| panic!("{text}{}", String::from_utf8_lossy(&output.stderr)))
        .trim()
        .parse()
        .unwrap()
}
