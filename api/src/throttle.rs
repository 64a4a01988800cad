//! How much one network address may do. Addresses are in memory only.
//!
//! Addresses of IPv6 count by their first 64 bits, which is what one subscriber has.

use crate::{connections::Peer, credentials, problem::Problem};
use axum::{
    extract::{ConnectInfo, Request, State},
    http::Method,
    middleware::Next,
    response::{IntoResponse, Response},
};
use governor::{DefaultKeyedRateLimiter, Quota, RateLimiter};
use sealroot_post::Post;
use sealroot_protocol::code::Code;
use std::{
    net::{IpAddr, Ipv6Addr},
    num::NonZeroU32,
    sync::Arc,
};

/// Requests of one address: so many at once, and so many a second from then on.
const READS: (u32, u32) = (200, 20);
/// The same of requests that change something.
const WRITES: (u32, u32) = (60, 2);

/// What addresses have done lately. Clones share it.
#[derive(Clone)]
pub(crate) struct Throttle {
    limiters: Arc<[DefaultKeyedRateLimiter<IpAddr>; 2]>,
    /// Whether a proxy in front says whose request it is.
    behind_proxy: bool,
}

impl Throttle {
    pub(crate) fn new(behind_proxy: bool) -> Self {
        let limiters = [READS, WRITES].map(|(burst, rate)| {
            let at_least_one = |number| NonZeroU32::new(number).unwrap_or(NonZeroU32::MIN);
            RateLimiter::keyed(Quota::per_second(at_least_one(rate)).allow_burst(at_least_one(burst)))
        });
        Self { limiters: Arc::new(limiters), behind_proxy }
    }

    /// Forgets addresses that did nothing lately.
    pub(crate) fn forget(&self) {
        self.limiters.iter().for_each(RateLimiter::retain_recent);
    }

    fn admits(&self, address: IpAddr, method: &Method) -> bool {
        let [reads, writes] = &*self.limiters;
        let limiter = if method.is_safe() { reads } else { writes };
        limiter.check_key(&subscriber(address)).is_ok()
    }
}

/// The address that the proxy added last: those before it are the client's own words.
fn forwarded(request: &Request) -> Option<IpAddr> {
    let last = request.headers().get_all("x-forwarded-for").iter().next_back()?;
    last.to_str().ok()?.rsplit(',').next()?.trim().parse().ok()
}

fn subscriber(address: IpAddr) -> IpAddr {
    match address.to_canonical() {
        IpAddr::V6(address) => Ipv6Addr::from(u128::from(address) >> 64 << 64).into(),
        address => address,
    }
}

/// Refuses what is too much for one address. An organisation that the post serves has a token, and is not held back: strangers would fill its mailbox faster than it empties it.
pub(crate) async fn throttle(
    State((throttle, post)): State<(Throttle, Post)>,
    ConnectInfo(Peer(address)): ConnectInfo<Peer>,
    request: Request,
    next: Next,
) -> Response {
    let said = throttle.behind_proxy.then(|| forwarded(&request)).flatten();
    let served = credentials::token(request.headers()).is_some_and(|token| post.serves_token(&token));
    if served || throttle.admits(said.unwrap_or(address.ip()), request.method()) {
        next.run(request).await
    } else {
        Problem::new(Code::TooManyRequests, "this network address asks too often").into_response()
    }
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used)]
    use super::*;
    use axum::body::Body;

    #[test]
    fn one_subscriber_is_held_back_and_no_other() {
        let throttle = Throttle::new(false);
        let address = |text: &str| text.parse::<IpAddr>().unwrap();
        let admitted = (0..1000).filter(|_| throttle.admits(address("192.0.2.1"), &Method::PUT)).count();
        assert!((WRITES.0 as usize..=WRITES.0 as usize + 20).contains(&admitted), "{admitted}");
        assert!(throttle.admits(address("192.0.2.1"), &Method::GET), "reading is counted apart");
        assert!(throttle.admits(address("192.0.2.2"), &Method::PUT));
        assert!(!throttle.admits(address("::ffff:192.0.2.1"), &Method::PUT), "written in the other way it is the same");
        for host in 0..1000 {
            throttle.admits(address(&format!("2001:db8::{host:x}")), &Method::PUT);
        }
        assert!(!throttle.admits(address("2001:db8::ffff"), &Method::PUT), "a subscriber has all of the network");
        assert!(throttle.admits(address("2001:db8:0:1::1"), &Method::PUT));
    }

    #[test]
    fn a_client_names_no_address_of_its_own() {
        let request = |values: &[&str]| {
            let mut request = Request::builder();
            for value in values {
                request = request.header("x-forwarded-for", *value);
            }
            request.body(Body::empty()).unwrap()
        };
        assert_eq!(forwarded(&request(&["10.0.0.1, 192.0.2.7"])), Some("192.0.2.7".parse().unwrap()));
        assert_eq!(forwarded(&request(&["10.0.0.1", "192.0.2.7"])), Some("192.0.2.7".parse().unwrap()));
        for none in [&[][..], &["unknown"], &["192.0.2.7, "]] {
            assert_eq!(forwarded(&request(none)), None);
        }
    }
}
