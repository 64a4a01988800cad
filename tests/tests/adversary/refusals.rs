//! A refusal is a statement like any other: nobody can make an eligible person's facts prove one, nor an ineligible person's an approval.

use crate::refusal;
use sealroot_circuits::{Assignment, Obligation};
use sealroot_protocol::{
    bundle::{Part, ProofBytes},
    canonical::Suite,
    field::F,
    request::Request,
};
use sealroot_prover::{Prover, engine::ProvingEngine};
use sealroot_testing::world::{World, cheat, prover};
use sealroot_verifier::proof::Proof;

/// What a prover of somebody's own changes in the values of an honest one; the obligation that it breaks.
type Lie = (&'static str, fn(&mut Assignment), Obligation);

fn one() -> F {
    F::from(1u8)
}

fn other(bit: &mut F) {
    *bit = one() - *bit;
}

/// The income policy's one requirement has one condition: `ceiling − income ≥ 0`.
const LIES: &[Lie] = &[
    ("the answer is turned round", |a| other(&mut a.public.decision), Obligation::Decision),
    (
        "the requirement is said to have failed, or not to have",
        |a| {
            other(&mut a.requirements[0].failed);
            other(&mut a.public.decision);
        },
        Obligation::Decision,
    ),
    (
        "the condition's answer is turned round, and all that follows from it",
        |a| {
            other(&mut a.conditions[0].value);
            a.derive_all(&[Obligation::Decision]);
        },
        Obligation::Conditions,
    ),
    (
        "the sign of the difference is turned round, and all that follows from it",
        |a| {
            other(&mut a.conditions[0].nonnegative);
            other(&mut a.conditions[0].value);
            a.derive_all(&[Obligation::Decision]);
        },
        Obligation::Conditions,
    ),
    (
        "another income is judged than the one committed to",
        |a| {
            // 1,000.00 instead of 8,000.00 a month, or the other way round.
            let rich = a.public.decision != one();
            for income in &mut a.record.attributes[2..14] {
                *income = F::from(if rich { 100_000u32 } else { 800_000 });
            }
            a.derive_all(&[Obligation::Registers, Obligation::Conditions, Obligation::Decision]);
        },
        Obligation::Leaf,
    ),
];

fn assignment(world: &World, person: usize, request: &Request) -> Assignment {
    let consent = world.consent(person, request);
    let witness = world.witness(1, person, request, &consent);
    let statement = world.statement(1, request);
    Assignment::generate(statement.words, statement.as_of, statement.request, &witness).unwrap()
}

/// A part with whatever values, made with the true proving key.
fn part(world: &World, request: &Request, assignment: &Assignment) -> Option<Part> {
    let points = cheat().prove(&assignment.full()).ok()?;
    let proof = Proof::from_points(points).ok()?;
    let universal: &Prover = prover();
    Some(Part {
        suite: Suite,
        policy: world.statement(1, request).policy,
        universal_key: universal.universal_key().hash(),
        inputs: assignment.public_inputs().ok()?,
        proof: ProofBytes::from(&proof),
    })
}

#[test]
fn facts_prove_one_answer_only() {
    let world = World::new();
    for (person, approved) in [(World::APPLICANT, true), (World::RICH, false)] {
        let request = world.request(person);
        let honest = assignment(&world, person, &request);
        assert_eq!(honest.public.decision == one(), approved);
        assert_eq!(honest.violated(), None);
        for (name, lie, broken) in LIES {
            let mut lying = honest.clone();
            lie(&mut lying);
            assert_eq!(lying.public.decision == one(), !approved, "{name}");
            assert_eq!(lying.violated(), Some(*broken), "{name}");
        }
    }
}

/// The same lies as bundles, proved with the true proving key by software that checks nothing: one real forgery each way by default, all on request.
#[test]
fn forged_answers_are_refused() {
    let world = World::new();
    let forgeries = sealroot_testing::cases(1) as usize;
    for person in [World::APPLICANT, World::RICH] {
        let request = world.request(person);
        let honest = assignment(&world, person, &request);
        let first =
            world.prove(0, &request, &world.witness(0, person, &request, &world.consent(person, &request))).unwrap();
        let mut tried = 0;
        for (name, lie, _) in LIES.iter().rev() {
            let mut lying = honest.clone();
            lie(&mut lying);
            // Some lies leave no public inputs that anybody would read: an approval with a reason, a refusal with an amount.
            let Some(part) = part(&world, &request, &lying) else { continue };
            let bundle = world.bundle(world.sign(request.clone()), vec![first.clone(), part]);
            assert_eq!(bundle.decision.approved, person == World::RICH, "{name}");
            assert_eq!(refusal(&bundle, &world.snapshot(), world.now), "proof-invalid", "{name}");
            tried += 1;
            if tried == forgeries {
                break;
            }
        }
        assert!(tried > 0);
    }
}

/// Facts that are proved honestly but are not the person's own, or not in force: a refusal needs them as much as an approval does.
#[test]
fn a_refusal_rests_on_the_persons_own_record() {
    let world = World::new();
    // The eligible applicant is to be refused with a rich man's record.
    let request = world.request(World::APPLICANT);
    let consent = world.consent(World::RICH, &request);
    let parts = (0..2).map(|i| world.prove(i, &request, &world.witness(i, World::RICH, &request, &consent)).unwrap());
    let bundle = world.bundle(world.sign(request.clone()), parts.collect());
    assert!(!bundle.decision.approved);
    assert_eq!(refusal(&bundle, &world.snapshot(), world.now), "part-applicant-mismatch");

    // With a record that was invented for it: it stands in no anchored tree.
    let mut invented = World::new();
    let index = invented.people[World::APPLICANT].index;
    for income in &mut invented.people[World::APPLICANT].records[1].attributes.0[2..14] {
        *income = F::from(900_000u32);
    }
    let leaf = invented.people[World::APPLICANT].records[1].leaf();
    invented.trees[1].set(index, leaf);
    let parts = invented.parts(World::APPLICANT, &request);
    let bundle = world.bundle(world.sign(request), parts);
    assert!(!bundle.decision.approved);
    assert_eq!(refusal(&bundle, &world.snapshot(), world.now), "root-unknown");
}
