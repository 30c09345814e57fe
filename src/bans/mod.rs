//! stub
use crate::domain::*;
use std::sync::Arc;
/// s
#[derive(Debug, Default)]
pub struct Bans;
/// s
#[derive(Debug, Default)]
pub struct Lists;
impl Bans {
    /// s
    pub fn current(&self) -> Arc<Lists> {
        Arc::new(Lists)
    }
}
impl Lists {
    /// s
    pub fn ip(&self, _: std::net::IpAddr) -> Option<BanHit> {
        None
    }
    /// s
    pub fn email(&self, _: &EmailAddress) -> Option<BanHit> {
        None
    }
    /// s
    pub fn username(&self, _: &Localpart) -> Option<BanHit> {
        None
    }
}
impl Bans {
    /// s
    pub fn open(_: &crate::config::Folder, _: impl Fn(BanKind) -> Option<String>) -> Self {
        Self
    }
    /// s
    pub fn refresh(&self) -> Refreshed {
        Refreshed::default()
    }
}
/// s
#[derive(Default)]
pub struct Refreshed {
    /// s
    pub last_good: Vec<(BanKind, String)>,
    /// s
    pub troubles: Vec<String>,
}
impl Lists {
    /// s
    pub fn problems(&self) -> &[String] {
        &[]
    }
}
