//! Whose address counts behind a reverse proxy: limits go by the caller's, and a header can be written by anybody.

use axum::http::{HeaderMap, HeaderName};
use ipnet::IpNet;
use std::net::{IpAddr, SocketAddr};

const FORWARDED_FOR: HeaderName = HeaderName::from_static("x-forwarded-for");

/// Reads an address or a network.
///
/// # Errors
/// When it is neither.
pub fn network(text: &str) -> Result<IpNet, String> {
    text.parse::<IpAddr>()
        .map(IpNet::from)
        .or_else(|_| text.parse::<IpNet>())
        .map_err(|_| "not an address like 10.0.0.2 or a network like 10.0.0.0/24".to_owned())
}

/// The proxies that are believed.
#[derive(Clone, Debug, Default)]
pub struct Proxies(Vec<IpNet>);

impl Proxies {
    /// These.
    pub fn new(networks: Vec<IpNet>) -> Self {
        Self(networks)
    }

    /// The address of who asks, when `peer` is at the other end of the connection: `peer`, or the nearest one before our
    /// proxies. What stands further left in the header is not theirs, so nobody believes it.
    pub fn caller(&self, peer: IpAddr, headers: &HeaderMap) -> IpAddr {
        let mut caller = peer.to_canonical();
        let lines = headers.get_all(FORWARDED_FOR);
        let named: Vec<&str> = lines
            .iter()
            .flat_map(|line| line.to_str().unwrap_or("?").split(','))
            .collect();
        for text in named.iter().rev() {
            if !self.holds(caller) {
                break;
            }
            let Some(before) = address(text.trim()) else {
                break;
            };
            caller = before;
        }
        caller
    }

    /// Whether somebody at `peer` names callers and is not believed.
    pub fn doubts(&self, peer: IpAddr, headers: &HeaderMap) -> bool {
        headers.contains_key(FORWARDED_FOR) && !self.holds(peer.to_canonical())
    }

    fn holds(&self, address: IpAddr) -> bool {
        self.0.iter().any(|network| network.contains(&address))
    }
}

fn address(text: &str) -> Option<IpAddr> {
    let bare = text.trim_start_matches('[').trim_end_matches(']');
    let address = bare.parse::<IpAddr>().ok();
    address
        .or_else(|| {
            text.parse::<SocketAddr>()
                .ok()
                .map(|with_port| with_port.ip())
        })
        .map(|address| address.to_canonical())
}

#[cfg(test)]
mod tests {
    use super::*;

    fn caller(trusted: &[&str], peer: &str, lines: &[&str]) -> String {
        let trusted = trusted.iter().map(|text| network(text).unwrap()).collect();
        let mut headers = HeaderMap::new();
        for line in lines {
            headers.append(FORWARDED_FOR, line.parse().unwrap());
        }
        Proxies::new(trusted)
            .caller(peer.parse().unwrap(), &headers)
            .to_string()
    }

    #[test]
    fn only_a_proxy_of_ours_may_say_who_asks() {
        let says = ["203.0.113.9"];
        assert_eq!(caller(&[], "10.0.0.2", &says), "10.0.0.2");
        assert_eq!(caller(&["10.0.0.3"], "10.0.0.2", &says), "10.0.0.2");
        assert_eq!(caller(&["10.0.0.2"], "10.0.0.2", &says), "203.0.113.9");
        assert_eq!(
            caller(&["10.0.0.0/8"], "::ffff:10.0.0.2", &says),
            "203.0.113.9"
        );
    }

    #[test]
    fn what_the_caller_wrote_himself_is_not_believed() {
        let trusted = ["10.0.0.0/8"];
        assert_eq!(
            caller(&trusted, "10.0.0.2", &["1.1.1.1, 203.0.113.9"]),
            "203.0.113.9"
        );
        assert_eq!(
            caller(&trusted, "10.0.0.2", &["1.1.1.1", "203.0.113.9, 10.0.0.7"]),
            "203.0.113.9"
        );
        assert_eq!(
            caller(&trusted, "10.0.0.2", &["203.0.113.9, nobody"]),
            "10.0.0.2"
        );
        assert_eq!(caller(&trusted, "10.0.0.2", &[]), "10.0.0.2");
        assert_eq!(
            caller(&trusted, "10.0.0.2", &["[2001:db8::1]:443"]),
            "2001:db8::1"
        );
        assert_eq!(
            caller(&trusted, "10.0.0.2", &["203.0.113.9:5000"]),
            "203.0.113.9"
        );
    }

    #[test]
    fn a_network_is_an_address_or_a_range() {
        assert!(network("10.0.0.2").is_ok() && network("fd00::/8").is_ok());
        assert!(network("proxy.example").is_err() && network("10.0.0.0/40").is_err());
    }
}
