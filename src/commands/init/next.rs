//! What is left to do, in words that can be copied.

use std::path::Path;

use crate::acts::user;
use crate::config::{BackendKind, Folder};

use super::draft::Draft;

/// What the backend needs, and where that is to be had.
pub(super) fn how(backend: BackendKind, folder: &Folder) -> String {
    let path = absolute(folder.path());
    match backend {
        BackendKind::File | BackendKind::Toml => format!(
            "  The desk writes the token to {path}/.registration_token: name that file as registration_token_file in the\n  \
             homeserver's configuration, let its user read it, and restart it once."
        ),
        BackendKind::Synapse => "  The desk asks the homeserver's admin API for tokens, with the access token of a server administrator.\n  \
             Make one for the desk alone: `register_new_matrix_user -a -u doorman`, then log in as it once:\n  \
             curl -d '{\"type\":\"m.login.password\",\"identifier\":{\"type\":\"m.id.user\",\"user\":\"doorman\"},\"password\":\"…\"}' URL/_matrix/client/v3/login\n  \
             In homeserver.yaml: enable_registration: true and registration_requires_token: true."
            .into(),
        BackendKind::Mas => "  The desk asks the admin API of the Matrix Authentication Service, as a client of its own. In its configuration:\n  \
             clients: [{client_id: 01HZXAMPLEXAMPLEXAMPLEXAMP, client_auth_method: client_secret_basic, client_secret: …}]\n  \
             policy: {data: {admin_clients: [01HZXAMPLEXAMPLEXAMPLEXAMP]}}, a listener with the resource adminapi, and\n  \
             account: {password_registration_enabled: true, password_registration_token_required: true}."
            .into(),
        BackendKind::AdminRoom => "  The desk asks for tokens in the homeserver's admin room. Make an account for it there, invite it to\n  \
             #admins, log in as it once, and take the access token of that session."
            .into(),
    }
}

fn absolute(path: &Path) -> String {
    std::path::absolute(path).unwrap_or_else(|_| path.to_owned()).display().to_string()
}

/// Whether a program of this name is installed.
fn is_installed(program: &str) -> bool {
    ["/usr/sbin", "/usr/bin", "/usr/local/bin"].iter().any(|folder| Path::new(folder).join(program).exists())
}

/// The unit that is shipped, for this desk.
fn unit(starts: &str, folder: &str, user: &str) -> String {
    let line = |line: &str| match line.split_once('=') {
        Some(("User", _)) => Some(format!("User={user}\n")),
        // The user's own group, and no folder that systemd would make.
        Some(("Group" | "StateDirectory" | "StateDirectoryMode", _)) => None,
        Some(("ExecStart", _)) => Some(format!("ExecStart={starts}\n")),
        Some(("WorkingDirectory", _)) => {
            Some(format!("WorkingDirectory={folder}\nReadWritePaths={folder}\n"))
        }
        // It must not hide the desk itself.
        Some(("ProtectHome", _)) if folder.starts_with("/home/") || folder.starts_with("/root/") => None,
        _ => (!line.starts_with('#')).then(|| format!("{line}\n")),
    };
    include_str!("../../../contrib/systemd/doorman.service").lines().filter_map(line).collect()
}

/// The steps that are left on this machine.
pub(super) fn steps(folder: &Folder, draft: &Draft, has_problems: bool) -> String {
    let (config, path) = (absolute(folder.config()), absolute(folder.path()));
    let packaged = crate::config::of_package().is_some_and(|package| package == folder.config());
    let mut text = String::from("\nWhat is left to do:\n");
    if has_problems {
        let named = if packaged { String::new() } else { format!(" --config {config}") };
        text.push_str(&format!("- Fix what is marked WRONG above, then run: doorman{named} doctor\n"));
    }
    text.push_str(&if packaged {
        format!("- Start it, as root: systemctl start doorman. All that the desk has lies in {path}\n")
    } else {
        format!("- Try it: doorman --config {config} serve\n")
    });
    let binary = std::env::current_exe()
        .map_or_else(|_| "/usr/local/bin/doorman".into(), |path| path.display().to_string());
    if !packaged && Path::new("/run/systemd/system").exists() {
        text.push_str(
            "- Run it as a service: as root, write this to /etc/systemd/system/doorman.service, then\n  systemctl enable --now doorman\n\n",
        );
        let user = user(rustix::process::getuid().as_raw());
        for line in unit(&format!("{binary} --config {config} serve"), &path, &user).lines() {
            text.push_str(&format!("    {line}\n"));
        }
        text.push('\n');
    }
    let host = draft
        .public_url
        .as_deref()
        .and_then(|url| url.split("://").nth(1))
        .and_then(|rest| rest.split('/').next());
    let (host, port) = (host.unwrap_or("register.your.server"), draft.port.unwrap_or(6626));
    if is_installed("nginx") && !is_installed("caddy") {
        text.push_str(&format!(
            "- Let nginx pass requests on, in a server block for {host} with its certificate:\n    \
             location / {{ proxy_pass http://127.0.0.1:{port}; proxy_set_header Host $host; proxy_set_header X-Forwarded-For $remote_addr; }}\n"
        ));
    } else {
        text.push_str(&format!(
            "- Let a web server with TLS pass requests on. Caddy, in /etc/caddy/Caddyfile:\n    \
             {host} {{\n        reverse_proxy 127.0.0.1:{port}\n    }}\n"
        ));
    }
    text
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_unit_is_the_one_that_is_shipped_for_this_desk() {
        let desk = unit("/opt/doorman serve", "/srv/desk", "desk");
        for line in [
            "User=desk",
            "ExecStart=/opt/doorman serve",
            "ReadWritePaths=/srv/desk",
            "Type=notify",
            "ProtectHome=yes",
        ] {
            assert!(desk.lines().any(|found| found == line), "{line} is not in\n{desk}");
        }
        assert!(!desk.contains("/var/lib/doorman") && !desk.contains('#'), "{desk}");
        assert!(!unit("x", "/home/me/desk", "me").contains("ProtectHome"));
    }
}
