//! Listening, and ending.

use crate::connections::{Bounded, Peer};
use axum::Router;
use std::{
    future::{Future, IntoFuture},
    io,
    net::SocketAddr,
    time::Duration,
};
use tokio::net::TcpListener;

/// How long what was begun is waited for.
const PATIENCE: Duration = Duration::from_secs(10);

/// A service that listens.
pub struct Listening {
    listener: TcpListener,
    routes: Router,
}

impl Listening {
    /// Listens at an address; port 0 takes any free one.
    pub async fn at(address: SocketAddr, routes: Router) -> io::Result<Self> {
        Ok(Self { listener: TcpListener::bind(address).await?, routes })
    }

    /// Where it listens.
    pub fn address(&self) -> io::Result<SocketAddr> {
        self.listener.local_addr()
    }

    /// Answers until `end` comes. What was begun by then is answered, but for those who only wait for something to come.
    pub async fn until(self, end: impl Future<Output = ()> + Send) -> io::Result<()> {
        let (told, ending) = tokio::sync::watch::channel(false);
        let ended = |mut ending: tokio::sync::watch::Receiver<bool>| async move {
            // An error says that this is gone, and then it ends as well.
            let _ = ending.wait_for(|ended| *ended).await;
        };
        let service = self.routes.into_make_service_with_connect_info::<Peer>();
        let served = axum::serve(Bounded::new(self.listener), service).with_graceful_shutdown(ended(ending.clone()));
        let patience = async {
            end.await;
            let _ = told.send(true);
            tokio::time::sleep(PATIENCE).await;
        };
        tokio::select! {
            served = served.into_future() => served,
            () = patience => Ok(()),
        }
    }
}
