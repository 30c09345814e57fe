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
