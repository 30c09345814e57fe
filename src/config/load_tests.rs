use std::time::Duration;

use crate::config::{Backend, ImapLogin, TlsMode, UnverifiedSenders, example};

use super::*;

/// Loads this config from a folder of its own, beside these files.
fn load_beside(text: &str, files: &[(&str, &str)]) -> Result<Loaded, ConfigErrors> {
    let dir = tempfile::tempdir().unwrap();
    for (name, content) in files {
        std::fs::write(dir.path().join(name), content).unwrap();
    }
    let path = dir.path().join("config.yaml");
    std::fs::write(&path, text).unwrap();
    load(&path, &|name| (name == "SECRET").then(|| "from the environment".to_owned()))
}

fn settings(text: &str) -> Settings {
    let text = if text.contains("homeserver:") {
        text.to_owned()
    } else {
        format!("{text}\nhomeserver: your.server\n")
    };
    load_beside(&text, &[]).unwrap_or_else(|errors| panic!("{errors}")).settings
}

/// Line, key and words of every error.
fn errors(text: &str) -> Vec<(usize, String, String)> {
    let errors = load_beside(text, &[]).map(|loaded| panic!("{text}: {:?}", loaded.settings)).unwrap_err();
    errors.0.into_iter().map(|problem| (problem.line.unwrap_or(0), problem.key, problem.what)).collect()
}

/// The example with every setting's `#` taken away.
fn example_in_full() -> String {
    let uncommented = |line: &str| match line.strip_prefix('#') {
        Some("") => String::new(),
        Some(setting) if setting.starts_with("  ") || !setting.starts_with(' ') => setting.to_owned(),
        _ => line.to_owned(),
    };
    example().lines().map(|line| uncommented(line) + "\n").collect()
}

#[test]
fn the_example_as_shipped_is_the_defaults() {
    let loaded = load_beside(&example(), &[]).unwrap();
    assert_eq!(format!("{:?}", loaded.settings), format!("{:?}", settings("")));
}

#[test]
fn the_example_uncommented_in_full_is_the_defaults_where_there_are_any() {
    let loaded = load_beside(
        &example_in_full(),
        &["smtp-password", "imap-password", "notify-access-token", "webhook-secret"]
            .map(|file| (file, "secret\n")),
    );
    let full = loaded.unwrap_or_else(|errors| panic!("{errors}")).settings;
    assert!(full.smtp.as_ref().unwrap().login.is_some() && full.letter.html.is_some());
    assert!(full.signup_url.is_some() && full.after_rotation.is_some() && full.imap.is_some());
    assert!(full.notify.email.is_some() && full.question.is_some() && full.terms.is_some());
    assert!(full.welcome_room.is_some());
    let without_examples = Settings {
        smtp: full.smtp.clone(),
        from: full.from.clone(),
        letter: full.letter.clone(),
        base_url: full.base_url.clone(),
        public_url: full.public_url.clone(),
        sign_up: full.sign_up,
        welcome_room: full.welcome_room.clone(),
        signup_url: full.signup_url.clone(),
        after_rotation: full.after_rotation.clone(),
        imap: full.imap.clone(),
        notify: full.notify.clone(),
        metrics: full.metrics,
        question: full.question.clone(),
        terms: full.terms.clone(),
        about: full.about.clone(),
        surge_threshold: full.surge_threshold,
        accounts_per_day: full.accounts_per_day,
        ..settings("")
    };
    assert_eq!(format!("{full:?}"), format!("{without_examples:?}"));
}

#[test]
fn who_to_ask_is_an_address_an_id_or_a_page_and_nothing_else() {
    let read = |contact: &str| {
        load_beside(&format!("homeserver: your.server\nabout: {{contact: {contact}}}\n"), &[])
    };
    for (contact, url) in [
        ("ann@your.server", "mailto:ann@your.server"),
        ("a?cc=b@your.server", "mailto:a%3Fcc=b@your.server"),
        ("\"@ann:your.server\"", "https://matrix.to/#/%40ann%3Ayour%2Eserver"),
        ("https://your.server/contact", "https://your.server/contact"),
    ] {
        assert_eq!(read(contact).unwrap().settings.about.unwrap().contact.unwrap().url, url);
    }
    for contact in [
        "javascript:alert(1)",
        "data:text/html;x",
        "nobody",
        "\"@ann:your.server <b>\"",
        "mailto:a@b.example",
    ] {
        assert!(read(contact).is_err(), "{contact}");
    }
    let rules = "homeserver: your.server\nabout: {rules_url: \"javascript:alert(1)\"}\n";
    assert!(load_beside(rules, &[]).is_err());
}

#[test]
fn the_examples_of_each_backend_are_right() {
    let example = example();
    let examples: Vec<&str> =
        example.lines().filter_map(|line| line.strip_prefix("# `tokens: ")?.strip_suffix('`')).collect();
    for tokens in &examples {
        let text = format!("homeserver: your.server\ntokens: {tokens}\n");
        let beside = [("admin-access-token", "syt_x\n"), ("mas-client-secret", "secret\n")];
        load_beside(&text, &beside).unwrap_or_else(|errors| panic!("{tokens}: {errors}"));
    }
    assert!(examples.len() >= 3, "{examples:?}");
}

#[test]
fn the_example_names_every_key() {
    let example = example();
    for key in [
        "port",
        "bind",
        "homeserver",
        "token_reset_time_utc",
        "downtime_before_token_reset",
        "email_cooldown",
        "multiple_users_per_email",
        "smtp",
        "email_subject",
        "email_body",
        "email_body_html",
        "base_url",
        "public_url",
        "client_url",
        "signup_url",
        "sign_up",
        "sign_up_hours",
        "clients",
        "welcome_room",
        "allowed_origins",
        "trusted_proxies",
        "letters_per_address_per_day",
        "letters_per_hour",
        "requests_per_ip_per_hour",
        "email_identity",
        "when_homeserver_unreachable",
        "after_rotation",
        "tokens",
        "notify",
        "imap",
        "retention_days",
        "approval",
    ] {
        let stands = example.lines().any(|line| line.trim_start_matches('#').starts_with(&format!("{key}:")));
        assert!(stands, "{key}");
    }
}

#[test]
fn the_flat_form_of_the_original_is_read() {
    let read = settings(
        "port: 7000\ntoken_reset_time_utc: 2330\ndowntime_before_token_reset: 5\nemail_cooldown: 60\n\
         multiple_users_per_email: yes\n\
         smtp: {host: mail.example.org, port: 587, username: you@example.org, password: secret, use_tls: true}\n\
         email_subject: \"For {homeserver}\"\nemail_body: |\n  {registration_token} {{x}}\n",
    );
    assert_eq!(
        (read.port, read.email_cooldown, read.multiple_users_per_email),
        (7000, Duration::from_secs(60), true)
    );
    let smtp = read.smtp.unwrap();
    assert_eq!((smtp.host.as_str(), smtp.port, smtp.tls), ("mail.example.org", 587, TlsMode::StartTls));
    assert_eq!(read.from.address, "you@example.org");
    assert!(read.letter.text.is_some() && read.letter.subject.is_some());
}

#[test]
fn the_nested_form_of_its_successor_is_read() {
    let text = "homeserver: your.server\nbase_url: https://matrix.your.server/\nregistration:\n  token_reset_time_utc: 100\n  \
                email_cooldown: 7\nemail:\n  smtp: {host: mail.example.org, use_tls: false, from: desk@your.server}\n  \
                templates:\n    registration_token:\n      subject: For {homeserver}\n      body: letter.txt\n      \
                body_html: letter.html\nmatrix_admin: {anything: 1}\ncanary: {}\n";
    let files = [("letter.txt", "{registration_token}"), ("letter.html", "<b>{registration_token}</b>")];
    let loaded = load_beside(text, &files).unwrap_or_else(|errors| panic!("{errors}"));
    assert_eq!(loaded.settings.email_cooldown, Duration::from_secs(7));
    assert_eq!(loaded.settings.base_url.as_deref(), Some("https://matrix.your.server"));
    assert!(loaded.settings.letter.html.is_some() && loaded.settings.smtp.is_some());
    let told: Vec<_> = loaded
        .warnings
        .iter()
        .filter(|warning| warning.what.contains("canary") || warning.key.contains("canary"))
        .collect();
    assert_eq!(told.len(), 1, "one warning for what is passed over: {:?}", loaded.warnings);
}

#[test]
fn every_error_is_told_with_its_line_and_its_remedy() {
    let all = errors(
        "homeserver: \"@me:your.server\"\nport: 70000\nemial_cooldown: 5\ntoken_reset_time_utc: 2460\n\
         downtime_before_token_reset: 1440\nsmtp:\n  port: 25\n  pasword: secret\napproval: maybe\ntrusted_proxies: [nonsense]\n",
    );
    for (line, key, words) in [
        (1, "homeserver", "colon"),
        (2, "port", "65535"),
        (3, "emial_cooldown", "email_cooldown"),
        (4, "token_reset_time_utc", "23:30"),
        (5, "downtime_before_token_reset", "1439"),
        (6, "smtp", "host"),
        (8, "smtp.pasword", "password"),
        (8, "smtp.pasword", "did you mean"),
        (9, "approval", "automatic"),
        (10, "trusted_proxies", "10.0.0.0/8"),
    ] {
        let told =
            all.iter().any(|(at, of, what)| *at == line && of.starts_with(key) && what.contains(words));
        assert!(told, "{line} {key} {words}: {all:#?}");
    }
    assert_eq!(all.len(), 9, "{all:#?}");
}

#[test]
fn a_time_of_day_is_read_in_every_form() {
    for (written, hhmm) in [
        ("0", "00:00"),
        ("30", "00:30"),
        ("0030", "00:30"),
        ("\"00:30\"", "00:30"),
        ("00:30", "00:30"),
        ("2330", "23:30"),
        ("23:30", "23:30"),
        ("100", "01:00"),
        ("\"0\"", "00:00"),
    ] {
        let read = settings(&format!("token_reset_time_utc: {written}"));
        let midnight = chrono::DateTime::parse_from_rfc3339("2026-01-01T23:59:59Z").unwrap().to_utc();
        assert_eq!(read.schedule.last_reset(midnight).format("%H:%M").to_string(), hhmm, "{written}");
    }
    for wrong in
        ["2400", "2360", "60", "-1", "24:00", "12:5", "noon", "[1]", "1.5", "12:00:00", "é1", "1é", "x€"]
    {
        let told = errors(&format!("homeserver: your.server\ntoken_reset_time_utc: {wrong}\n"));
        assert_eq!(
            (told.len(), told[0].0, told[0].1.as_str()),
            (1, 2, "token_reset_time_utc"),
            "{wrong}: {told:?}"
        );
    }
}

#[test]
fn each_token_backend_needs_what_it_needs_and_nothing_else() {
    let load = |text: &str| {
        let files = [("token", "syt_secret\n"), ("client", "hush\n")];
        load_beside(&format!("homeserver: your.server\ntokens: {{{text}}}\n"), &files)
    };
    let backend = |text: &str| load(text).unwrap_or_else(|errors| panic!("{text}: {errors}")).settings.tokens;
    assert_eq!(backend("backend: file").backend, Backend::File);
    assert!(matches!(backend("backend: toml, path: token.toml").backend,
        Backend::Toml { path } if path.is_absolute() && path.ends_with("token.toml")));
    let synapse = backend(
        "backend: synapse, access_token_file: token, per_applicant: true, uses: 3, lifetime_hours: 1",
    );
    assert_eq!((synapse.per_applicant, synapse.uses, synapse.lifetime), (true, 3, Duration::from_secs(3600)));
    assert!(
        matches!(synapse.backend, Backend::Synapse { access_token } if access_token.reveal() == "syt_secret")
    );
    assert!(matches!(backend("backend: admin_room, access_token_env: SECRET").backend,
        Backend::AdminRoom { access_token } if access_token.reveal() == "from the environment"));
    let mas = backend(
        "backend: mas, client_id: 01ARZ, client_secret_file: client, mas_url: https://mas.your.server/",
    );
    assert!(matches!(mas.backend, Backend::Mas(mas)
        if mas.client_id == "01ARZ" && mas.client_secret.reveal() == "hush"
           && mas.url.as_deref() == Some("https://mas.your.server") && mas.access_token.is_none()));
    for (text, told) in [
        ("backend: synapse", "access_token_file"),
        ("backend: synapse, access_token_file: nowhere", "cannot be read"),
        ("backend: admin_room", "admin room"),
        ("backend: toml", "path"),
        ("backend: mas, client_secret_file: client", "client_id"),
        ("backend: mas, client_id: 01ARZ", "client_secret_file"),
        ("backend: file, access_token_file: token", "belongs to another backend"),
        ("backend: synapse, access_token_file: token, path: x", "belongs to another backend"),
        ("backend: synapse, access_token_file: token, client_id: x", "belongs to another backend"),
        ("per_applicant: true", "synapse, mas or"),
        ("backend: toml, path: x, per_applicant: true", "synapse, mas or"),
        ("backend: synapsis, access_token_file: token", "synapse"),
        ("backend: synapse, access_token_file: token, uses: 0", "1"),
    ] {
        let errors = load(text).unwrap_err();
        assert!(
            errors.0.iter().any(|problem| problem.line == Some(2) && problem.what.contains(told)),
            "{text}: {errors}"
        );
        assert!(!errors.to_string().contains("syt_secret"));
    }
    assert!(!format!("{:?}", load("backend: synapse, access_token_file: token").unwrap()).contains("syt_"));
}

#[test]
fn a_backend_that_needs_no_downtime_has_one_only_where_it_is_asked_for() {
    let downtime = |text: &str| {
        let files = [("token", "syt_secret\n")];
        let loaded = load_beside(&format!("homeserver: your.server\n{text}\n"), &files);
        loaded.unwrap_or_else(|errors| panic!("{text}: {errors}")).settings.schedule.downtime().as_secs() / 60
    };
    let synapse = "tokens: {backend: synapse, access_token_file: token}\n";
    assert_eq!(downtime(""), 30);
    assert_eq!(downtime("tokens: {backend: toml, path: x}"), 30);
    assert_eq!(downtime(synapse), 0);
    assert_eq!(downtime(&format!("{synapse}downtime_before_token_reset: 5")), 5);
    let personal = "tokens: {backend: synapse, access_token_file: token, per_applicant: true}\n";
    assert_eq!(downtime(&format!("{personal}downtime_before_token_reset: 5")), 0);
}

#[test]
fn secrets_come_from_the_config_a_file_or_the_environment_and_are_never_shown() {
    let config = |how: &str| {
        format!("homeserver: your.server\nsmtp: {{host: mail.example.org, username: desk, {how}}}\n")
    };
    for (how, secret) in [
        ("password: in the config", "in the config"),
        ("password_file: secret", "in a file"),
        ("password_env: SECRET", "from the environment"),
    ] {
        let loaded = load_beside(&config(how), &[("secret", "in a file\n")])
            .unwrap_or_else(|errors| panic!("{errors}"));
        let (_, password) = loaded.settings.smtp.clone().unwrap().login.unwrap();
        assert_eq!(password.reveal(), secret);
        assert!(!format!("{:?}", loaded.settings).contains(secret));
    }
    for how in [
        "password_file: nowhere",
        "password_env: NOWHERE",
        "password: [geheim]",
        "password: geheim, password_env: SECRET",
        "x: geheim",
    ] {
        let told = load_beside(&config(how), &[]).unwrap_err().to_string();
        assert!(told.contains("smtp") && !told.contains("geheim"), "{how}: {told}");
    }
}

#[test]
fn a_broken_placeholder_is_told_with_its_line() {
    for letter in
        ["{registration_tokn}", "{", "}", "{0}", "{registration_token!r}", "{registration_token:>10}"]
    {
        let told = errors(&format!(
            "homeserver: your.server\nport: 1\nemail_body: \"{letter} {{registration_token}}\"\n"
        ));
        assert_eq!((told[0].0, told[0].1.as_str()), (3, "email_body"), "{letter}: {told:?}");
    }
    let told = errors("homeserver: your.server\nemail_body: |\n  one\n  {registration_tokn}\n");
    assert!(told[0].2.contains("registration_token"), "{told:?}");
}

#[test]
fn a_body_without_the_token_is_warned_about() {
    for (body, warned) in [
        ("{registration_token}", false),
        ("Hello", true),
        ("{{registration_token}}", true),
        ("{{{registration_token}}}", false),
    ] {
        let text = format!("homeserver: your.server\nemail_body: \"{body}\"\n");
        let loaded = load_beside(&text, &[]).unwrap_or_else(|errors| panic!("{body}: {errors}"));
        let told =
            loaded.warnings.iter().any(|problem| problem.key == "email_body" && problem.line == Some(2));
        assert_eq!(told, warned, "{body}: {:?}", loaded.warnings);
    }
}

#[test]
fn a_key_that_is_part_of_a_known_one_is_taken_for_it() {
    for (text, meant) in [
        ("smtp: {host: a.b, user: x}", "username"),
        ("smtp: {hostname: a.b, host: a.b}", "host"),
        ("cooldown: 5", "email_cooldown"),
        ("reset_time: 5", "token_reset_time_utc"),
    ] {
        let told = errors(&format!("homeserver: your.server\n{text}\n"));
        assert!(
            told.iter().any(|(_, _, what)| what.contains(&format!("did you mean {meant}?"))),
            "{text}: {told:?}"
        );
    }
    let told = errors("homeserver: your.server\naddress: a@b.example\n");
    assert!(told[0].2.contains("belongs under imap"), "{told:?}");
    let told = errors("homeserver: your.server\nxyz: 5\n");
    assert!(!told[0].2.contains("did you mean"), "{told:?}");
}

#[test]
fn a_misspelt_key_of_a_section_is_told_with_the_one_that_is_meant() {
    for (text, key, meant) in [
        ("tokens: {backed: file}", "tokens.backed", "did you mean backend?"),
        ("tokens: {acess_token_file: x}", "tokens.acess_token_file", "did you mean access_token_file?"),
        (
            "imap: {host: a.b, username: a@b.example, passwort_env: SECRET}",
            "imap.passwort_env",
            "did you mean password_env?",
        ),
        ("registration: {email_coldown: 5}", "registration.email_coldown", "did you mean email_cooldown?"),
        ("email: {smpt: {host: a.b}}", "email.smpt", "did you mean smtp?"),
        ("email: {smtp: {host: a.b, prot: 25}}", "email.smtp.prot", "did you mean port?"),
        (
            "email: {templates: {registration_tokens: {}}}",
            "email.templates.registration_tokens",
            "registration_token?",
        ),
        (
            "email: {templates: {registration_token: {boddy: x}}}",
            "email.templates.registration_token.boddy",
            "body?",
        ),
        ("smtp.host: a.b", "smtp.host", "belongs under smtp"),
        ("email.smtp: {host: a.b}", "email.smtp", "no such key"),
        ("registration: 5", "registration", "keys and values"),
    ] {
        let told = errors(&format!("homeserver: your.server\n{text}\n"));
        let right =
            |(line, at, what): &(usize, String, String)| *line == 2 && at == key && what.contains(meant);
        assert!(told.iter().any(right), "{text}: {told:?}");
    }
}

#[test]
fn rubbish_is_an_error_and_never_a_panic() {
    let bomb = "a: &a [x,x,x,x,x,x,x,x,x]\n".to_owned()
        + &["b", "c", "d", "e"].map(|key| format!("{key}: &{key} [*a,*a,*a,*a,*a,*a,*a,*a,*a]\n")).concat();
    for text in [
        "",
        "\n\n",
        "# nothing\n",
        "---\n---\n",
        "- a\n- b\n",
        "text",
        "a: b: c\n",
        "homeserver: [",
        "homeserver: a.b\nhomeserver: c.d\n",
        "homeserver: *unknown\n",
        "\"",
        "{{{{",
        "homeserver: \u{0}\n",
        "? ? ?\n",
        "homeserver: {a: b}\n",
        "homeserver:\n",
        &bomb,
        &"[".repeat(10_000),
        &"a:\n ".repeat(1000),
    ] {
        assert!(!errors(text).is_empty());
    }
    let dir = tempfile::tempdir().unwrap();
    let path = dir.path().join("config.yaml");
    std::fs::write(&path, b"homeserver: a.b\nport: \xff\n").unwrap();
    assert!(load(&path, &|_| None).unwrap_err().to_string().contains(":2: this is not UTF-8"));
    assert!(load(dir.path(), &|_| None).unwrap_err().to_string().contains("folder"));
    assert!(load(&dir.path().join("nowhere"), &|_| None).unwrap_err().to_string().contains("no such file"));
}

#[test]
fn a_config_with_a_password_that_everybody_can_read_is_warned_about() {
    use std::os::unix::fs::PermissionsExt;
    let dir = tempfile::tempdir().unwrap();
    let path = dir.path().join("config.yaml");
    std::fs::write(
        &path,
        "homeserver: a.b\nsmtp: {host: m.x, username: u, password: p}\npublic_url: https://a.b\n",
    )
    .unwrap();
    for (mode, warnings) in [(0o644, 1), (0o640, 0)] {
        std::fs::set_permissions(&path, std::fs::Permissions::from_mode(mode)).unwrap();
        assert_eq!(load(&path, &|_| None).unwrap().warnings.len(), warnings, "{mode:o}");
    }
}

/// Found by fuzzing.
#[test]
fn what_an_error_quotes_steers_no_terminal() {
    let text = "homeserver: a.b\nemail_body: 'x {un\tknown\u{202e}}'\n\"k\\e[31m\": 1\n";
    let told = load_beside(text, &[]).map(|_| ()).unwrap_err().to_string();
    assert!(
        told.contains("placeholder") && !told.replace('\n', "").chars().any(char::is_control),
        "{told:?}"
    );
}

#[test]
fn the_letter_box_is_read_and_what_is_missing_is_told() {
    let imap = |text: &str| settings(&format!("imap: {text}\n")).imap.unwrap();
    let box_ = imap("{host: imap.your.server, username: register@your.server, password: b}");
    assert_eq!((box_.port, box_.tls, box_.mailbox.as_str()), (993, TlsMode::Implicit, "INBOX"));
    assert_eq!(box_.address.to_ascii(), "register@your.server");
    assert_eq!(box_.unverified_senders, UnverifiedSenders::Answer);
    let starttls = imap(
        "{host: a.b, port: 143, username: u, token_command: echo x, address: r@a.example, trusted_authserv_ids: [MX.a.b], unverified_senders: hold, mailbox: In}",
    );
    assert_eq!((starttls.tls, starttls.trusted_authserv_ids), (TlsMode::StartTls, vec!["mx.a.b".to_owned()]));
    assert_eq!(starttls.login, ImapLogin::TokenCommand("echo x".into()));
    for (text, word) in [
        ("{username: a@b.example, password: b}", "host"),
        ("{host: a.b, password: b, address: a@b.example}", "username"),
        ("{host: a.b, username: a@b.example}", "password"),
        ("{host: a.b, username: a, password: b}", "address"),
        ("{host: a.b, username: a@b.example, password: b, token_command: c}", "both"),
        ("{host: a.b, username: a@b.example, password: b, tls: none}", "cleartext"),
        ("{host: a.b, username: a@b.example, password: b, mailbox: Eingäng}", "ASCII"),
        ("{host: a.b, username: a@b.example, password: b, mailbox: ''}", "ASCII"),
        ("{host: a.b, username: a@b.example, password: ''}", "empty"),
        ("{host: a.b, username: a@b.example, password: b, unverified_senders: maybe}", "answer"),
    ] {
        let told = errors(&format!("homeserver: your.server\nimap: {text}\n"));
        assert!(told.iter().any(|(line, _, what)| *line == 2 && what.contains(word)), "{text}: {told:?}");
    }
    imap("{host: 127.0.0.1, username: a@b.example, password: b, tls: none}");
    imap("{host: mail.lan, username: a@b.example, password: b, tls: none, cleartext: true}");
}
