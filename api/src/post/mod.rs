//! The post's routes: mailboxes, sealed requests, cards, what is published, evidence. All are anonymous: a mailbox's token is the only credential.

mod mailboxes;
mod public;
mod requests;

use crate::{
    conventions,
    problem::Problem,
    throttle::{self, Throttle},
};
use axum::{Json, Router, extract::State, http::StatusCode, middleware};
use sealroot_chain::AnyChain;
use sealroot_exchange::envelope::MAX_ENVELOPE;
use sealroot_post::{Post, Published};
use sealroot_protocol::code::Code;
use std::{
    sync::Arc,
    time::{Duration, SystemTime, UNIX_EPOCH},
};
use tokio::sync::{Semaphore, SemaphorePermit};
use utoipa::openapi::{
    ComponentsBuilder, Contact, InfoBuilder, License, OpenApi, OpenApiBuilder,
    security::{HttpAuthScheme, HttpBuilder, SecurityScheme},
};
use utoipa_axum::{router::OpenApiRouter, routes};

/// Questions to the chain at a time: each reads and proves a dozen entries.
const CHAIN_QUESTIONS: usize = 8;
/// Between two sweeps.
const SWEEP: Duration = Duration::from_secs(3600);

/// What the routes work on. Clones share it.
#[derive(Clone)]
pub struct PostService {
    post: Post,
    published: Published,
    chain: Option<Arc<AnyChain>>,
    questions: Arc<Semaphore>,
    throttle: Throttle,
}

impl PostService {
    /// A post with what is published, and the chain that it asks, if it has one. `behind_proxy`: a proxy in front adds whose request it is (`X-Forwarded-For`).
    pub fn new(post: Post, published: Published, chain: Option<AnyChain>, behind_proxy: bool) -> Self {
        Self {
            post,
            published,
            chain: chain.map(Arc::new),
            questions: Arc::new(Semaphore::new(CHAIN_QUESTIONS)),
            throttle: Throttle::new(behind_proxy),
        }
    }

    /// Its routes.
    pub fn routes(&self) -> Router {
        let (routes, document) = documented().with_state(self.clone()).split_for_parts();
        let document = Arc::new(document);
        let routes = routes
            .route("/openapi.json", axum::routing::get(async move || Json(document.as_ref().clone())))
            .layer(middleware::from_fn_with_state((self.throttle.clone(), self.post.clone()), throttle::throttle));
        let health = Router::new()
            .route("/livez", axum::routing::get(async || StatusCode::NO_CONTENT))
            .route("/readyz", axum::routing::get(ready))
            .with_state(self.clone());
        conventions::common(routes.merge(health), MAX_ENVELOPE)
    }

    /// Sweeps away what has expired, for ever.
    pub async fn sweep(self) {
        loop {
            match self.post.sweep(now()).await {
                Ok(swept) => tracing::info!(swept.envelopes, swept.mailboxes, swept.requests, "swept"),
                Err(error) => tracing::error!(%error, "what has expired is still there"),
            }
            self.throttle.forget();
            tokio::time::sleep(SWEEP).await;
        }
    }

    async fn chain(&self) -> Result<(&AnyChain, SemaphorePermit<'_>), Problem> {
        let none = || Problem::new(Code::PostWithoutChain, "this post has no chain to ask");
        let chain = self.chain.as_deref().ok_or_else(none)?;
        let place = self.questions.try_acquire();
        Ok((chain, place.map_err(|_| Problem::new(Code::TooManyRequests, "too many ask about the chain"))?))
    }
}

/// The routes' description (OpenAPI 3.1).
pub fn openapi() -> OpenApi {
    documented().into_openapi()
}

fn documented() -> OpenApiRouter<PostService> {
    let info = InfoBuilder::new()
        .title("Sealroot post")
        .version("1")
        .description(Some("Sealed envelopes in mailboxes, sealed requests behind links, service cards, published laws, and evidence. The post opens nothing. Formats: docs/spec/exchange.md."))
        .license(Some(License::new("Apache-2.0")))
        .contact(None::<Contact>)
        .build();
    let token = SecurityScheme::Http(
        HttpBuilder::new().scheme(HttpAuthScheme::Bearer).bearer_format("base64url, 32 bytes").build(),
    );
    let components = ComponentsBuilder::new().security_scheme("mailbox", token).build();
    OpenApiRouter::with_openapi(OpenApiBuilder::new().info(info).components(Some(components)).build())
        .routes(routes!(mailboxes::open))
        .routes(routes!(mailboxes::close))
        .routes(routes!(mailboxes::list, mailboxes::put))
        .routes(routes!(mailboxes::take, mailboxes::acknowledge))
        .routes(routes!(requests::put, requests::fetch, requests::withdraw))
        .routes(routes!(public::put_card, public::card))
        .routes(routes!(public::program))
        .routes(routes!(public::policy))
        .routes(routes!(public::evidence))
}

async fn ready(State(service): State<PostService>) -> Result<StatusCode, Problem> {
    service.post.check().await?;
    Ok(StatusCode::NO_CONTENT)
}

/// The machine's time, Unix seconds.
fn now() -> u64 {
    SystemTime::now().duration_since(UNIX_EPOCH).map_or(0, |elapsed| elapsed.as_secs())
}
