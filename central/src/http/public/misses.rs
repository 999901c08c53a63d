//! How long a client has to wait after asking for codes that do not exist. Pure: the time is given.
//!
//! The first [`FREE_MISSES`] are free, since people mistype. Each further one doubles the wait, from one second to
//! [`LONGEST_WAIT_S`]; after [`FORGOTTEN_AFTER_S`] without one the count starts anew. Only well-formed codes count:
//! a mistyped one is seen by its check character and reveals nothing.

use std::{collections::HashMap, net::IpAddr, sync::Mutex};

use jiff::Timestamp;

/// How many unknown codes are free.
pub const FREE_MISSES: u32 = 5;
/// How long the longest wait is, in seconds.
pub const LONGEST_WAIT_S: i64 = 60;
/// After this long without an unknown code the count starts anew, in seconds.
pub const FORGOTTEN_AFTER_S: i64 = 15 * 60;
/// How many clients are remembered. When there are more, the one that has been quiet for longest is forgotten.
const MAX_CLIENTS: usize = 10_000;

#[derive(Debug, Clone, Copy)]
struct Misses {
    count: u32,
    last: Timestamp,
}

/// The clients that asked for unknown codes. Kept in memory only.
#[derive(Debug, Default)]
pub(super) struct Clients(Mutex<HashMap<IpAddr, Misses>>);

impl Clients {
    /// How many seconds the client still has to wait; nothing if it may ask.
    pub(super) fn wait_s(&self, client: IpAddr, now: Timestamp) -> Option<i64> {
        let clients = self.0.lock().unwrap_or_else(std::sync::PoisonError::into_inner);
        let misses = clients.get(&network(client))?;
        let passed_s = seconds_between(misses.last, now);
        let wait_s = wait_after(misses.count) - passed_s;
        (passed_s < FORGOTTEN_AFTER_S && wait_s > 0).then_some(wait_s)
    }

    /// Notes that the client asked for a code that does not exist.
    pub(super) fn missed(&self, client: IpAddr, now: Timestamp) {
        let mut clients = self.0.lock().unwrap_or_else(std::sync::PoisonError::into_inner);
        let client = network(client);
        if clients.len() >= MAX_CLIENTS && !clients.contains_key(&client) {
            clients.retain(|_, misses| seconds_between(misses.last, now) < FORGOTTEN_AFTER_S);
            let quietest = clients.iter().min_by_key(|(_, misses)| misses.last).map(|(client, _)| *client);
            if let Some(quietest) = quietest.filter(|_| clients.len() >= MAX_CLIENTS) {
                clients.remove(&quietest);
            }
        }
        let misses = clients.entry(client).or_insert(Misses { count: 0, last: now });
        if seconds_between(misses.last, now) >= FORGOTTEN_AFTER_S {
            misses.count = 0;
        }
        misses.count = misses.count.saturating_add(1);
        misses.last = now;
    }
}

fn wait_after(count: u32) -> i64 {
    match count.checked_sub(FREE_MISSES) {
        None => 0,
        Some(doublings) => {
            1_i64.checked_shl(doublings).map_or(LONGEST_WAIT_S, |wait| wait.clamp(1, LONGEST_WAIT_S))
        }
    }
}

fn seconds_between(earlier: Timestamp, later: Timestamp) -> i64 {
    later.as_second() - earlier.as_second()
}

/// A household or an office has a whole /64 of IPv6, so that is one client.
fn network(client: IpAddr) -> IpAddr {
    match client.to_canonical() {
        IpAddr::V6(address) => {
            let [a, b, c, d, ..] = address.segments();
            IpAddr::from([a, b, c, d, 0, 0, 0, 0])
        }
        address @ IpAddr::V4(_) => address,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const HOME: IpAddr = IpAddr::V4(std::net::Ipv4Addr::new(192, 0, 2, 7));

    fn at(second: i64) -> Timestamp {
        Timestamp::from_second(second).expect("a second")
    }

    #[test]
    fn the_first_misses_are_free_and_then_the_wait_doubles() {
        let clients = Clients::default();
        for _ in 1..FREE_MISSES {
            clients.missed(HOME, at(0));
            assert_eq!(clients.wait_s(HOME, at(0)), None);
        }
        let mut waits = Vec::new();
        for _ in 0..8 {
            clients.missed(HOME, at(0));
            waits.push(clients.wait_s(HOME, at(0)).unwrap_or_default());
        }
        assert_eq!(waits, [1, 2, 4, 8, 16, 32, 60, 60]);
        assert_eq!(clients.wait_s(HOME, at(59)), Some(1));
        assert_eq!(clients.wait_s(HOME, at(60)), None);
    }

    #[test]
    fn the_misses_are_forgotten_and_are_those_of_one_client_only() {
        let clients = Clients::default();
        for _ in 0..40 {
            clients.missed(HOME, at(0));
        }
        assert_eq!(clients.wait_s("192.0.2.8".parse().expect("an address"), at(0)), None);
        clients.missed(HOME, at(FORGOTTEN_AFTER_S));
        assert_eq!(clients.wait_s(HOME, at(FORGOTTEN_AFTER_S)), None);
    }

    #[test]
    fn all_addresses_of_one_ipv6_network_are_one_client() {
        let clients = Clients::default();
        for host in 0..FREE_MISSES {
            clients.missed(format!("2001:db8::{host:x}").parse().expect("an address"), at(0));
        }
        assert_eq!(clients.wait_s("2001:db8::ffff".parse().expect("an address"), at(0)), Some(1));
        assert_eq!(clients.wait_s("2001:db8:0:1::1".parse().expect("an address"), at(0)), None);
    }

    #[test]
    fn only_so_many_clients_are_remembered_and_the_quietest_goes_first() {
        let clients = Clients::default();
        for client in 0..=u32::try_from(MAX_CLIENTS).expect("it fits") {
            let address = IpAddr::from(client.to_be_bytes());
            for _ in 0..=FREE_MISSES {
                clients.missed(address, at(i64::from(client / 100)));
            }
        }
        let now = at(i64::try_from(MAX_CLIENTS / 100).expect("it fits"));
        assert_eq!(clients.0.lock().expect("nobody panicked").len(), MAX_CLIENTS);
        let newest = u32::try_from(MAX_CLIENTS).expect("it fits");
        assert!(clients.wait_s(IpAddr::from(newest.to_be_bytes()), now).is_some());
    }
}
