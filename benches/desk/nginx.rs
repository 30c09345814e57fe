//! nginx: serves the page's bytes for comparison, and answers as a homeserver does where every name is free.

use std::net::{TcpListener, TcpStream};
use std::process::{Child, Command};

pub struct Nginx {
    pub url: String,
    dir: tempfile::TempDir,
    child: Child,
}

impl Nginx {
    pub fn start() -> Self {
        let dir = tempfile::tempdir().unwrap();
        let port = TcpListener::bind("127.0.0.1:0").unwrap().local_addr().unwrap().port();
        let path = dir.path().display();
        let config = format!(
            "worker_processes 2; daemon off; pid {path}/pid; error_log {path}/error.log; worker_rlimit_nofile 4096;
             events {{ worker_connections 1024; }}
             http {{
               access_log off; sendfile on; tcp_nopush on; keepalive_requests 1000000000;
               default_type 'text/html; charset=utf-8';
               client_body_temp_path {path}/b; proxy_temp_path {path}/p; fastcgi_temp_path {path}/f;
               uwsgi_temp_path {path}/u; scgi_temp_path {path}/s;
               open_file_cache max=10; open_file_cache_valid 60s;
               server {{
                 listen 127.0.0.1:{port};
                 root {path}/www;
                 location = /_matrix/client/v3/register/available {{ default_type application/json; return 200 '{{\"available\": true}}'; }}
                 location = /_matrix/client/v1/register/m.login.registration_token/validity {{ default_type application/json; return 200 '{{\"valid\": true}}'; }}
                 location /_matrix/ {{ default_type application/json; return 404 '{{\"errcode\": \"M_UNRECOGNIZED\", \"error\": \"no\"}}'; }}
               }}
             }}"
        );
        std::fs::create_dir(dir.path().join("www")).unwrap();
        std::fs::write(dir.path().join("nginx.conf"), config).unwrap();
        // The workers of a root's nginx are somebody else.
        let open = std::os::unix::fs::PermissionsExt::from_mode(0o755);
        std::fs::set_permissions(dir.path(), open).unwrap();
        let child = Command::new("nginx")
            .args(["-e", "stderr", "-p"])
            .arg(dir.path())
            .arg("-c")
            .arg(dir.path().join("nginx.conf"))
            .spawn()
            .unwrap();
        while TcpStream::connect(("127.0.0.1", port)).is_err() {
            std::thread::park_timeout(std::time::Duration::from_millis(20));
        }
        Self { url: format!("http://127.0.0.1:{port}"), dir, child }
    }

    pub fn serve_page(&self, bytes: &[u8]) {
        std::fs::write(self.dir.path().join("www/page.html"), bytes).unwrap();
    }
}

impl Drop for Nginx {
    fn drop(&mut self) {
        // By SIGTERM, so that it takes its workers along.
        let _ = Command::new("kill").arg(self.child.id().to_string()).status();
        let _ = self.child.wait();
    }
}
