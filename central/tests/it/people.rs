//! The people of the desk, on both databases.

use sportello_central::people::{IDLE_LIFE_S, PeopleError, Person, Role, SignInError};

use crate::{
    on_both_databases,
    town::{AUTHORITY, Town},
};

const PASSWORD: &str = "una parola lunga";

on_both_databases!(
    somebody_is_added_once_and_signs_in,
    a_session_and_its_search_live_until_they_end,
    people_of_another_authority_are_strangers,
    who_was_removed_is_out_at_once_and_an_old_visit_does_not_come_back,
);

fn marta() -> Person {
    Person { login: "marta".into(), name: "Marta R.".into(), office: "strade".into(), role: Role::Operator }
}

async fn somebody_is_added_once_and_signs_in(town: Town) {
    let people = town.state.people(AUTHORITY);
    people.add(&marta(), PASSWORD).await.expect("added");
    assert!(matches!(people.add(&marta(), "un’altra parola").await, Err(PeopleError::LoginTaken)));
    assert!(matches!(
        people.add(&Person { login: "Ü".into(), ..marta() }, PASSWORD).await,
        Err(PeopleError::Login)
    ));
    assert!(matches!(
        people.add(&Person { name: " ".into(), ..marta() }, PASSWORD).await,
        Err(PeopleError::Name)
    ));
    assert_eq!(people.find("marta").await.expect("read"), Some(marta()));
    assert_eq!(people.names().await.expect("read").get("marta").map(String::as_str), Some("Marta R."));
    assert_eq!(people.sign_in("marta", PASSWORD).await.expect("signed in").person, marta());
    for _ in 0..5 {
        assert!(matches!(people.sign_in("marta", "sbagliata").await, Err(SignInError::Wrong)));
    }
    assert!(matches!(people.sign_in("marta", PASSWORD).await, Err(SignInError::Locked { wait_s: 15 })));
    // After a day without an attempt the count starts anew.
    town.clock.set("2026-06-16T10:00:01Z");
    assert!(matches!(people.sign_in("marta", "sbagliata").await, Err(SignInError::Wrong)));
    assert!(people.sign_in("marta", PASSWORD).await.is_ok());
}

async fn a_session_and_its_search_live_until_they_end(town: Town) {
    let people = town.state.people(AUTHORITY);
    people.add(&marta(), PASSWORD).await.expect("added");
    let token = people.sign_in("marta", PASSWORD).await.expect("signed in").token;
    let session = people.session(&token).await.expect("read").expect("alive");
    assert_eq!(session.person, marta());
    people.keep_search(&session, " lampione ").await.expect("kept");
    assert_eq!(people.session(&token).await.expect("read").expect("alive").search, "lampione");
    assert!(people.session("0000").await.expect("read").is_none());
    let other = people.sign_in("marta", PASSWORD).await.expect("signed in").token;
    people.sign_out(&session).await.expect("signed out");
    assert!(people.session(&token).await.expect("read").is_none());
    assert!(people.session(&other).await.expect("read").is_some(), "the other visit goes on");
    let start: jiff::Timestamp = crate::town::NOON.parse().expect("a time");
    town.clock
        .set(&jiff::Timestamp::from_second(start.as_second() + IDLE_LIFE_S + 1).expect("a time").to_string());
    assert!(people.session(&other).await.expect("read").is_none());
}

async fn people_of_another_authority_are_strangers(town: Town) {
    town.state.people(AUTHORITY).add(&marta(), PASSWORD).await.expect("added");
    let token = town.state.people(AUTHORITY).sign_in("marta", PASSWORD).await.expect("signed in").token;
    let elsewhere = town.state.people("unione.example.it");
    assert!(elsewhere.session(&token).await.expect("read").is_none());
    assert!(matches!(elsewhere.sign_in("marta", PASSWORD).await, Err(SignInError::Wrong)));
}

async fn who_was_removed_is_out_at_once_and_an_old_visit_does_not_come_back(town: Town) {
    let people = town.state.people(AUTHORITY);
    people.add(&marta(), PASSWORD).await.expect("added");
    let token = people.sign_in("marta", PASSWORD).await.expect("signed in").token;
    assert!(!town.state.people("unione.example.it").remove("marta").await.expect("nobody there"));
    assert!(people.remove("marta").await.expect("removed"));
    assert!(matches!(people.sign_in("marta", PASSWORD).await, Err(SignInError::Wrong)));
    people.add(&marta(), PASSWORD).await.expect("added");
    assert!(people.session(&token).await.expect("read").is_none());
}
