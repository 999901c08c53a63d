//! Tickets: opening, the workflow, the list, and that what happened stays as it was.

use jiff::civil::date;
use sportello_central::{
    network::Competence,
    ticket::{Action, Actor, Filter, Happening, Page, TicketError, WorkflowError},
};
use sportello_wire::{
    submission::{MAX_WORDS_CHARS, Place},
    ticket::{Status, StepKind},
};

use crate::{
    on_both_databases,
    town::{AUTHORITY, NOON, Town, new_ticket, opening},
};

on_both_databases!(
    a_new_ticket_has_a_number_an_office_with_the_reason_and_a_term,
    an_area_has_an_office_of_its_own_and_unknown_matters_go_to_the_urp,
    a_ticket_goes_its_way_and_the_citizen_sees_it,
    what_happened_stays_as_it_was,
    of_many_who_take_a_ticket_at_once_one_has_it,
    a_list_shows_what_is_asked_for,
    a_code_opens_one_ticket_only,
    what_is_too_long_is_refused_and_named,
);

const PAGE: Page = Page { number: 1, size: 50 };

fn giulia() -> Actor {
    Actor::Staff("giulia".into())
}

fn take() -> Action {
    Action::Take { by: "giulia".into(), office: "strade".into() }
}

async fn a_new_ticket_has_a_number_an_office_with_the_reason_and_a_term(town: Town) {
    let tickets = &town.state.tickets;
    let new = new_ticket();
    let ticket = tickets.open(AUTHORITY, opening(new.clone(), NOON)).await.expect("opened");

    assert_eq!(ticket.protocol.expect("a number").to_string(), "0000001/2026");
    assert_eq!(ticket.office.as_deref(), Some("strade"));
    assert_eq!(ticket.opened.due_on, date(2026, 6, 25));
    let history = tickets.history(AUTHORITY, ticket.id).await.expect("events");
    assert!(matches!(&history[2].what, Happening::Routed { reason, .. } if reason.contains("strade")));

    let state = tickets.states(AUTHORITY, &[new.code]).await.expect("states").remove(0);
    assert_eq!((state.code, state.status), (new.code, Status::Received));
    let handler = state.handler.expect("a handler");
    assert_eq!(
        (handler.name.get("en"), handler.authority.get("it")),
        ("Ufficio strade (en)", "Comune di Esempio")
    );
    assert_eq!(tickets.find(AUTHORITY, &new.code).await.expect("found"), Some(ticket.id));
    let number = ticket.protocol.expect("a number");
    assert_eq!(tickets.find_by_number(AUTHORITY, number).await.expect("found"), Some(ticket.id));
}

async fn an_area_has_an_office_of_its_own_and_unknown_matters_go_to_the_urp(town: Town) {
    let competence = Competence { category: "strade".into(), area: "Centro".into(), office: "centro".into() };
    town.state.competences.put(AUTHORITY, &competence).await.expect("kept");
    let place =
        |street: &str| Place::Street { street: street.into(), number: String::new(), note: String::new() };
    for (category, place, office) in [
        (Some("strade.buche"), place("Via Dante"), "centro"),
        (Some("strade.buche"), place("Via Po"), "strade"),
        (Some("strade.buche"), place("Via Sconosciuta"), "strade"),
        (Some("altro"), place("Via Dante"), "urp"),
        (Some("non-esiste"), Place::Nowhere, "urp"),
        (None, Place::Nowhere, "urp"),
    ] {
        let mut new = new_ticket();
        new.category = category.map(Into::into);
        new.place = place;
        let ticket = town.state.tickets.open(AUTHORITY, opening(new, NOON)).await.expect("opened");
        assert_eq!(ticket.office.as_deref(), Some(office), "{category:?}");
    }
}

async fn a_ticket_goes_its_way_and_the_citizen_sees_it(town: Town) {
    let tickets = &town.state.tickets;
    let id = tickets.open(AUTHORITY, opening(new_ticket(), NOON)).await.expect("opened").id;
    let act = async |actor, action| tickets.act(AUTHORITY, id, actor, action).await;

    let too_early = act(giulia(), Action::Resolve { words: "Fatto".into() }).await;
    assert!(matches!(too_early, Err(TicketError::Workflow(WorkflowError::NotTaken))));
    let nowhere = act(giulia(), Action::PassOn { to: "nessuno".into(), note: String::new() }).await;
    assert!(matches!(nowhere, Err(TicketError::UnknownOffice)));

    act(giulia(), take()).await.expect("taken");
    let asked = act(giulia(), Action::Ask { words: "A quale altezza?".into() }).await.expect("asked");
    assert_eq!(asked.status, Status::WaitingForCitizen);
    let words = Action::FollowUp {
        words: "Davanti al numero 4".into(),
        language: "it".into(),
        submitted_at: NOON.parse().expect("a time"),
    };
    assert_eq!(act(Actor::Citizen, words.clone()).await.expect("followed up").status, Status::InProgress);
    act(giulia(), Action::Resolve { words: "La buca è stata chiusa".into() }).await.expect("resolved");
    let again = act(Actor::Citizen, words).await.expect("followed up");
    assert_eq!(again.status, Status::InProgress);

    let state = tickets.state(AUTHORITY, id).await.expect("read").expect("a state");
    let steps: Vec<_> = state.steps.iter().map(|step| std::mem::discriminant(&step.what)).collect();
    assert_eq!(steps.len(), 9);
    assert_eq!(state.steps[6].what, StepKind::Resolved { words: "La buca è stata chiusa".into() });
    let shown = serde_json::to_string(&state).expect("json");
    for secret in ["Una buca profonda", "Davanti al numero", "Ada", "ada@example.it", "giulia"] {
        assert!(!shown.contains(secret), "{secret}");
    }
}

async fn what_happened_stays_as_it_was(town: Town) {
    let tickets = &town.state.tickets;
    let id = tickets.open(AUTHORITY, opening(new_ticket(), NOON)).await.expect("opened").id;
    let before = tickets.history(AUTHORITY, id).await.expect("events");
    town.clock.set("2026-06-16T10:00:00Z");
    for action in [
        take(),
        Action::Answer { words: "Arriviamo".into() },
        Action::PassOn { to: "centro".into(), note: "Tocca a loro".into() },
    ] {
        tickets.act(AUTHORITY, id, giulia(), action).await.expect("done");
    }
    let after = tickets.history(AUTHORITY, id).await.expect("events");
    assert_eq!(after[..before.len()], before);
    let sequences: Vec<_> = after.iter().map(|event| event.sequence).collect();
    assert_eq!(sequences, [1, 2, 3, 4, 5, 6]);
    // A refused action leaves nothing behind.
    tickets
        .act(AUTHORITY, id, giulia(), Action::Reopen { reason: "?".into() })
        .await
        .expect_err("open already");
    assert_eq!(tickets.history(AUTHORITY, id).await.expect("events"), after);
}

async fn of_many_who_take_a_ticket_at_once_one_has_it(town: Town) {
    let id = town.state.tickets.open(AUTHORITY, opening(new_ticket(), NOON)).await.expect("opened").id;
    let mut tasks = tokio::task::JoinSet::new();
    for number in 0..8 {
        let tickets = town.state.tickets.clone();
        tasks.spawn(async move {
            let by = format!("user-{number}");
            let action = Action::Take { by: by.clone(), office: "strade".into() };
            tickets.act(AUTHORITY, id, Actor::Staff(by), action).await
        });
    }
    let results = tasks.join_all().await;
    assert_eq!(results.iter().filter(|result| result.is_ok()).count(), 1);
    for result in results.into_iter().filter_map(Result::err) {
        assert!(matches!(result, TicketError::Workflow(WorkflowError::AlreadyTaken { .. })), "{result:?}");
    }
    assert_eq!(town.state.tickets.history(AUTHORITY, id).await.expect("events").len(), 4);
}

async fn a_list_shows_what_is_asked_for(town: Town) {
    let tickets = &town.state.tickets;
    let hole = tickets.open(AUTHORITY, opening(new_ticket(), NOON)).await.expect("opened").id;
    let mut other = new_ticket();
    other.category = None;
    other.words = "PERCHE' non lo sconto del 100% sulla TARI?".into();
    town.clock.set("2026-06-16T10:00:00Z");
    let discount = tickets.open(AUTHORITY, opening(other, "2026-06-16T09:00:00Z")).await.expect("opened").id;
    tickets.act(AUTHORITY, hole, giulia(), take()).await.expect("taken");

    let ids = async |filter: Filter| {
        let (rows, total) = tickets.list(AUTHORITY, &filter, PAGE).await.expect("a list");
        assert_eq!(rows.len() as u64, total);
        rows.into_iter().map(|row| row.id).collect::<Vec<_>>()
    };
    let some = Filter::default;
    assert_eq!(ids(some()).await, [discount, hole]);
    assert_eq!(ids(Filter { by_term: true, ..some() }).await, [hole, discount]);
    assert_eq!(ids(Filter { offices: vec!["urp".into()], ..some() }).await, [discount]);
    assert_eq!(ids(Filter { taken_by: Some("giulia".into()), ..some() }).await, [hole]);
    assert_eq!(ids(Filter { statuses: vec![Status::Received], ..some() }).await, [discount]);
    assert_eq!(ids(Filter { overdue_on: Some(date(2026, 6, 25)), ..some() }).await, [] as [uuid::Uuid; 0]);
    assert_eq!(ids(Filter { overdue_on: Some(date(2026, 6, 26)), ..some() }).await, [hole]);
    assert_eq!(
        ids(Filter { submitted_from: Some(NOON.parse().expect("a time")), ..some() }).await,
        [discount, hole]
    );
    assert_eq!(ids(Filter { submitted_to: Some(NOON.parse().expect("a time")), ..some() }).await, [hole]);
    assert_eq!(ids(Filter { search: "BUCA ada".into(), ..some() }).await, [hole]);
    assert_eq!(ids(Filter { search: "0000002/2026".into(), ..some() }).await, [discount]);
    assert_eq!(ids(Filter { search: "perché 100%".into(), ..some() }).await, [discount]);
    assert_eq!(ids(Filter { search: "_".into(), ..some() }).await, [] as [uuid::Uuid; 0]);
    assert_eq!(ids(Filter { ids: vec![hole], ..some() }).await, [hole]);

    let second = Page { number: 2, size: 1 };
    let (rows, total) = tickets.list(AUTHORITY, &some(), second).await.expect("a list");
    assert_eq!((rows[0].id, rows.len(), total), (hole, 1, 2));
}

async fn a_code_opens_one_ticket_only(town: Town) {
    let tickets = &town.state.tickets;
    let new = new_ticket();
    tickets.open(AUTHORITY, opening(new.clone(), NOON)).await.expect("opened");
    let again = tickets.open(AUTHORITY, opening(new, NOON)).await;
    assert!(matches!(again, Err(TicketError::CodeTaken)));
    // What was refused has used up no number.
    let next = tickets.open(AUTHORITY, opening(new_ticket(), NOON)).await.expect("opened");
    assert_eq!(next.protocol.expect("a number").number, 2);
}

async fn what_is_too_long_is_refused_and_named(town: Town) {
    let mut new = new_ticket();
    new.words = "è".repeat(MAX_WORDS_CHARS);
    town.state.tickets.open(AUTHORITY, opening(new.clone(), NOON)).await.expect("as long as it may be");
    new.code = new_ticket().code;
    new.words.push('!');
    let refused = town.state.tickets.open(AUTHORITY, opening(new, NOON)).await;
    assert!(matches!(refused, Err(TicketError::TooLong { what: "the words", .. })));
}
