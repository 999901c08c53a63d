//! Enrolment: a code works once, for a quarter of an hour, and not after five wrong tries.

use sportello_central::device::{EnrolError, Kiosk, MAX_FAILURES};
use sportello_wire::{device::EnrolRequest, keys::DeviceKey};

use crate::{
    on_both_databases,
    town::{AUTHORITY, Town},
};

on_both_databases!(
    a_code_works_once_even_for_many_at_the_same_time,
    a_code_is_taken_as_people_type_it,
    a_code_ends_after_a_quarter_of_an_hour,
    a_code_ends_after_five_wrong_tries,
    a_revoked_kiosk_is_known_as_such,
);

async fn enrol(town: &Town, code: &str) -> Result<Kiosk, EnrolError> {
    let public_key = DeviceKey::generate().public().to_base64();
    let request = EnrolRequest { code: code.into(), public_key, version: "0.1.0".into() };
    town.state.devices.enrol(&request).await
}

async fn code(town: &Town) -> String {
    town.state.devices.make_code(AUTHORITY, "Biblioteca").await.expect("a code").code
}

/// The same code with a wrong last character.
fn wrong(code: &str) -> String {
    let last = if code.ends_with('Z') { 'Y' } else { 'Z' };
    format!("{}{last}", &code[..code.len() - 1])
}

async fn a_code_works_once_even_for_many_at_the_same_time(town: Town) {
    let code = code(&town).await;
    let mut tasks = tokio::task::JoinSet::new();
    for _ in 0..8 {
        let (devices, code) = (town.state.devices.clone(), code.clone());
        tasks.spawn(async move {
            let public_key = DeviceKey::generate().public().to_base64();
            devices.enrol(&EnrolRequest { code, public_key, version: String::new() }).await.is_ok()
        });
    }
    let joined = tasks.join_all().await.into_iter().filter(|joined| *joined).count();
    assert_eq!((joined, town.state.devices.list(AUTHORITY).await.expect("a list").len()), (1, 1));
    assert!(matches!(enrol(&town, &code).await, Err(EnrolError::Code)));
}

async fn a_code_is_taken_as_people_type_it(town: Town) {
    let typed = code(&town).await.to_lowercase().replace('1', "l").replace('0', "o").replace('-', " ");
    let kiosk = enrol(&town, &typed).await.expect("enrolled");
    assert_eq!((kiosk.site.as_str(), kiosk.authority.as_str()), ("Biblioteca", AUTHORITY));
    let kept = town.state.devices.get(&kiosk.id).await.expect("read").expect("a kiosk");
    assert_eq!((kept.public_key, kept.is_revoked), (kiosk.public_key, false));
    for nonsense in ["", "è", "AB", "ÀÀÀÀÀÀÀÀÀÀ"] {
        assert!(matches!(enrol(&town, nonsense).await, Err(EnrolError::Code)), "{nonsense}");
    }
}

async fn a_code_ends_after_a_quarter_of_an_hour(town: Town) {
    let (early, late) = (code(&town).await, code(&town).await);
    town.clock.set("2026-06-15T10:14:59Z");
    enrol(&town, &early).await.expect("still valid");
    town.clock.set("2026-06-15T10:15:00Z");
    assert!(matches!(enrol(&town, &late).await, Err(EnrolError::Code)));
}

async fn a_code_ends_after_five_wrong_tries(town: Town) {
    let (lucky, unlucky) = (code(&town).await, code(&town).await);
    for (code, tries) in [(&lucky, MAX_FAILURES - 1), (&unlucky, MAX_FAILURES)] {
        for _ in 0..tries {
            assert!(matches!(enrol(&town, &wrong(code)).await, Err(EnrolError::Code)));
        }
    }
    enrol(&town, &lucky).await.expect("four wrong tries are allowed");
    assert!(matches!(enrol(&town, &unlucky).await, Err(EnrolError::Code)));
}

async fn a_revoked_kiosk_is_known_as_such(town: Town) {
    let (kiosk, _) = town.kiosk().await;
    assert!(town.state.devices.revoke(AUTHORITY, &kiosk.id).await.expect("revoked"));
    assert!(!town.state.devices.revoke(AUTHORITY, &kiosk.id).await.expect("revoked before"));
    assert!(town.state.devices.get(&kiosk.id).await.expect("read").expect("a kiosk").is_revoked);
}
