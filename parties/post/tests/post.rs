//! What a post promises, and what it refuses. Its envelopes are of the right form and open to nobody: it opens none.

#![allow(clippy::unwrap_used)]

use rand::{Rng, SeedableRng, rngs::StdRng};
use sealroot_exchange::{EnvelopeId, MailboxId, MailboxToken, link::SEALED_REQUEST};
use sealroot_post::{Limits, Post, PostError, Swept, Waiting, limits};
use sealroot_protocol::{
    code::{Code, Coded},
    field::Digest,
};
use sha2::{Digest as _, Sha256};
use sqlx::{Connection, SqliteConnection, sqlite::SqliteConnectOptions};
use std::{fs, path::Path, time::Duration};
use tempfile::TempDir;

/// 2026-11-10, 12:00 UTC.
const NOW: u64 = 1_794_312_000;

struct Scene {
    directory: TempDir,
    post: Post,
    office: MailboxToken,
    random: StdRng,
}

impl Scene {
    async fn new() -> Self {
        Self::with(Limits::default()).await
    }

    async fn with(limits: Limits) -> Self {
        let directory = tempfile::tempdir().unwrap();
        let office = MailboxToken::from_bytes(&[7; 32]);
        let post = Post::open(directory.path(), [office.mailbox()], limits).await.unwrap();
        Self { directory, post, office, random: StdRng::seed_from_u64(17) }
    }

    fn token(&mut self) -> MailboxToken {
        MailboxToken::random(&mut self.random)
    }

    /// A mailbox of an applicant's, opened.
    async fn opened(&mut self) -> MailboxToken {
        let token = self.token();
        self.post.open_mailbox(&token, None, NOW).await.unwrap();
        token
    }

    fn envelope(&mut self, to: MailboxId, expiry: u64, bucket: usize) -> Vec<u8> {
        let header = format!(
            r#"{{"expiry":"{expiry}","key":"0x{}","mailbox":"{to}","suite":"sealroot-bn254-poseidon-groth16/1","version":1}}"#,
            "11".repeat(16)
        );
        let mut sealed = vec![0; 32 + bucket + 16];
        self.random.fill_bytes(&mut sealed);
        [&(header.len() as u16).to_be_bytes()[..], header.as_bytes(), &sealed].concat()
    }

    async fn put(&mut self, to: &MailboxToken) -> EnvelopeId {
        let bytes = self.envelope(to.mailbox(), NOW + 60, 1024);
        self.post.put(to.mailbox(), &bytes, NOW).await.unwrap()
    }

    async fn listed(&self, token: &MailboxToken, now: u64) -> Vec<EnvelopeId> {
        let listed = self.post.list(token.mailbox(), token, 0, Waiting::seconds(0), now).await.unwrap();
        listed.into_iter().map(|envelope| envelope.id).collect()
    }
}

fn code<T>(answer: Result<T, PostError>) -> Code {
    answer.err().unwrap().code()
}

#[tokio::test]
async fn an_envelope_lies_there_until_its_owner_has_it() {
    let mut scene = Scene::new().await;
    // Places count one mailbox, so that nobody learns from them what comes into others.
    let other = scene.opened().await;
    scene.put(&other).await;
    let token = scene.opened().await;
    let mailbox = token.mailbox();
    let bytes = scene.envelope(mailbox, NOW + 60, 16_384);
    let id = scene.post.put(mailbox, &bytes, NOW).await.unwrap();
    assert_eq!(id.0.0, <[u8; 32]>::from(Sha256::digest(&bytes)));
    let second = scene.put(&token).await;
    // Put twice it is one message, in its first place.
    assert_eq!(scene.post.put(mailbox, &bytes, NOW).await.unwrap(), id);
    let listed = scene.post.list(mailbox, &token, 0, Waiting::seconds(0), NOW).await.unwrap();
    assert_eq!(listed.iter().map(|envelope| envelope.id).collect::<Vec<_>>(), [id, second]);
    assert_eq!((listed[0].place, listed[0].size, listed[0].expiry), (1, bytes.len() as u64, NOW + 60));
    let rest = scene.post.list(mailbox, &token, listed[0].place, Waiting::seconds(0), NOW).await.unwrap();
    assert_eq!(rest, listed[1..]);
    assert_eq!(scene.post.take(mailbox, &token, id, NOW).await.unwrap(), bytes);
    assert_eq!(scene.listed(&token, NOW).await, [id, second], "reading takes nothing away");
    for _ in 0..2 {
        scene.post.acknowledge(mailbox, &token, id, NOW).await.unwrap();
        assert_eq!(scene.listed(&token, NOW).await, [second]);
    }
    assert_eq!(code(scene.post.take(mailbox, &token, id, NOW).await), Code::NoEnvelope);
    scene.post.close_mailbox(&token).await.unwrap();
    assert_eq!(code(scene.post.put(mailbox, &bytes, NOW).await), Code::NoMailbox);
    // Opened again it is another one, with nothing in it.
    scene.post.open_mailbox(&token, None, NOW).await.unwrap();
    assert!(scene.listed(&token, NOW).await.is_empty());
}

/// What everybody knows, a mailbox's id, opens nothing.
#[tokio::test]
async fn without_the_token_nothing_is_read_counted_or_removed() {
    let mut scene = Scene::new().await;
    let (token, other) = (scene.opened().await, scene.opened().await);
    let (mailbox, id) = (token.mailbox(), scene.put(&token).await);
    let Scene { post, office, .. } = &scene;
    for wrong in [&other, office, &MailboxToken::from_bytes(&mailbox.0.0)] {
        assert_eq!(code(post.list(mailbox, wrong, 0, Waiting::seconds(9), NOW).await), Code::NotYourMailbox);
        assert_eq!(code(post.take(mailbox, wrong, id, NOW).await), Code::NotYourMailbox);
        assert_eq!(code(post.acknowledge(mailbox, wrong, id, NOW).await), Code::NotYourMailbox);
        // Nor is it in the mailbox that this token reads, if it reads one.
        let elsewhere = code(post.take(wrong.mailbox(), wrong, id, NOW).await);
        assert!(matches!(elsewhere, Code::NoEnvelope | Code::NoMailbox));
    }
    post.acknowledge(other.mailbox(), &other, id, NOW).await.unwrap();
    assert_eq!(scene.listed(&token, NOW).await, [id]);
}

#[tokio::test]
async fn only_envelopes_for_an_open_mailbox_are_taken() {
    let mut scene = Scene::new().await;
    let (token, closed) = (scene.opened().await, scene.token());
    let mailbox = token.mailbox();
    let good = scene.envelope(mailbox, NOW + 60, 1024);
    let mut long = good.clone();
    long.push(0);
    let cases = [
        (mailbox, scene.envelope(closed.mailbox(), NOW + 60, 1024), Code::EnvelopeOfAnother),
        (closed.mailbox(), scene.envelope(closed.mailbox(), NOW + 60, 1024), Code::NoMailbox),
        (mailbox, scene.envelope(mailbox, NOW - 1, 1024), Code::EnvelopeExpired),
        (mailbox, scene.envelope(mailbox, NOW + limits::ENVELOPE_LIFETIME + 1, 1024), Code::EnvelopeExpiry),
        (mailbox, scene.envelope(mailbox, NOW + 60, 1025), Code::BadEnvelope),
        (mailbox, good[..good.len() - 1].to_vec(), Code::BadEnvelope),
        (mailbox, long, Code::BadEnvelope),
        (mailbox, Vec::new(), Code::BadEnvelope),
        (mailbox, vec![0; 262_145], Code::EnvelopeTooLarge),
    ];
    for (to, bytes, expected) in cases {
        assert_eq!(code(scene.post.put(to, &bytes, NOW).await), expected);
    }
    assert!(scene.listed(&token, NOW).await.is_empty());
    scene.post.put(mailbox, &good, NOW).await.unwrap();
}

#[tokio::test]
async fn a_mailbox_takes_so_much_and_no_more() {
    let mut scene = Scene::new().await;
    let token = scene.opened().await;
    let mut ids = Vec::new();
    for _ in 0..limits::Holds::Anybody.envelopes() {
        ids.push(scene.put(&token).await);
    }
    let more = scene.envelope(token.mailbox(), NOW + 60, 1024);
    assert_eq!(code(scene.post.put(token.mailbox(), &more, NOW).await), Code::MailboxFull);
    scene.post.acknowledge(token.mailbox(), &token, ids[0], NOW).await.unwrap();
    scene.post.put(token.mailbox(), &more, NOW).await.unwrap();

    let large = scene.opened().await;
    for n in 0..9 {
        let bytes = scene.envelope(large.mailbox(), NOW + 60, 261_120);
        let put = scene.post.put(large.mailbox(), &bytes, NOW).await;
        if n < 8 { put.map(drop).unwrap() } else { assert_eq!(code(put), Code::MailboxFull) }
    }
    let mut small = Scene::with(Limits { bytes: 150_000, mailboxes: 2, ..Limits::default() }).await;
    let token = small.opened().await;
    small.put(&token).await;
    let bytes = small.envelope(token.mailbox(), NOW + 60, 131_072);
    assert_eq!(code(small.post.put(token.mailbox(), &bytes, NOW).await), Code::PostFull);
    small.opened().await;
    let third = small.token();
    assert_eq!(code(small.post.open_mailbox(&third, None, NOW).await), Code::PostFull);
}

/// What anybody opened can't keep an applicant from an answer.
#[tokio::test]
async fn a_live_request_has_mailboxes_set_aside() {
    let mut scene = Scene::with(Limits { mailboxes: 0, ..Limits::default() }).await;
    let id = Digest([3; 32]);
    let token = scene.token();
    assert_eq!(code(scene.post.open_mailbox(&token, None, NOW).await), Code::PostFull);
    assert_eq!(code(scene.post.open_mailbox(&token, Some(id), NOW).await), Code::NoSealedRequest);
    scene.post.put_request(&scene.office, id, &[1; SEALED_REQUEST], NOW + 60, NOW).await.unwrap();
    scene.post.open_mailbox(&token, Some(id), NOW).await.unwrap();
    for _ in 1..limits::MAILBOXES_OF_A_REQUEST {
        let token = scene.token();
        scene.post.open_mailbox(&token, Some(id), NOW).await.unwrap();
    }
    let one_more = scene.token();
    assert_eq!(code(scene.post.open_mailbox(&one_more, Some(id), NOW).await), Code::MailboxFull);
    // Opening again is no further one, and outlives the request.
    scene.post.open_mailbox(&token, Some(id), NOW).await.unwrap();
    scene.post.open_mailbox(&token, None, NOW + 61).await.unwrap();
    assert_eq!(code(scene.post.open_mailbox(&one_more, Some(id), NOW + 61).await), Code::NoSealedRequest);
}

/// Nor can what strangers put into their own mailboxes, or into organisations', keep an answer out.
#[tokio::test]
async fn each_kind_of_mailbox_has_a_share_of_its_own() {
    let mut scene = Scene::with(Limits { bytes: 40_000, ..Limits::default() }).await;
    let id = Digest([3; 32]);
    scene.post.put_request(&scene.office, id, &[1; SEALED_REQUEST], NOW + 60, NOW).await.unwrap();
    let (stranger, applicant, office) = (scene.opened().await, scene.token(), scene.office.clone());
    scene.post.open_mailbox(&applicant, Some(id), NOW).await.unwrap();
    for (token, least, most) in [(&stranger, 6, 8), (&office, 12, 16), (&applicant, 6, 8)] {
        let mut put = 0;
        loop {
            let bytes = scene.envelope(token.mailbox(), NOW + 60, 1024);
            match scene.post.put(token.mailbox(), &bytes, NOW).await {
                Ok(_) => put += 1,
                Err(error) => break assert_eq!(error.code(), Code::PostFull),
            }
        }
        assert!((least..=most).contains(&put), "{put}");
    }
}

#[tokio::test]
async fn a_request_is_one_offices_until_it_expires() {
    let scene = Scene::new().await;
    let Scene { post, office, .. } = &scene;
    let (id, sealed) = (Digest([3; 32]), vec![1; SEALED_REQUEST]);
    let stranger = MailboxToken::from_bytes(&[8; 32]);
    assert_eq!(code(post.put_request(&stranger, id, &sealed, NOW + 60, NOW).await), Code::NotYourMailbox);
    assert_eq!(code(post.put_request(office, id, &sealed[1..], NOW + 60, NOW).await), Code::BadSealedRequest);
    for until in [NOW - 1, NOW + limits::REQUEST_LIFETIME + 1] {
        assert_eq!(code(post.put_request(office, id, &sealed, until, NOW).await), Code::BadSealedRequest);
    }
    assert_eq!(code(post.request(id, NOW).await), Code::NoSealedRequest);
    for _ in 0..2 {
        post.put_request(office, id, &sealed, NOW + 60, NOW).await.unwrap();
    }
    assert_eq!(
        code(post.put_request(office, id, &[2; SEALED_REQUEST], NOW + 60, NOW).await),
        Code::SealedRequestExists
    );
    assert_eq!(post.request(id, NOW + 60).await.unwrap(), sealed);
    assert_eq!(code(post.request(id, NOW + 61).await), Code::NoSealedRequest);
    // Put again it stays longer, also once it has expired.
    post.put_request(office, id, &sealed, NOW + 70, NOW + 61).await.unwrap();
    post.put_request(office, id, &sealed, NOW + 65, NOW + 62).await.unwrap();
    assert_eq!(post.request(id, NOW + 70).await.unwrap(), sealed);
    assert_eq!(code(post.request(id, NOW + 71).await), Code::NoSealedRequest);
    post.withdraw_request(&stranger, id).await.unwrap();
    assert_eq!(post.request(id, NOW).await.unwrap(), sealed);
    post.withdraw_request(office, id).await.unwrap();
    assert_eq!(code(post.request(id, NOW).await), Code::NoSealedRequest);
}

#[tokio::test]
async fn what_has_expired_is_shown_to_nobody_and_swept_away() {
    let mut scene = Scene::new().await;
    let (token, looked_at) = (scene.opened().await, scene.opened().await);
    let id = scene.put(&token).await;
    assert_eq!(scene.listed(&token, NOW + 60).await, [id]);
    assert!(scene.listed(&token, NOW + 61).await.is_empty());
    assert_eq!(code(scene.post.take(token.mailbox(), &token, id, NOW + 61).await), Code::NoEnvelope);
    scene.post.put_request(&scene.office, Digest([3; 32]), &[1; SEALED_REQUEST], NOW + 60, NOW).await.unwrap();
    assert_eq!(scene.post.sweep(NOW + 60).await.unwrap(), Swept::default());
    assert_eq!(scene.post.sweep(NOW + 61).await.unwrap(), Swept { envelopes: 1, mailboxes: 0, requests: 1 });

    // A look puts the end off; an office's mailbox has none.
    let later = NOW + limits::MAILBOX_LIFETIME;
    scene.listed(&looked_at, later).await;
    assert_eq!(scene.post.sweep(later + 1).await.unwrap(), Swept { mailboxes: 1, ..Swept::default() });
    let look = scene.post.list(token.mailbox(), &token, 0, Waiting::seconds(0), later + 1).await;
    assert_eq!(code(look), Code::NoMailbox);
    assert!(scene.listed(&looked_at, later + 1).await.is_empty());
    assert!(scene.listed(&scene.office, later * 2).await.is_empty());
}

#[tokio::test(flavor = "multi_thread")]
async fn a_listing_waits_for_what_comes_and_no_longer() {
    let mut scene = Scene::new().await;
    let token = scene.opened().await;
    let list = |post: Post, token: MailboxToken, seconds| async move {
        post.list(token.mailbox(), &token, 0, Waiting::seconds(seconds), NOW).await.unwrap().len()
    };
    let begun = tokio::time::Instant::now();
    assert_eq!(list(scene.post.clone(), token.clone(), 1).await, 0);
    assert!(begun.elapsed() >= Duration::from_secs(1));
    let waiting: Vec<_> = (0..3).map(|_| tokio::spawn(list(scene.post.clone(), token.clone(), 50))).collect();
    let gone = tokio::spawn(list(scene.post.clone(), token.clone(), 50));
    tokio::time::sleep(Duration::from_millis(300)).await;
    gone.abort();
    scene.put(&token).await;
    for waiting in waiting {
        let found = tokio::time::timeout(Duration::from_secs(20), waiting).await.unwrap().unwrap();
        assert_eq!(found, 1);
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn however_many_put_it_at_once_it_is_one() {
    let mut scene = Scene::new().await;
    let token = scene.opened().await;
    let bytes = scene.envelope(token.mailbox(), NOW + 60, 1024);
    let mut puts = tokio::task::JoinSet::new();
    for _ in 0..50 {
        let (post, bytes, mailbox) = (scene.post.clone(), bytes.clone(), token.mailbox());
        puts.spawn(async move { post.put(mailbox, &bytes, NOW).await.unwrap() });
    }
    let ids = puts.join_all().await;
    assert_eq!(scene.listed(&token, NOW).await, [ids[0]]);
}

/// An organisation that is served no longer takes and gets as much as anybody.
#[tokio::test]
async fn a_dismissed_organisation_is_anybody() {
    let mut scene = Scene::new().await;
    let office = scene.office.clone();
    let id = scene.put(&office).await;
    scene.post.put_request(&office, Digest([3; 32]), &[1; SEALED_REQUEST], NOW + 60, NOW).await.unwrap();
    let Scene { directory, post, .. } = scene;
    drop(post);
    let post = Post::open(directory.path(), [], Limits::default()).await.unwrap();
    let listed = post.list(office.mailbox(), &office, 0, Waiting::seconds(0), NOW).await.unwrap();
    assert_eq!((listed.len(), listed[0].id), (1, id));
    let put = post.put_request(&office, Digest([4; 32]), &[1; SEALED_REQUEST], NOW + 60, NOW).await;
    assert_eq!(code(put), Code::NotYourMailbox);
    assert_eq!(post.sweep(NOW * 2).await.unwrap().mailboxes, 1);
}

/// A post that was ended without a word has all that it acknowledged.
#[tokio::test]
async fn what_was_acknowledged_is_there_after_a_restart() {
    let mut scene = Scene::new().await;
    let token = scene.opened().await;
    let id = scene.put(&token).await;
    scene.post.put_request(&scene.office, Digest([3; 32]), &[1; SEALED_REQUEST], NOW + 60, NOW).await.unwrap();
    let copy = tempfile::tempdir().unwrap();
    for entry in fs::read_dir(scene.directory.path()).unwrap() {
        let entry = entry.unwrap();
        fs::copy(entry.path(), copy.path().join(entry.file_name())).unwrap();
    }
    let post = Post::open(copy.path(), [], Limits::default()).await.unwrap();
    let listed = post.list(token.mailbox(), &token, 0, Waiting::seconds(0), NOW).await.unwrap();
    assert_eq!((listed.len(), listed[0].id), (1, id));
    post.request(Digest([3; 32]), NOW).await.unwrap();
    post.check().await.unwrap();
}

/// What was fetched or has expired is overwritten in the file.
#[tokio::test]
async fn what_is_gone_is_not_in_the_files() {
    let mut scene = Scene::new().await;
    let token = scene.opened().await;
    let bytes = scene.envelope(token.mailbox(), NOW + 60, 4096);
    let canary = &bytes[bytes.len() - 64..];
    let id = scene.post.put(token.mailbox(), &bytes, NOW).await.unwrap();
    assert!(found(scene.directory.path(), canary));
    scene.post.acknowledge(token.mailbox(), &token, id, NOW).await.unwrap();
    scene.post.sweep(NOW).await.unwrap();
    assert!(!found(scene.directory.path(), canary));
}

fn found(directory: &Path, canary: &[u8]) -> bool {
    let files = fs::read_dir(directory).unwrap().map(|entry| fs::read(entry.unwrap().path()).unwrap());
    files.into_iter().any(|bytes| bytes.windows(canary.len()).any(|window| window == canary))
}

#[tokio::test]
async fn a_file_of_another_form_is_refused() {
    for foreign in [
        "PRAGMA user_version = 2",
        "CREATE TRIGGER copies AFTER INSERT ON envelopes BEGIN DELETE FROM requests; END",
        "CREATE TABLE more (x INTEGER) STRICT",
        "DROP INDEX requests_until",
    ] {
        let directory = tempfile::tempdir().unwrap();
        drop(Post::open(directory.path(), [], Limits::default()).await.unwrap());
        let options = SqliteConnectOptions::new().filename(directory.path().join("post.sqlite"));
        let mut connection = SqliteConnection::connect_with(&options).await.unwrap();
        sqlx::raw_sql(foreign).execute(&mut connection).await.unwrap();
        connection.close().await.unwrap();
        let opened = Post::open(directory.path(), [], Limits::default()).await;
        assert_eq!(opened.err().unwrap().code(), Code::PostFile, "{foreign}");
    }
}
