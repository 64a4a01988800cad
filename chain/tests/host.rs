//! The embedded host: headers, state on disk, time, one process at a time, and the layout that snapshots rely on.
#![allow(clippy::unwrap_used, clippy::expect_used, clippy::panic, clippy::type_complexity)]

use alloy_primitives::{Address, B256, U256, keccak256};
use alloy_rlp::{Decodable, Header};
use alloy_sol_types::SolCall;
use sealroot_chain::{
    Act, BlockClock, Calls, Chain, EmbeddedChain, Genesis, Prepared,
    calls::view,
    contracts::{
        self, agencies::Agencies, decisions::Decisions, officers::Officers, policies::Policies, programs::Programs,
    },
};
use sealroot_protocol::{
    code::Code,
    date::Date,
    field::Digest,
    program::{ClaimWindow, DecidedBy, Freshness, PeriodDay, Program},
    request::Request,
    signature::Signer,
    snapshot::{AccessLog, Claimed, Held, SnapshotQuery},
    utc_offset::UtcOffset,
};
use sealroot_testing::chain::*;

fn fields(header: &[u8]) -> Vec<Vec<u8>> {
    let mut rest = header;
    assert!(Header::decode(&mut rest).unwrap().list);
    let mut fields = Vec::new();
    while !rest.is_empty() {
        fields.push(Header::decode_bytes(&mut rest, false).unwrap().to_vec());
    }
    fields
}

#[tokio::test]
async fn headers_form_a_chain_of_ethereums() {
    let world = World::new().await;
    let head = world.chain.head().await.unwrap();
    let (mut parent, mut time) = (B256::ZERO, 0);
    for number in 0..=head.number {
        let header = world.chain.header(number).await.unwrap();
        let fields = fields(&header);
        assert_eq!(fields.len(), 16, "Paris");
        assert_eq!(fields[0], parent.as_slice());
        assert_eq!(fields[2], world.chain.sealer().as_slice());
        assert!(
            fields[12].len() == 32 + 65 && fields[12].starts_with(b"sealroot/2\0"),
            "the seal is in the extra data"
        );
        assert_eq!(u64::decode(&mut alloy_rlp::encode(&fields[8][..]).as_slice()).unwrap(), number);
        let raw = world.chain.transactions(number).await.unwrap();
        assert_eq!(fields[4], alloy_trie::root::ordered_trie_root_encoded(&raw).as_slice());
        let at = u64::decode(&mut alloy_rlp::encode(&fields[11][..]).as_slice()).unwrap();
        assert!(at > time || number == 0);
        (parent, time) = (keccak256(&header), at);
    }
    assert_eq!((parent, time), (head.hash, head.time));
    assert_eq!(failed(world.chain.header(head.number + 1).await), Code::NoSuchBlock);
}

#[tokio::test]
async fn a_chain_is_the_same_after_reopening() {
    let world = World::new().await;
    world.approve(&world.approval(world.request(), 11, 400)).await.unwrap();
    let query = world.query(Some(11));
    let (head, snapshot) = (world.chain.head().await.unwrap(), world.chain.snapshot(&query).await.unwrap());
    let (contracts, sealer) = (world.chain.contracts(), world.chain.sealer());
    let World { chain, directory } = world;
    drop(chain);
    let chain = EmbeddedChain::open(directory.path()).await.unwrap();
    assert_eq!((chain.head().await.unwrap(), chain.snapshot(&query).await.unwrap()), (head, snapshot));
    assert_eq!((chain.contracts(), chain.sealer(), chain.chain_id()), (contracts, sealer, CHAIN_ID));
    let world = World { chain, directory };
    world.anchor("registry", "registry-key", 8, 2, Some(1)).await.unwrap();

    // Without the sealer's key: reading only.
    let World { chain, directory } = world;
    drop(chain);
    std::fs::remove_file(directory.path().join("sealer.key")).unwrap();
    let world = World { chain: EmbeddedChain::open(directory.path()).await.unwrap(), directory };
    assert!(world.chain.snapshot(&query).await.unwrap().decision.is_some());
    assert_eq!(failed(world.anchor("registry", "registry-key", 9, 3, Some(8)).await), Code::ChainReadOnly);
    // With another chain's key: not at all.
    let World { chain, directory } = world;
    drop(chain);
    let key_file = directory.path().join("sealer.key");
    std::fs::write(&key_file, hex::encode([1; 32])).unwrap();
    std::fs::set_permissions(&key_file, std::os::unix::fs::PermissionsExt::from_mode(0o600)).unwrap();
    assert_eq!(failed(EmbeddedChain::open(directory.path()).await), Code::ChainDamaged);
}

#[tokio::test]
async fn a_rejected_transaction_leaves_no_trace() {
    let world = World::new().await;
    let before = world.chain.head().await.unwrap();
    assert_eq!(rejected(world.anchor("registry", "registry-key", 5, 9, None).await), "not-the-successor");
    assert_eq!(world.chain.head().await.unwrap(), before);
    world.anchor("registry", "registry-key", 5, 2, Some(1)).await.unwrap();
    assert_eq!(world.chain.head().await.unwrap().number, before.number + 1);
}

/// Prepared here, signed elsewhere, submitted: once, in its turn, and only by its sender.
#[tokio::test]
async fn transactions_are_signed_elsewhere() {
    let world = World::bare().await;
    let (officer, to) = (key("officer-1"), world.chain.contracts().officers);
    let act = Act::AddOfficer(key("officer-4").address());
    let data = || Officers::proposeCall { call_: act.calldata().unwrap() }.abi_encode().into();
    let prepared = world.chain.prepare(officer.address(), to, data()).await.unwrap();
    assert_eq!((prepared.to, prepared.from), (Some(to), officer.address()));
    let signature = officer.sign(&prepared.signing_hash()).unwrap();
    let signed = prepared.clone().signed(signature).unwrap();
    let receipt = world.chain.submit(signed.clone()).await.unwrap();
    assert_eq!(receipt.transaction, signed.hash());
    assert_eq!(world.chain.transactions(receipt.block.number).await.unwrap(), [signed.raw().clone()]);
    assert!(world.chain.proposal(&act).await.unwrap().is_some());
    // Sent again, it is the one that is there.
    assert_eq!(world.chain.submit(signed).await.unwrap(), receipt);
    assert_eq!(world.chain.head().await.unwrap(), receipt.block);
    let late = Prepared { gas_limit: prepared.gas_limit - 1, ..prepared.clone() }.sign(&officer).unwrap();
    assert_eq!(failed(world.chain.submit(late).await), Code::TransactionOutOfTurn);
    let early = Prepared { nonce: prepared.nonce + 2, ..prepared.clone() }.sign(&officer).unwrap();
    assert_eq!(failed(world.chain.submit(early).await), Code::TransactionOutOfTurn);
    let elsewhere = Prepared { nonce: prepared.nonce + 1, chain_id: CHAIN_ID + 1, ..prepared }.sign(&officer).unwrap();
    assert_eq!(failed(world.chain.submit(elsewhere).await), Code::CallFailed);
}

#[tokio::test]
async fn time_never_goes_backwards() {
    let world = World::bare().await;
    let now = world.chain.head().await.unwrap().time;
    assert_eq!(failed(world.chain.set_clock(BlockClock::Standing(now - 1)).await), Code::ClockBackwards);
    world.at("2026-12-01").await;
    assert_eq!(world.chain.now().await.unwrap(), time("2026-12-01"));
    let act = Act::RegisterRequester { id: name("a"), key: key("a").address() };
    let receipt = world.chain.propose(&key("officer-1"), &act).await.unwrap();
    assert_eq!(receipt.block.time, time("2026-12-01"));
    // The next block is a second later although the clock stands.
    let receipt = world.chain.cancel(&key("officer-1"), &act).await.unwrap();
    assert_eq!(receipt.block.time, time("2026-12-01") + 1);
}

/// Unix seconds by this machine, and the day.
fn today() -> (u64, Date) {
    let now = std::time::SystemTime::now().duration_since(std::time::UNIX_EPOCH).unwrap().as_secs();
    (now, Date::from_unix_time(now).unwrap())
}

/// To the chain, a machine whose clock is far ahead looks as this one does to a chain that is far behind: no block until a person names the day.
#[tokio::test]
async fn a_clock_far_from_the_newest_block_needs_a_persons_word() {
    let (now, day) = today();
    let far = 400 * 86_400;
    let genesis = |time| Genesis {
        chain_id: CHAIN_ID,
        time,
        officers: vec![key("officer-1").address(), key("officer-2").address()],
        delay: 1,
        clock: BlockClock::Standing(time),
    };
    let act = Act::AddOfficer(key("officer-4").address());
    let directory = tempfile::tempdir().unwrap();
    let chain = EmbeddedChain::create(&directory.path().join("behind"), &genesis(now - far)).await.unwrap();
    let before = chain.head().await.unwrap();
    assert_eq!(failed(chain.set_clock(BlockClock::System).await), Code::ClockJump);
    assert_eq!(failed(chain.confirm_clock(day.plus_days(-1).unwrap()).await), Code::ClockDiffers);
    assert_eq!(chain.head().await.unwrap(), before);
    chain.confirm_clock(day).await.unwrap();
    drop(chain);
    let chain = EmbeddedChain::open(&directory.path().join("behind")).await.unwrap();
    let block = chain.propose(&key("officer-1"), &act).await.unwrap().block;
    assert!(block.time >= now && block.time < now + 3600, "the word outlives the process");

    // A chain that is far ahead is not followed by the machine's clock at all.
    let chain = EmbeddedChain::create(&directory.path().join("ahead"), &genesis(now + far)).await.unwrap();
    assert_eq!(failed(chain.set_clock(BlockClock::System).await), Code::ClockBehind);
    assert_eq!(failed(chain.confirm_clock(day).await), Code::ClockBehind);
    // Neither begins with one.
    for (time, code) in [(now - far, Code::ClockJump), (now + far, Code::ClockBehind)] {
        let place = directory.path().join("third");
        let genesis = Genesis { clock: BlockClock::System, ..genesis(time) };
        assert_eq!(failed(EmbeddedChain::create(&place, &genesis).await), code);
        assert!(!place.exists());
    }
}

/// A clock in milliseconds dates no block: time never goes back, so the chain would stay in that year.
#[tokio::test]
async fn what_no_clock_shows_dates_nothing() {
    let now = time("2026-12-01");
    let officers = vec![key("a").address(), key("b").address()];
    let sound = Genesis { chain_id: CHAIN_ID, time: now, officers, delay: 1, clock: BlockClock::Standing(now) };
    for (genesis, code) in [
        (Genesis { time: now * 1000, ..sound.clone() }, Code::ImplausibleTime),
        (Genesis { time: 0, ..sound.clone() }, Code::ImplausibleTime),
        (Genesis { clock: BlockClock::Standing(now * 1000), ..sound.clone() }, Code::ImplausibleTime),
        (Genesis { chain_id: 0, ..sound.clone() }, Code::BadChainId),
        (Genesis { chain_id: 1 << 53, ..sound.clone() }, Code::BadChainId),
    ] {
        let directory = tempfile::tempdir().unwrap();
        let chain = directory.path().join("chain");
        assert_eq!(failed(EmbeddedChain::create(&chain, &genesis).await), code);
        assert!(!chain.exists(), "nothing was made");
    }
    let directory = tempfile::tempdir().unwrap();
    let largest = Genesis { chain_id: (1 << 53) - 1, ..sound };
    let chain = EmbeddedChain::create(directory.path(), &largest).await.unwrap();
    assert_eq!(failed(chain.set_clock(BlockClock::Standing(now * 1000)).await), Code::ImplausibleTime);
    assert_eq!(chain.now().await.unwrap(), chain.head().await.unwrap().time + 1);
}

#[tokio::test]
async fn one_process_at_a_time() {
    let world = World::bare().await;
    assert_eq!(failed(EmbeddedChain::open(world.directory.path()).await), Code::ChainInUse);
    let shared = world.chain.clone();
    assert_eq!(shared.head().await.unwrap(), world.chain.head().await.unwrap());
}

#[tokio::test]
async fn one_chain_per_directory() {
    let world = World::bare().await;
    let genesis = Genesis {
        chain_id: CHAIN_ID,
        time: time("2026-12-01"),
        officers: vec![key("a").address(), key("b").address()],
        delay: 1,
        clock: BlockClock::System,
    };
    let World { chain, directory } = world;
    drop(chain);
    assert_eq!(failed(EmbeddedChain::create(directory.path(), &genesis).await), Code::ChainExists);
    let empty = tempfile::tempdir().unwrap();
    assert_eq!(failed(EmbeddedChain::open(empty.path()).await), Code::NoChain);
    #[cfg(unix)]
    {
        use std::os::unix::fs::PermissionsExt;
        let mode = std::fs::metadata(directory.path().join("sealer.key")).unwrap().permissions().mode();
        assert_eq!(mode & 0o777, 0o600);
    }
}

/// A changed word of state is found when the chain is opened.
#[tokio::test]
async fn damage_is_found_at_opening() {
    use sqlx::Connection;
    for sql in [
        "UPDATE storage SET value = x'0000000000000000000000000000000000000000000000000000000000000001'",
        "UPDATE blocks SET header = CAST(substr(header, 1, length(header) - 1) || x'01' AS BLOB) WHERE number = (SELECT max(number) FROM blocks)",
        "UPDATE accounts SET nonce = nonce + 1",
        "DELETE FROM accounts",
    ] {
        let world = World::bare().await;
        let act = Act::RegisterRequester { id: name("a"), key: key("a").address() };
        world.enact(&act).await.unwrap();
        let World { chain, directory } = world;
        drop(chain);
        let url = format!("sqlite://{}", directory.path().join("chain.sqlite").display());
        let mut connection = sqlx::SqliteConnection::connect(&url).await.unwrap();
        sqlx::raw_sql(sql).execute(&mut connection).await.unwrap();
        connection.close().await.unwrap();
        assert_eq!(failed(EmbeddedChain::open(directory.path()).await), Code::ChainDamaged, "{sql}");
    }
}

/// The slots that snapshots read are the compiler's, by label, slot and offset.
#[test]
fn the_layout_is_the_compilers() {
    const KEY: (&str, &str) = ("Key", "owner@0+0 addedAt@1+0 retiredAt@1+8 revokedAt@1+16");
    const CARD: (&str, &str) = ("Card", "digest@0+0 setBy@1+0 setAt@1+20");
    let expected: [(&str, &str, &[(&str, &str)]); 5] = [
        (
            "Agencies",
            "proposals=0 keys=1 cards=2 agencies=3 roots=4",
            &[
                KEY,
                CARD,
                ("Agency", "registeredAt@0+0 withdrawnAt@0+8 sequence@0+16 grace@0+24 head@1+0"),
                (
                    "Root",
                    "sequence@0+0 anchoredAt@0+8 supersededAt@0+16 withdrawnAt@0+24 by@1+0 confirmedAt@1+20 accessLogSize@1+26 \
                 accessLog@2+0 previous@3+0",
                ),
            ],
        ),
        ("Requesters", "proposals=0 keys=1 cards=2 registered=3", &[KEY, CARD]),
        (
            "Policies",
            "proposals=0 policies=1 versions=2",
            &[(
                "Policy",
                "id@0+0 keyHash@1+0 from@2+0 until@2+4 enactedAt@2+8 withdrawnAt@2+16 sources@2+24 currency0@2+25 currency1@2+28 \
                 retroactive@2+31 agencies@3+0 replaces@6+0",
            )],
        ),
        (
            "Programs",
            "proposals=0 programs=1 standing=2",
            &[
                ("Program", "rules@0+0 policies@3+0"),
                (
                    "Rules",
                    "digest@0+0 enactedAt@1+0 closedAt@1+8 firstMonth@1+16 monthsPerPeriod@1+20 periods@1+21 opensAfterDays@1+23 \
                 closesAfterDays@1+25 correctableDays@1+27 utcOffsetMinutes@1+29 decidedBy@1+31 budget@2+0 asOfRule@2+16 pays@2+17 \
                 paidPart@2+18 paidOutput@2+19 policyCount@2+20 freshness@2+21 freshAfterDays@2+22 currency@2+24",
                ),
                ("Standing", "since@0+0 until@0+8"),
            ],
        ),
        (
            "Decisions",
            "decisions=0 spent=1 refusals=2 scopes=3",
            &[
                (
                    "Decision",
                    "request@0+0 amount@1+0 granted@1+8 approvedAt@1+24 blockNumber@2+0 reducedAt@2+8 periodStart@2+16 assurance@2+20 \
                 requester@3+0 bundle@4+0 document@5+0",
                ),
                ("Refusals", "requester@0+0 datedAt@1+0 blockNumber@1+8"),
            ],
        ),
    ];
    let text = |value: &serde_json::Value| value.as_str().map_or_else(|| value.to_string(), str::to_owned);
    for (name, variables, structs) in expected {
        let artefact = contracts::ALL.iter().find(|(n, _)| *n == name).unwrap().1;
        let json: serde_json::Value = serde_json::from_str(artefact.json).unwrap();
        let layout = &json["storageLayout"];
        let list = |value: &serde_json::Value, show: &dyn Fn(&serde_json::Value) -> String| {
            value.as_array().unwrap().iter().map(show).collect::<Vec<_>>().join(" ")
        };
        let found = list(&layout["storage"], &|v| format!("{}={}", text(&v["label"]), text(&v["slot"])));
        assert_eq!(found, variables, "{name}");
        for (struct_name, members) in structs {
            let found = &layout["types"][format!("t_struct({struct_name})_storage")]["members"];
            let show =
                |m: &serde_json::Value| format!("{}@{}+{}", text(&m["label"]), text(&m["slot"]), text(&m["offset"]));
            assert_eq!(list(found, &show), *members, "{name}.{struct_name}");
        }
    }
}

/// What a snapshot decodes from storage is what the contracts' views say.
#[tokio::test]
async fn snapshots_agree_with_the_contracts_views() {
    // Terms that differ from 0, and an offset that is negative: a sign that is lost shows.
    let terms = Program {
        correctable_days: 7,
        utc_offset_minutes: UtcOffset::from_minutes(-210).unwrap(),
        decided_by: DecidedBy::Both,
        fresh: Some(Freshness { since: PeriodDay::PeriodEnd, after_days: 0 }),
        claim: ClaimWindow { opens_after_days: 30, closes_after_days: 40 },
        ..program()
    };
    let world = World::with_program(terms.clone()).await;
    world.at("2026-12-02").await;
    world.anchor("registry", "registry-key", 1, 2, Some(1)).await.unwrap();
    world.anchor("tax-office", "tax-key", 2, 2, Some(2)).await.unwrap();
    let request = Request { not_before: time("2026-12-01"), expiry: time("2026-12-30"), ..world.request() };
    world.approve(&world.approval(request, 11, 400)).await.unwrap();
    world.anchor("tax-office", "tax-key", 3, 3, Some(2)).await.unwrap();
    let snapshot = world.chain.snapshot(&world.query(Some(11))).await.unwrap();
    let contracts = world.chain.contracts();

    let word = |text: &str| B256::from(name(text).to_bytes32());
    let call = Agencies::rootsCall { id: word("tax-office"), root: B256::from(uint(root(2).0)) };
    let entry = view(&world.chain, contracts.agencies, call).await.unwrap();
    let read = snapshot.roots[&(name("tax-office"), root(2))];
    assert_eq!(
        (entry.sequence, entry.anchoredAt, Some(entry.supersededAt), entry.by),
        (read.sequence, read.anchored_at, read.superseded_at, read.anchored_by)
    );
    assert_eq!((entry.withdrawnAt, read.withdrawn_at), (0, None));
    assert_eq!((entry.confirmedAt.to::<u64>(), entry.accessLogSize.to::<u64>()), (read.confirmed_at, 2));
    assert_eq!(read.access_log, Held::Held(AccessLog { head: Digest(entry.accessLog.0), size: 2 }));

    let call = Policies::policyCall { digest: B256::from(policy_digest("income-1").0.0) };
    let entry = view(&world.chain, contracts.policies, call).await.unwrap();
    let read = &snapshot.policies[&policy_digest("income-1")];
    assert_eq!((entry.id, entry.keyHash.0, entry.sources), (word("income"), read.key_hash.0, 1));
    assert_eq!(
        (entry.from, Some(entry.until)),
        (read.in_force.from.yyyymmdd(), read.in_force.until.map(|d| d.yyyymmdd()))
    );
    assert_eq!((entry.agencies[0], read.agencies.as_slice()), (word("tax-office"), [name("tax-office")].as_slice()));
    assert_eq!(entry.enactedAt, read.enacted_at);
    assert_eq!((entry.currency0.0, read.currencies), (*b"EUR", Held::Held([Some("EUR".parse().unwrap()), None])));
    assert_eq!((entry.retroactive, read.retroactive), (false, None));
    assert_eq!(snapshot.policies[&policy_digest("residence-1")].in_force.until, None, "open-ended");

    let call = Programs::programCall { id: word("heating-allowance") };
    let entry = view(&world.chain, contracts.programs, call).await.unwrap().rules;
    let read = snapshot.program.unwrap();
    assert_eq!(entry.digest.0, read.digest.0);
    assert_eq!(read.digest, terms.digest().unwrap());
    assert_eq!((entry.correctableDays, entry.utcOffsetMinutes, entry.decidedBy), (7, -210, 3));
    assert_eq!((entry.freshness, entry.freshAfterDays, entry.currency.0), (2, 0, *b"EUR"));
    assert_eq!((read.correctable_days, read.utc_offset), (7, terms.utc_offset_minutes));
    assert_eq!((read.decided_by, read.fresh), (terms.decided_by, terms.fresh));
    assert_eq!(read.currency, Held::Held(Some("EUR".parse().unwrap())));
    assert_eq!(
        (read.grid, read.claim, read.as_of, read.policies),
        (terms.grid, terms.claim, terms.as_of, terms.policies)
    );
    assert_eq!((read.pays, read.budget, entry.enactedAt), (Some((1, 0)), u128::from(BUDGET), read.enacted_at));

    let call = Decisions::decisionsCall { program: word("heating-allowance"), nullifier: U256::from(11) };
    let entry = view(&world.chain, contracts.decisions, call).await.unwrap();
    let read = snapshot.decision.unwrap();
    assert_eq!(
        (Some(Digest(entry.bundle.0)), entry.amount, entry.approvedAt, entry.blockNumber),
        (read.bundle, read.amount, read.approved_at, read.block)
    );
    assert_eq!((U256::from_be_bytes(entry.request.0), Held::Held(entry.granted)), (uint(read.request.0), read.granted));
    assert_eq!(read.claimed, Claimed::PeriodFrom(Date::from_yyyymmdd(entry.periodStart).unwrap()));
    assert_eq!((entry.requester, read.requester), (word("welfare-office"), Held::Held(name("welfare-office"))));
    assert_eq!((entry.assurance, entry.reducedAt, read.reduced), (1, 0, None));

    let signer = snapshot.signer.unwrap();
    assert_eq!((signer.owner, signer.retired_at, signer.revoked_at), (name("welfare-office"), None, None));
    assert!(snapshot.requester.unwrap().until.is_none());
    // Nothing where there is nothing.
    let nothing = SnapshotQuery {
        program: Some(name("nothing")),
        signer: Some(Address::ZERO),
        nullifier: Some(nullifier(5)),
        ..world.query(None)
    };
    let empty = world.chain.snapshot(&nothing).await.unwrap();
    assert_eq!(empty.missing(&nothing).len(), 4);
    assert_eq!((empty.program, empty.signer, empty.decision, empty.requester), (None, None, None, None));

    // A query reads what it names, and nothing else.
    let of_roots = SnapshotQuery::of_roots([(name("registry"), root(1))]);
    let roots = world.chain.snapshot(&of_roots).await.unwrap();
    assert_eq!((roots.roots.len(), roots.agencies.len(), roots.agency_keys.len()), (1, 1, 1));
    assert_eq!((roots.missing(&of_roots).len(), roots.policies.len(), roots.program), (0, 0, None));
    let of_policies = SnapshotQuery::of_policies([policy_digest("income-1"), policy_digest("never")]);
    let policies = world.chain.snapshot(&of_policies).await.unwrap();
    assert_eq!((policies.missing(&of_policies).len(), policies.policies.len(), policies.roots.len()), (1, 1, 0));
}
