//! How many requests came from where in the last hour. In memory only, and bounded, whatever comes from however many
//! addresses.

use std::collections::{HashMap, VecDeque};
use std::net::IpAddr;
use std::time::{Duration, Instant};

use ipnet::IpNet;

/// The hour that slides, in seconds.
const WINDOW: u64 = 3600;

/// A whole net may have so many times as much as one of its addresses.
const NET_FACTOR: u64 = 4;

/// Addresses and nets that are remembered, each. Beyond, those that were quiet longest are forgotten.
const REMEMBERED: usize = 50_000;

/// The windows of all addresses and nets.
#[derive(Debug)]
pub(super) struct RateLimits {
    started: Instant,
    addresses: HashMap<IpNet, Window>,
    nets: HashMap<IpNet, Window>,
}

/// The last requests from one place: in which second, and how many. No more of them than the limit needs.
#[derive(Debug, Default)]
struct Window {
    requests: VecDeque<(u64, u64)>,
    total: u64,
    /// What is not yet a whole one.
    tenths: u32,
}

/// A request, in tenths.
const WHOLE: u32 = 10;

impl Window {
    /// Counts so much more; where the limit had been reached already, how many seconds until it is not any more.
    fn count(&mut self, tenths: u32, limit: u64, second: u64) -> Option<u64> {
        while self.requests.front().is_some_and(|(at, _)| at + WINDOW <= second) {
            self.forget_first();
        }
        let reached = self.total >= limit;
        self.tenths += tenths;
        if self.tenths >= WHOLE {
            self.tenths -= WHOLE;
            match self.requests.back_mut() {
                Some((at, count)) if *at == second => *count += 1,
                _ => self.requests.push_back((second, 1)),
            }
            self.total += 1;
        }
        while self.requests.front().is_some_and(|(_, count)| self.total - count >= limit) {
            self.forget_first();
        }
        let first = self.requests.front().map_or(second, |(at, _)| *at);
        reached.then(|| (first + WINDOW).saturating_sub(second).max(1))
    }

    fn forget_first(&mut self) {
        if let Some((_, count)) = self.requests.pop_front() {
            self.total -= count;
        }
    }

    fn last(&self) -> u64 {
        self.requests.back().map_or(0, |(at, _)| *at)
    }
}

impl RateLimits {
    pub(super) fn new(now: Instant) -> Self {
        Self { started: now, addresses: HashMap::new(), nets: HashMap::new() }
    }

    /// A request came from `ip`. Where it is one too many: how long to wait, and which limit it was.
    pub(super) fn knock(&mut self, ip: IpAddr, per_hour: u32, now: Instant) -> Option<(Duration, String)> {
        self.count(WHOLE, ip, per_hour, now)
    }

    /// Somebody there looked whether a name can be had, which is a tenth of a request.
    pub(super) fn glance(&mut self, ip: IpAddr, per_hour: u32, now: Instant) -> Option<(Duration, String)> {
        self.count(1, ip, per_hour, now)
    }

    fn count(&mut self, tenths: u32, ip: IpAddr, per_hour: u32, now: Instant) -> Option<(Duration, String)> {
        if per_hour == 0 {
            return None;
        }
        let second = now.saturating_duration_since(self.started).as_secs() + WINDOW;
        let (address_bits, net_bits) = match ip {
            IpAddr::V4(_) => (32, 24),
            IpAddr::V6(_) => (64, 48),
        };
        let mut longest: Option<(u64, String)> = None;
        for (windows, bits, limit) in [
            (&mut self.addresses, address_bits, u64::from(per_hour)),
            (&mut self.nets, net_bits, u64::from(per_hour) * NET_FACTOR),
        ] {
            let Ok(net) = IpNet::new(ip, bits) else { continue };
            let net = net.trunc();
            make_room(windows, second);
            if let Some(wait) = windows.entry(net).or_default().count(tenths, limit, second)
                && longest.as_ref().is_none_or(|(longest, _)| wait > *longest)
            {
                longest = Some((wait, format!("more than {limit} requests in an hour from {net}")));
            }
        }
        longest.map(|(wait, which)| (Duration::from_secs(wait), which))
    }
}

/// Forgets who has been quiet for the hour and, where that is not enough, the half that has been quiet longest.
fn make_room(windows: &mut HashMap<IpNet, Window>, second: u64) {
    if windows.len() < REMEMBERED {
        return;
    }
    windows.retain(|_, window| window.last() + WINDOW > second);
    if windows.len() >= REMEMBERED {
        let mut lasts: Vec<u64> = windows.values().map(Window::last).collect();
        let middle = lasts.len() / 2;
        let (_, median, _) = lasts.select_nth_unstable(middle);
        let (median, mut to_go) = (*median, middle);
        windows.retain(|_, window| {
            let stays = window.last() > median || to_go == 0;
            to_go -= usize::from(!stays);
            stays
        });
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn ip(text: &str) -> IpAddr {
        text.parse().unwrap()
    }

    #[test]
    fn the_hour_slides_and_every_request_counts() {
        let start = Instant::now();
        let mut limits = RateLimits::new(start);
        let at = |second| start + Duration::from_secs(second);
        for second in [0, 10, 20] {
            assert_eq!(limits.knock(ip("192.0.2.1"), 3, at(second)), None);
        }
        let (wait, which) = limits.knock(ip("192.0.2.1"), 3, at(30)).unwrap();
        // The three that count now came at 10, 20 and 30.
        assert_eq!(wait, Duration::from_secs(3580));
        assert!(which.contains("192.0.2.1/32"), "{which}");
        assert!(limits.knock(ip("192.0.2.1"), 3, at(3609)).is_some());
        assert_eq!(limits.knock(ip("192.0.2.1"), 3, at(3631)), None);
    }

    #[test]
    fn a_net_has_four_times_as_much_as_an_address() {
        let start = Instant::now();
        let mut limits = RateLimits::new(start);
        for host in 0..8 {
            assert_eq!(limits.knock(ip(&format!("192.0.2.{host}")), 2, start), None);
        }
        assert!(limits.knock(ip("192.0.2.200"), 2, start).is_some());
        assert_eq!(limits.knock(ip("192.0.3.1"), 2, start), None);
    }

    #[test]
    fn a_look_at_a_name_is_a_tenth_of_a_request() {
        let start = Instant::now();
        let mut limits = RateLimits::new(start);
        assert_eq!(limits.knock(ip("192.0.2.1"), 2, start), None);
        for _ in 0..10 {
            assert_eq!(limits.glance(ip("192.0.2.1"), 2, start), None);
        }
        assert!(limits.glance(ip("192.0.2.1"), 2, start).is_some());
        assert!(limits.knock(ip("192.0.2.1"), 2, start).is_some());
        let after = start + Duration::from_secs(WINDOW);
        assert_eq!(limits.glance(ip("192.0.2.1"), 2, after), None);
    }

    #[test]
    fn ipv6_is_counted_by_64_and_by_48() {
        let start = Instant::now();
        let mut limits = RateLimits::new(start);
        assert_eq!(limits.knock(ip("2001:db8::1"), 2, start), None);
        assert_eq!(limits.knock(ip("2001:db8::2:2"), 2, start), None);
        assert!(limits.knock(ip("2001:db8::3"), 2, start).is_some());
        for subnet in 1..6 {
            assert_eq!(limits.knock(ip(&format!("2001:db8:0:{subnet}::1")), 2, start), None);
        }
        assert!(limits.knock(ip("2001:db8:0:77::1"), 2, start).is_some());
        assert_eq!(limits.knock(ip("2001:db8:1::1"), 2, start), None);
    }

    #[test]
    fn zero_is_no_limit() {
        let start = Instant::now();
        let mut limits = RateLimits::new(start);
        for _ in 0..1000 {
            assert_eq!(limits.knock(ip("192.0.2.1"), 0, start), None);
        }
    }

    #[test]
    fn a_million_addresses_do_not_grow_it_without_bound() {
        let start = Instant::now();
        let mut limits = RateLimits::new(start);
        for n in 0u32..1_000_000 {
            limits.knock(
                IpAddr::from(n.reverse_bits().to_be_bytes()),
                20,
                start + Duration::from_millis(n.into()),
            );
        }
        assert!(limits.addresses.len() <= REMEMBERED && limits.nets.len() <= REMEMBERED);
        // Whoever came last is remembered.
        let last = IpAddr::from(999_999u32.reverse_bits().to_be_bytes());
        for _ in 0..19 {
            assert_eq!(limits.knock(last, 20, start + Duration::from_secs(1000)), None);
        }
        assert!(limits.knock(last, 20, start + Duration::from_secs(1000)).is_some());
    }

    #[test]
    fn who_hammers_costs_no_memory() {
        let start = Instant::now();
        let mut limits = RateLimits::new(start);
        for n in 0..10_000 {
            limits.knock(ip("192.0.2.1"), 20, start + Duration::from_millis(n * 300));
        }
        let window = limits.addresses.values().next().unwrap();
        assert!(window.requests.len() <= 21, "{}", window.requests.len());
    }
}
