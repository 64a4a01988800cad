//! The post over HTTP: every route with its answers and refusals, and that its description is the committed one.

#![allow(clippy::unwrap_used)]

use axum::{
    Router,
    body::{Body, to_bytes},
    extract::ConnectInfo,
    http::{Method, Request, StatusCode, header},
};
use data_encoding::BASE64URL_NOPAD;
use rand::{Rng, SeedableRng, rngs::StdRng};
use sealroot_api::{
    connections::Peer,
    post::{PostService, openapi},
    serve::Listening,
};
use sealroot_exchange::{MailboxId, MailboxToken, link::SEALED_REQUEST};
use sealroot_post::{Limits, Post, Published};
use serde_json::Value;
use std::{
    net::SocketAddr,
    time::{Duration, SystemTime, UNIX_EPOCH},
};
use tempfile::TempDir;
use tokio::{
    io::{AsyncReadExt, AsyncWriteExt},
    net::TcpStream,
};
use tower::ServiceExt;

struct Scene {
    _directory: TempDir,
    routes: Router,
    office: MailboxToken,
    address: SocketAddr,
}

struct Answer {
    status: u16,
    headers: axum::http::HeaderMap,
    body: Vec<u8>,
}

impl Answer {
    fn json(&self) -> Value {
        serde_json::from_slice(&self.body).unwrap()
    }

    /// The code of a failure, whose document is one.
    fn code(&self) -> String {
        assert_eq!(self.headers[header::CONTENT_TYPE], "application/problem+json");
        let problem = self.json();
        assert_eq!(problem["status"], self.status);
        let told = ["type", "title", "detail", "advice"].iter().all(|name| !problem[name].as_str().unwrap().is_empty());
        assert!(told, "{problem}");
        problem["code"].as_str().unwrap().to_owned()
    }
}

impl Scene {
    async fn new() -> Self {
        let directory = tempfile::tempdir().unwrap();
        let office = MailboxToken::from_bytes(&[7; 32]);
        let post = Post::open(&directory.path().join("post"), [office.mailbox()], Limits::default()).await.unwrap();
        let published = Published(directory.path().join("published"));
        let routes = PostService::new(post, published, None, false).routes();
        Self { _directory: directory, routes, office, address: "192.0.2.1:5000".parse().unwrap() }
    }

    async fn ask(&self, method: Method, path: &str, token: Option<&MailboxToken>, body: Vec<u8>) -> Answer {
        let mut request = Request::builder().method(method).uri(path).extension(ConnectInfo(Peer(self.address)));
        if let Some(token) = token {
            request =
                request.header(header::AUTHORIZATION, format!("Bearer {}", BASE64URL_NOPAD.encode(token.expose())));
        }
        let response = self.routes.clone().oneshot(request.body(Body::from(body)).unwrap()).await.unwrap();
        let (head, body) = response.into_parts();
        let body = to_bytes(body, 1 << 20).await.unwrap().to_vec();
        // What every answer has.
        assert_eq!(head.headers["x-content-type-options"], "nosniff");
        assert!(head.headers["content-security-policy"].to_str().unwrap().contains("sandbox"));
        assert_eq!(head.headers["access-control-allow-origin"], "*");
        assert_eq!(head.headers["x-request-id"].len(), 36);
        assert!(!head.headers.contains_key(header::SET_COOKIE));
        Answer { status: head.status.as_u16(), headers: head.headers, body }
    }

    async fn get(&self, path: &str, token: Option<&MailboxToken>) -> Answer {
        self.ask(Method::GET, path, token, Vec::new()).await
    }
}

fn now() -> u64 {
    SystemTime::now().duration_since(UNIX_EPOCH).unwrap().as_secs()
}

fn envelope(to: MailboxId, seed: u64) -> Vec<u8> {
    let header = format!(
        r#"{{"expiry":"{}","key":"0x{}","mailbox":"{to}","suite":"sealroot-bn254-poseidon-groth16/1","version":1}}"#,
        now() + 60,
        "11".repeat(16)
    );
    let mut sealed = vec![0; 32 + 1024 + 16];
    StdRng::seed_from_u64(seed).fill_bytes(&mut sealed);
    [&(header.len() as u16).to_be_bytes()[..], header.as_bytes(), &sealed].concat()
}

#[tokio::test]
async fn an_envelope_goes_from_its_sender_to_its_recipient() {
    let scene = Scene::new().await;
    let token = MailboxToken::from_bytes(&[1; 32]);
    let opened = scene.ask(Method::PUT, "/v1/mailbox", Some(&token), Vec::new()).await;
    assert_eq!((opened.status, opened.json()["mailbox"].as_str()), (200, Some(token.mailbox().to_string().as_str())));
    let path = format!("/v1/mailboxes/{}/envelopes", token.mailbox());
    let bytes = envelope(token.mailbox(), 1);
    for _ in 0..2 {
        assert_eq!(scene.ask(Method::POST, &path, None, bytes.clone()).await.status, 200);
    }
    let listed = scene.get(&format!("{path}?after=0&wait=1"), Some(&token)).await;
    assert_eq!(listed.headers[header::CACHE_CONTROL], "no-store");
    let listed = listed.json();
    assert_eq!((listed.as_array().unwrap().len(), listed[0]["size"].as_u64()), (1, Some(bytes.len() as u64)));
    let one = format!("{path}/{}", listed[0]["id"].as_str().unwrap());
    let taken = scene.get(&one, Some(&token)).await;
    assert_eq!(
        (taken.body, &taken.headers[header::CONTENT_TYPE]),
        (bytes, &"application/octet-stream".parse().unwrap())
    );
    for _ in 0..2 {
        assert_eq!(scene.ask(Method::DELETE, &one, Some(&token), Vec::new()).await.status, 204);
    }
    assert_eq!(scene.get(&one, Some(&token)).await.code(), "no-envelope");
    assert_eq!(scene.ask(Method::DELETE, "/v1/mailbox", Some(&token), Vec::new()).await.status, 204);
    assert_eq!(scene.get(&path, Some(&token)).await.code(), "no-mailbox");
}

#[tokio::test]
async fn a_request_is_put_by_an_office_and_fetched_by_anybody() {
    let scene = Scene::new().await;
    let id = format!("/v1/requests/0x{}", "03".repeat(32));
    let put = format!("{id}?until={}", now() + 60);
    let sealed = vec![1; SEALED_REQUEST];
    let stranger = MailboxToken::from_bytes(&[8; 32]);
    assert_eq!(scene.ask(Method::PUT, &put, None, sealed.clone()).await.code(), "token-missing");
    let refused = scene.ask(Method::PUT, &put, Some(&stranger), sealed.clone()).await;
    assert_eq!((refused.status, refused.code().as_str()), (403, "not-your-mailbox"));
    assert_eq!(scene.get(&id, None).await.code(), "no-sealed-request");
    assert_eq!(scene.ask(Method::PUT, &put, Some(&scene.office), sealed.clone()).await.status, 204);
    let other = scene.ask(Method::PUT, &put, Some(&scene.office), vec![2; SEALED_REQUEST]).await;
    assert_eq!((other.status, other.code().as_str()), (409, "sealed-request-exists"));
    assert_eq!(scene.get(&id, None).await.body, sealed);
    let mailbox = format!("/v1/mailbox?request=0x{}", "03".repeat(32));
    assert_eq!(scene.ask(Method::PUT, &mailbox, Some(&stranger), Vec::new()).await.status, 200);
    assert_eq!(scene.ask(Method::DELETE, &id, Some(&scene.office), Vec::new()).await.status, 204);
    assert_eq!(scene.get(&id, None).await.code(), "no-sealed-request");
}

/// Method, path, token, body; status and code of the answer.
type Wrong<'a> = (Method, String, Option<&'a MailboxToken>, Vec<u8>, u16, &'static str);

/// Whatever is asked wrongly is a problem document, and no failure of the service.
#[tokio::test]
async fn every_wrong_question_is_answered_in_one_form() {
    let scene = Scene::new().await;
    let token = MailboxToken::from_bytes(&[1; 32]);
    let own = format!("/v1/mailboxes/{}/envelopes", token.mailbox());
    let unopened = envelope(token.mailbox(), 1);
    let cases: Vec<Wrong<'_>> = vec![
        (Method::GET, "/v1/nothing".into(), None, vec![], 404, "no-route"),
        (Method::PATCH, "/v1/mailbox".into(), Some(&token), vec![], 405, "no-route"),
        (Method::PUT, "/v1/mailbox".into(), None, vec![], 401, "token-missing"),
        (Method::PUT, "/v1/mailbox?request=1".into(), Some(&token), vec![], 400, "bad-question"),
        (Method::PUT, "/v1/mailbox?unknown=1".into(), Some(&token), vec![], 400, "bad-question"),
        (Method::GET, "/v1/mailboxes/7/envelopes".into(), Some(&token), vec![], 400, "bad-question"),
        (
            Method::GET,
            own.to_uppercase().replace("/V1/MAILBOXES/0X", "/v1/mailboxes/0x").replace("/ENVELOPES", "/envelopes"),
            Some(&token),
            vec![],
            400,
            "bad-question",
        ),
        (Method::GET, format!("{own}?after=-1"), Some(&token), vec![], 400, "bad-question"),
        (Method::GET, own.clone(), None, vec![], 401, "token-missing"),
        (Method::GET, own.clone(), Some(&scene.office), vec![], 403, "not-your-mailbox"),
        (Method::GET, own.clone(), Some(&token), vec![], 404, "no-mailbox"),
        (Method::POST, own.clone(), None, vec![], 400, "bad-envelope"),
        (Method::POST, own.clone(), None, unopened, 404, "no-mailbox"),
        (Method::POST, own.clone(), None, vec![0; 262_145], 413, "request-too-large"),
        (Method::GET, "/v1/cards/agency/tax-office".into(), None, vec![], 404, "no-card"),
        (Method::GET, "/v1/cards/post/tax-office".into(), None, vec![], 400, "bad-question"),
        (Method::GET, "/v1/programs/heating-allowance".into(), None, vec![], 404, "not-published"),
        (Method::GET, "/v1/programs/..%2Fpost".into(), None, vec![], 400, "bad-question"),
        (Method::GET, format!("/v1/policies/0x{}", "00".repeat(32)), None, vec![], 404, "not-published"),
        (Method::POST, "/v1/evidence".into(), None, b"{}".to_vec(), 400, "bad-document"),
        (Method::PUT, "/v1/cards".into(), Some(&token), vec![], 503, "post-without-chain"),
    ];
    for (method, path, token, body, status, code) in cases {
        let answer = scene.ask(method.clone(), &path, token, body).await;
        assert_eq!((answer.status, answer.code().as_str()), (status, code), "{method} {path}");
    }
    for wrong in ["", "Bearer", "Bearer x", "Basic AQEBAQEBAQEBAQEBAQEBAQEBAQEBAQEBAQEBAQEBAQE"] {
        let request = Request::builder().method("PUT").uri("/v1/mailbox").header(header::AUTHORIZATION, wrong);
        let request = request.extension(ConnectInfo(Peer(scene.address))).body(Body::empty()).unwrap();
        let refused = scene.routes.clone().oneshot(request).await.unwrap();
        assert_eq!(refused.status(), StatusCode::UNAUTHORIZED, "{wrong}");
        assert_eq!(refused.headers()[header::WWW_AUTHENTICATE], "Bearer");
    }
}

#[tokio::test]
async fn an_address_that_asks_too_often_waits() {
    let scene = Scene::new().await;
    let token = MailboxToken::from_bytes(&[1; 32]);
    let mut refused = None;
    for _ in 0..200 {
        let answer = scene.ask(Method::PUT, "/v1/mailbox", Some(&token), Vec::new()).await;
        if answer.status != 200 {
            refused = Some(answer);
            break;
        }
    }
    let refused = refused.unwrap();
    assert_eq!((refused.status, refused.code().as_str()), (429, "too-many-requests"));
    assert_eq!(refused.headers[header::RETRY_AFTER], "5");
    // An organisation that the post serves empties its mailbox as fast as it can.
    for _ in 0..200 {
        assert_eq!(scene.ask(Method::PUT, "/v1/mailbox", Some(&scene.office), Vec::new()).await.status, 200);
    }
    // Whether the service lives isn't counted.
    for path in ["/livez", "/readyz"].repeat(200) {
        assert_eq!(scene.get(path, None).await.status, 204);
    }
}

/// Over a socket: answers, and ends when it is told to, also where somebody waits.
#[tokio::test(flavor = "multi_thread")]
async fn it_listens_until_it_is_told_to_end() {
    let scene = Scene::new().await;
    let token = MailboxToken::from_bytes(&[1; 32]);
    scene.ask(Method::PUT, "/v1/mailbox", Some(&token), Vec::new()).await;
    let listening = Listening::at("127.0.0.1:0".parse().unwrap(), scene.routes.clone()).await.unwrap();
    let address = listening.address().unwrap();
    let (end, ended) = tokio::sync::oneshot::channel::<()>();
    let serving = tokio::spawn(listening.until(async { ended.await.unwrap() }));
    let question = |path: &str| {
        let token = BASE64URL_NOPAD.encode(token.expose());
        format!("GET {path} HTTP/1.1\r\nHost: post\r\nAuthorization: Bearer {token}\r\nConnection: close\r\n\r\n")
    };
    let mut one = TcpStream::connect(address).await.unwrap();
    one.write_all(question("/livez").as_bytes()).await.unwrap();
    let mut answer = String::new();
    one.read_to_string(&mut answer).await.unwrap();
    assert!(answer.starts_with("HTTP/1.1 204"), "{answer}");
    let mut waiting = TcpStream::connect(address).await.unwrap();
    let path = format!("/v1/mailboxes/{}/envelopes?wait=55", token.mailbox());
    waiting.write_all(question(&path).as_bytes()).await.unwrap();
    tokio::time::sleep(Duration::from_millis(200)).await;
    end.send(()).unwrap();
    tokio::time::timeout(Duration::from_secs(30), serving).await.unwrap().unwrap().unwrap();
    assert!(TcpStream::connect(address).await.is_err());
}

/// `SEALROOT_WRITE=1` writes it.
#[tokio::test]
async fn the_description_is_the_committed_one() {
    let file = concat!(env!("CARGO_MANIFEST_DIR"), "/../docs/spec/openapi/post.json");
    let mut text = serde_json::to_string_pretty(&openapi()).unwrap();
    text.push('\n');
    if std::env::var_os("SEALROOT_WRITE").is_some() {
        std::fs::write(file, &text).unwrap();
    }
    assert!(std::fs::read_to_string(file).unwrap() == text, "SEALROOT_WRITE=1 writes docs/spec/openapi/post.json");
    let scene = Scene::new().await;
    assert_eq!(scene.get("/openapi.json", None).await.json(), serde_json::to_value(openapi()).unwrap());
    assert_eq!(serde_json::to_value(openapi()).unwrap()["openapi"], "3.1.0");
}
