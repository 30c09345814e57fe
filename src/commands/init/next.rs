//! What is left to do, in words that can be copied.

use std::path::Path;

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

/// The steps that are left on this machine.
pub(super) fn steps(folder: &Folder, draft: &Draft, has_problems: bool) -> String {
    let (config, path) = (absolute(folder.config()), absolute(folder.path()));
    let mut text = String::from("\nWhat is left to do:\n");
    if has_problems {
        text.push_str(&format!(
            "- See to what is marked WRONG above, then: doorman --config {config} doctor\n"
        ));
    }
    text.push_str(&format!("- Try it: doorman --config {config} serve\n"));
    let binary = std::env::current_exe()
        .map_or_else(|_| "/usr/local/bin/doorman".into(), |path| path.display().to_string());
    if Path::new("/run/systemd/system").exists() {
        text.push_str(&format!(
            "- Run it as a service: as root, write this to /etc/systemd/system/doorman.service, then\n  systemctl enable --now doorman\n\n\
             [Unit]\n    Description=Registration desk of {}\n    After=network-online.target\n    Wants=network-online.target\n\n    \
             [Service]\n    Type=notify\n    User={}\n    ExecStart={binary} --config {config} serve\n    \
             ExecReload=/bin/kill -HUP $MAINPID\n    Restart=always\n    RestartSec=5\n    WatchdogSec=60\n    \
             UMask=0027\n    NoNewPrivileges=yes\n    ProtectSystem=strict\n    ReadWritePaths={path}\n    PrivateTmp=yes\n\n    \
             [Install]\n    WantedBy=multi-user.target\n\n",
            draft.homeserver,
            crate::acts::user(rustix::process::getuid().as_raw()),
        ));
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
