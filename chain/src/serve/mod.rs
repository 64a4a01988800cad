//! The embedded chain as a JSON-RPC node (Ethereum's execution API, EIP-1474), so that several processes and foreign tools share it.
//!
//! Guarantees: what is shown is recomputed from the file before it is shown, as everywhere; a transaction is answered once it is in a block on disk; body, batch, range,
//! answers and requests in progress are bounded, and a client beyond is told so by a standard error. Only contracts' acts are taken, so a stranger who reaches the
//! port can read what is public, and write nothing.
//! Non-guarantee: nothing here is encrypted. Readers check seals and proofs; beyond the own machine put a proxy with TLS in front.

mod accounts;
mod arguments;
mod blocks;
mod error;
mod logs;
mod methods;
mod submit;
mod views;

use crate::embedded::EmbeddedChain;
use error::RpcError;
use jsonrpsee::server::{
    BatchRequestConfig, ServerBuilder, ServerConfig, ServerHandle,
    middleware::http::{Authority, HostFilterLayer},
    serve_with_graceful_shutdown, stop_channel,
};
use sealroot_protocol::{
    code::{Code, Coded},
    printable::quoted,
};
use std::{
    io,
    net::{IpAddr, SocketAddr},
    sync::Arc,
    time::Duration,
};
use tokio::{
    net::TcpListener,
    sync::{Semaphore, SemaphorePermit},
    task::JoinHandle,
};
use tokio_io_timeout::TimeoutStream;
use views::Views;

/// Bytes of a request.
pub const MAX_BODY: u32 = 1 << 20;
/// Bytes of an answer.
pub const MAX_ANSWER: u32 = 16 << 20;
/// Requests of a batch.
pub const MAX_BATCH: u32 = 100;
/// Connections at a time.
pub const MAX_CONNECTIONS: u32 = 256;
/// Requests that are worked on or wait, at a time.
pub const MAX_IN_PROGRESS: usize = 512;
/// Blocks that one question for events may span.
pub const MAX_RANGE: u64 = 10_000;
/// Events of one answer.
pub const MAX_LOGS: usize = 10_000;
/// Seconds after which an empty block is sealed, so that readers can tell a quiet chain from one that is kept from them.
pub const HEARTBEAT: u64 = 540;

/// How long a client may say nothing, or take nothing, in the middle of a request or between two.
pub const SILENCE: Duration = Duration::from_secs(60);
/// Between two looks for connections where no file can be opened.
const PAUSE: Duration = Duration::from_millis(100);

/// How often the heartbeat looks at the clock.
const LOOK: Duration = Duration::from_secs(15);

/// Why a chain can't be served.
#[derive(Debug, thiserror::Error)]
pub enum ServeError {
    /// The address can't be listened on.
    #[error("can't listen on {address}: {source}")]
    Listen {
        /// Which one.
        address: SocketAddr,
        /// Why.
        source: io::Error,
    },
    /// A name that no client can send.
    #[error("{} is no host name with or without a port", quoted(.0))]
    Host(String),
    /// Two methods of one name.
    #[error("the node's methods can't be registered: {0}")]
    Methods(String),
}

impl Coded for ServeError {
    fn code(&self) -> Code {
        match self {
            Self::Listen { .. } | Self::Methods(_) => Code::CannotListen,
            Self::Host(_) => Code::BadHostName,
        }
    }
}

/// What a node shows, and how much at a time.
pub(crate) struct Node {
    chain: EmbeddedChain,
    views: Views,
    in_progress: Semaphore,
}

impl Node {
    /// A place among the requests in progress, or the standard error that there is none.
    fn admit(&self) -> Result<SemaphorePermit<'_>, RpcError> {
        self.in_progress.try_acquire().map_err(|_| RpcError::Limit("too many requests are in progress".into()))
    }
}

/// A chain that is being served.
pub struct Served {
    address: SocketAddr,
    server: ServerHandle,
    heartbeat: JoinHandle<()>,
}

impl Served {
    /// Where it listens: with the port that was found where port 0 was asked for.
    pub fn address(&self) -> SocketAddr {
        self.address
    }

    /// Ends the service: what is in progress is answered, and the chain is no longer held when this returns.
    pub async fn stop(self) {
        self.heartbeat.abort();
        let _ = self.heartbeat.await;
        // An error says that it has stopped already.
        let _ = self.server.stop();
        self.server.stopped().await;
    }
}

/// Serves a chain at an address until it is stopped. `hosts` are names beside the address under which clients may ask for it: a web page that has its own name lead here
/// (DNS rebinding) is refused.
pub async fn serve(chain: EmbeddedChain, listen: SocketAddr, hosts: &[String]) -> Result<Served, ServeError> {
    let failed = |source| ServeError::Listen { address: listen, source };
    let listener = TcpListener::bind(listen).await.map_err(failed)?;
    let address = listener.local_addr().map_err(failed)?;
    let config = ServerConfig::builder()
        .http_only()
        .max_request_body_size(MAX_BODY)
        .max_response_body_size(MAX_ANSWER)
        .max_connections(MAX_CONNECTIONS)
        .set_batch_request_config(BatchRequestConfig::Limit(MAX_BATCH))
        .build();
    let filter = HostFilterLayer::new(allowed(address, hosts)?).map_err(|e| ServeError::Methods(e.to_string()))?;
    let service = ServerBuilder::with_config(config)
        .set_http_middleware(tower::ServiceBuilder::new().layer(filter))
        .to_service_builder();
    let node = Node { chain: chain.clone(), views: Views::default(), in_progress: Semaphore::new(MAX_IN_PROGRESS) };
    let methods = methods::methods(node).map_err(|error| ServeError::Methods(error.to_string()))?;
    let heartbeat = tokio::spawn(beat(chain));
    let (stop, server) = stop_channel();
    tokio::spawn(async move {
        let connections = Arc::new(Semaphore::new(MAX_CONNECTIONS as usize));
        loop {
            let accepted = tokio::select! {
                accepted = listener.accept() => accepted,
                () = stop.clone().shutdown() => break,
            };
            let Ok((stream, _)) = accepted else {
                // Too many files are open: connections have to end first.
                tokio::time::sleep(PAUSE).await;
                continue;
            };
            // One too many is closed at once.
            let Ok(place) = connections.clone().try_acquire_owned() else { continue };
            let mut stream = TimeoutStream::new(stream);
            stream.set_read_timeout(Some(SILENCE));
            stream.set_write_timeout(Some(SILENCE));
            let (stop, service) = (stop.clone(), service.clone().build(methods.clone(), stop.clone()));
            tokio::spawn(async move {
                if let Err(error) = serve_with_graceful_shutdown(Box::pin(stream), service, stop.shutdown()).await {
                    tracing::debug!(%error, "a connection ended");
                }
                drop(place);
            });
        }
    });
    Ok(Served { address, server, heartbeat })
}

/// The names that a client may have asked for.
fn allowed(address: SocketAddr, hosts: &[String]) -> Result<Vec<String>, ServeError> {
    let port = address.port();
    let mut names = vec![address.to_string()];
    if address.ip().is_loopback() || address.ip().is_unspecified() {
        names.extend(["localhost", "127.0.0.1", "[::1]"].map(|name| format!("{name}:{port}")));
    }
    if let IpAddr::V4(ip) = address.ip()
        && port == 80
    {
        names.push(ip.to_string());
    }
    let named = hosts.iter().map(|host| host.to_ascii_lowercase());
    names.extend(
        named.flat_map(|host| if host.contains(':') { vec![host] } else { vec![format!("{host}:{port}"), host] }),
    );
    match names.iter().find(|name| Authority::try_from(name.as_str()).is_err()) {
        Some(name) => Err(ServeError::Host(name.clone())),
        None => Ok(names),
    }
}

/// Seals an empty block whenever the head is older than [`HEARTBEAT`].
async fn beat(chain: EmbeddedChain) {
    loop {
        match chain.beat(HEARTBEAT).await {
            Ok(None) => {}
            Ok(Some(block)) => tracing::debug!(number = block.number, "heartbeat"),
            Err(error) => tracing::warn!(%error, "no heartbeat: readers will take the chain for an old one"),
        }
        tokio::time::sleep(LOOK).await;
    }
}
