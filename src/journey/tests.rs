//! The journey as a whole: every page is reached and left, words survive *back*, nothing survives the end.

use std::collections::HashSet;

use jiff::{Timestamp, ToSpan, civil::date};
use proptest::prelude::*;
use sportello_wire::{
    code::TicketCode,
    submission::{Kind, Place, Submission},
    ticket::{Status, TicketState},
};
use uuid::Uuid;

use super::*;

fn at(seconds: i64) -> Timestamp {
    Timestamp::UNIX_EPOCH + seconds.seconds()
}

fn code() -> TicketCode {
    TicketCode::from_random(77)
}

fn ticket_state() -> TicketState {
    TicketState {
        code: code(),
        kind: Kind::Report,
        category: sportello_wire::text::LocalisedText::default(),
        status: Status::InProgress,
        submitted_at: at(0),
        due_on: date(2026, 12, 22),
        protocol: None,
        handler: None,
        steps: Vec::new(),
    }
}

fn pothole() -> ChosenCategory {
    ChosenCategory {
        code: "strade.buche".into(),
        place: sportello_wire::catalogue::PlaceRule::Required,
        questions: Vec::new(),
    }
}

/// A citizen at a kiosk, whose touches come at given seconds.
struct Visit {
    journey: Journey,
    now: Timestamp,
    effects: Vec<Effect>,
}

impl Visit {
    fn new() -> Self {
        Self { journey: Journey::new(Settings::default(), at(0)), now: at(0), effects: Vec::new() }
    }

    fn then(mut self, event: Event) -> Self {
        self.effects = self.journey.handle(event, self.now);
        self
    }

    fn later(mut self, seconds: i64) -> Self {
        self.now += seconds.seconds();
        self.then(Event::Tick)
    }

    fn typed(self, field: Field, text: &str) -> Self {
        self.then(Event::Typed(field, text.into()))
    }

    fn writing() -> Self {
        Self::new()
            .then(Event::Begin)
            .then(Event::Write { can_accept: true })
            .then(Event::ChooseKind(Kind::Report))
            .typed(Field::Words, "Una buca profonda")
    }

    fn at_review() -> Self {
        Self::writing()
            .then(Event::Next)
            .then(Event::ChooseCategory(Some(pothole())))
            .then(Event::Next)
            .then(Event::ChooseStreet("Via Dante".into()))
            .then(Event::Next)
            .typed(Field::Email, "anna@example.it")
            .then(Event::Next)
    }

    fn received() -> Self {
        let id = Uuid::from_u128(1);
        Self::at_review().then(Event::Send { id, code: code() }).then(Event::Kept { id, submitted_at: at(5) })
    }

    fn following() -> Self {
        Self::new()
            .then(Event::Begin)
            .then(Event::Follow)
            .typed(Field::FollowCode, &code().to_string())
            .then(Event::SearchCode)
            .then(Event::Known(code(), Answer::Fresh(Box::new(ticket_state()))))
    }

    fn page(&self) -> &Page {
        self.journey.state().page()
    }

    fn state(&self) -> &State {
        self.journey.state()
    }
}

/// One visit that stands on each page but the welcome page and the goodbye.
fn every_page() -> Vec<Visit> {
    let home = || Visit::new().then(Event::Begin);
    vec![
        home(),
        home().then(Event::OpenLanguage),
        home().then(Event::OpenLegibility),
        home().then(Event::OpenHelp),
        home().then(Event::LookUp),
        home().then(Event::LookUp).then(Event::Open(EntryType::Article, "carta".into())),
        home().then(Event::Write { can_accept: true }),
        Visit::writing(),
        Visit::writing().then(Event::Next),
        Visit::writing().then(Event::Next).then(Event::Next),
        Visit::writing().then(Event::Next).then(Event::Next).then(Event::NoPlace),
        Visit::at_review(),
        Visit::received(),
        home().then(Event::Follow),
        Visit::following(),
        Visit::following().then(Event::WriteFollowUp { can_accept: true }),
    ]
}

fn name(page: &Page) -> std::mem::Discriminant<Page> {
    std::mem::discriminant(page)
}

#[test]
fn every_page_is_reached() {
    let mut reached: HashSet<_> = every_page().iter().map(|visit| name(visit.page())).collect();
    reached.insert(name(Visit::new().page()));
    reached.insert(name(Visit::new().then(Event::Begin).then(Event::End).page()));
    assert_eq!(reached.len(), 18, "as many as there are pages");
}

#[test]
fn a_touch_ends_the_goodbye_because_the_next_citizen_is_there() {
    let visit = Visit::new().then(Event::Begin).then(Event::End).then(Event::Touched);
    assert_eq!(visit.page(), &Page::Welcome);
}

#[test]
fn every_page_is_left_by_back_and_ended_by_the_button() {
    for visit in every_page() {
        let page = visit.page().clone();
        let back = visit.then(Event::Back);
        assert!(page == Page::Home || *back.page() != page, "{page:?}");
        let ended = back.then(Event::End).then(Event::ConfirmEnd);
        assert_eq!(ended.page(), &Page::Goodbye, "{page:?}");
        assert_eq!(ended.effects, [Effect::Wipe], "{page:?}");
    }
}

#[test]
fn every_page_ends_by_itself_after_a_warning_and_nothing_is_left() {
    for visit in every_page() {
        let page = visit.page().clone();
        let warned = visit.later(75);
        assert!(matches!(warned.state().layer, Some(Layer::StillThere { .. })), "{page:?}");
        let almost = warned.later(29);
        assert_eq!(almost.page(), &page);
        let over = almost.later(1);
        assert_eq!(over.effects, [Effect::Wipe], "{page:?}");
        let fresh = State::fresh(&Settings::default(), over.now);
        assert_eq!(format!("{:?}", over.state()), format!("{fresh:?}"), "{page:?}");
    }
}

#[test]
fn a_touch_during_the_warning_keeps_everything_as_often_as_wanted() {
    let mut visit = Visit::writing();
    for _ in 0..12 {
        visit = visit.later(80).then(Event::Stay);
        assert_eq!(visit.state().layer, None);
    }
    assert_eq!(visit.state().draft.words.0, "Una buca profonda");
}

#[test]
fn the_warnings_own_buttons_decide_although_a_finger_goes_down_first() {
    let warned = Visit::writing().later(75).then(Event::Touched);
    assert!(
        matches!(warned.state().layer, Some(Layer::StillThere { .. })),
        "the button is still there to be pressed"
    );
    let ended = warned.then(Event::ConfirmEnd);
    assert_eq!((ended.page(), ended.effects.as_slice()), (&Page::Goodbye, &[Effect::Wipe][..]));
    assert_eq!(Visit::writing().later(75).then(Event::Touched).then(Event::Stay).state().layer, None);
}

#[test]
fn back_from_anywhere_in_writing_loses_no_word() {
    let mut visit = Visit::at_review();
    while visit.state().can_go_back() {
        visit = visit.then(Event::Back);
        assert_eq!(visit.state().draft.words.0, "Una buca profonda");
        assert_eq!(visit.state().draft.place.street, "Via Dante");
        assert_eq!(visit.state().draft.contact.email, "anna@example.it");
    }
    assert_eq!(visit.page(), &Page::Home);
}

#[test]
fn the_language_changes_on_every_page_without_losing_what_was_typed() {
    for visit in every_page() {
        let (page, words) = (visit.page().clone(), visit.state().draft.words.0.clone());
        let visit = visit.then(Event::OpenLanguage).then(Event::ChooseLanguage("en".into()));
        assert_eq!(visit.state().language, "en");
        assert_eq!(visit.state().draft.words.0, words);
        assert!(*visit.page() == page || page == Page::Language, "{page:?}");
    }
}

#[test]
fn what_is_sent_is_what_was_read_again_and_a_second_touch_sends_nothing() {
    let id = Uuid::from_u128(9);
    let visit = Visit::at_review().then(Event::Send { id, code: code() });
    let [Effect::Submit { submission, .. }] = visit.effects.as_slice() else { panic!("{:?}", visit.effects) };
    let Submission::Ticket(ticket) = submission.as_ref() else { panic!("a ticket") };
    assert_eq!(ticket.words, "Una buca profonda");
    assert_eq!(ticket.category.as_deref(), Some("strade.buche"));
    let street = Place::Street { street: "Via Dante".into(), number: String::new(), note: String::new() };
    assert_eq!(ticket.place, street);
    assert_eq!(ticket.contact.email, "anna@example.it");

    let again = visit.then(Event::Send { id: Uuid::from_u128(10), code: TicketCode::from_random(1) });
    assert_eq!(again.effects, []);
    assert_eq!(again.page(), &Page::Review, "not received before it is kept");
    let received = again.then(Event::Kept { id, submitted_at: at(3) });
    assert_eq!(received.page(), &Page::Received);
    assert_eq!(received.state().received.as_ref().map(|received| received.code), Some(code()));
    assert!(received.state().draft.words.0.is_empty(), "after that the kiosk no longer knows the words");
}

#[test]
fn the_number_comes_onto_the_receipt_when_the_ticket_has_arrived() {
    let visit = Visit::received();
    let ticket = |visit: &Visit| visit.state().received.as_ref().and_then(|received| received.ticket.clone());
    assert_eq!(ticket(&visit), None);
    let visit = visit.then(Event::Known(code(), Answer::Fresh(Box::new(ticket_state()))));
    assert_eq!(ticket(&visit), Some(ticket_state()));
    assert_eq!(visit.page(), &Page::Received);
}

#[test]
fn several_choices_are_several_answers_and_an_empty_field_is_none() {
    use sportello_wire::catalogue::{Attribute, AttributeAnswer};
    let question = |code: &str, answer| Attribute {
        code: code.into(),
        question: sportello_wire::text::LocalisedText::italian("?"),
        required: false,
        answer,
    };
    let category = ChosenCategory {
        questions: vec![
            question("kinds", AttributeAnswer::Choice { values: Vec::new(), many: true }),
            question("depth", AttributeAnswer::Text),
        ],
        place: sportello_wire::catalogue::PlaceRule::None,
        ..pothole()
    };
    let choose = |key: &str| Event::ChooseAnswer { code: "kinds".into(), key: key.into(), many: true };
    let visit = Visit::writing()
        .then(Event::Next)
        .then(Event::ChooseCategory(Some(category)))
        .then(choose("a"))
        .then(choose("b"))
        .then(choose("c"))
        .then(choose("b"))
        .typed(Field::Answer("depth".into()), "  ")
        .then(Event::Next)
        .then(Event::Next)
        .then(Event::Send { id: Uuid::from_u128(3), code: code() });
    let [Effect::Submit { submission, .. }] = visit.effects.as_slice() else { panic!("{:?}", visit.state()) };
    let Submission::Ticket(ticket) = submission.as_ref() else { panic!("a ticket") };
    let pair = |key: &str| ("kinds".to_owned(), key.to_owned());
    assert_eq!(ticket.attributes, [pair("a"), pair("c")]);
}

#[test]
fn what_could_not_be_kept_stays_on_the_page_and_can_be_sent_again() {
    let id = Uuid::from_u128(9);
    let visit = Visit::at_review()
        .then(Event::Send { id, code: code() })
        .then(Event::NotKept { id, problem: Problem::NotKept });
    assert_eq!(visit.page(), &Page::Review);
    assert_eq!(visit.state().problem, Some(Problem::NotKept));
    let other = TicketCode::from_random(2);
    let again = visit.then(Event::Send { id: Uuid::from_u128(11), code: other });
    let [Effect::Submit { id: second, submission }] = again.effects.as_slice() else { panic!("sent again") };
    assert_eq!(
        (*second, *submission.code()),
        (id, code()),
        "the same submission, in case the first was kept after all"
    );
}

#[test]
fn a_change_from_the_review_leads_back_to_it() {
    let visit =
        Visit::at_review().then(Event::Change(Part::Words)).typed(Field::Words, "Una buca").then(Event::Next);
    assert_eq!(visit.page(), &Page::Review);
    assert_eq!(visit.then(Event::Back).page(), &Page::Contact);
}

#[test]
fn a_new_category_asks_for_the_place_that_it_needs() {
    let visit = Visit::writing()
        .then(Event::Next)
        .then(Event::ChooseCategory(None))
        .then(Event::Next)
        .then(Event::NoPlace)
        .then(Event::Next);
    assert_eq!(visit.page(), &Page::Review);
    let visit = visit
        .then(Event::Change(Part::Category))
        .then(Event::ChooseCategory(Some(pothole())))
        .then(Event::Next);
    assert_eq!((visit.page(), visit.state().problem), (&Page::Place, Some(Problem::PlaceMissing)));
}

#[test]
fn words_category_place_and_contact_are_asked_for_where_they_are_missing() {
    let no_words = Visit::writing().typed(Field::Words, "  ").then(Event::Next);
    assert_eq!((no_words.page(), no_words.state().problem), (&Page::Words, Some(Problem::WordsMissing)));
    let bad_mail = Visit::at_review().then(Event::Back).typed(Field::Email, "anna@").then(Event::Next);
    assert_eq!((bad_mail.page(), bad_mail.state().problem), (&Page::Contact, Some(Problem::EmailMalformed)));
}

#[test]
fn the_end_is_asked_for_only_if_something_would_be_lost() {
    assert_eq!(Visit::writing().then(Event::End).state().layer, Some(Layer::ConfirmEnd));
    assert_eq!(Visit::new().then(Event::Begin).then(Event::End).page(), &Page::Goodbye);
    assert_eq!(Visit::received().then(Event::Done).page(), &Page::Goodbye);
    assert_eq!(Visit::received().then(Event::Done).later(6).page(), &Page::Welcome);
}

#[test]
fn without_a_place_to_keep_it_nobody_types_in_vain() {
    let visit = Visit::new().then(Event::Begin).then(Event::Write { can_accept: false });
    assert_eq!((visit.page(), visit.state().problem), (&Page::Home, Some(Problem::CannotAcceptNow)));
}

#[test]
fn a_mistyped_code_is_seen_at_once_and_an_unknown_one_makes_the_next_wait() {
    let mut visit = Visit::new().then(Event::Begin).then(Event::Follow).typed(Field::FollowCode, "AAAA");
    visit = visit.then(Event::SearchCode);
    assert_eq!((visit.effects.len(), visit.state().problem), (0, Some(Problem::CodeMalformed)));
    visit = visit.typed(Field::FollowCode, &code().compact());
    for _ in 0..3 {
        visit = visit.then(Event::SearchCode).then(Event::Known(code(), Answer::Unknown));
        assert_eq!(visit.state().problem, Some(Problem::CodeUnknown));
    }
    visit = visit.then(Event::SearchCode);
    assert_eq!((visit.effects.len(), visit.state().problem), (0, Some(Problem::CodeTooOften)));
    assert_eq!(visit.later(2).then(Event::SearchCode).effects, [Effect::Ask(code())]);
}

#[test]
fn what_the_kiosk_remembers_is_shown_while_the_network_is_away() {
    let visit =
        Visit::new().then(Event::Begin).then(Event::Follow).typed(Field::FollowCode, &code().compact());
    let visit = visit
        .then(Event::SearchCode)
        .then(Event::Known(code(), Answer::Remembered(Box::new(ticket_state()), at(1))))
        .then(Event::Known(code(), Answer::Unreachable));
    assert_eq!((visit.page(), visit.state().follow.as_of), (&Page::FollowState, Some(at(1))));
}

#[test]
fn an_answer_for_the_last_citizen_does_not_reach_the_next() {
    let asked = Visit::following().then(Event::End).then(Event::ConfirmEnd).later(7).then(Event::Begin);
    let late = asked.then(Event::Known(code(), Answer::Fresh(Box::new(ticket_state()))));
    assert!(late.state().follow.state.is_none());
}

#[test]
fn a_follow_up_is_kept_once() {
    let id = Uuid::from_u128(4);
    let visit = Visit::following()
        .then(Event::WriteFollowUp { can_accept: true })
        .typed(Field::FollowWords, "È peggiorata")
        .then(Event::SendFollowUp { id });
    assert_eq!(visit.effects.len(), 1);
    let visit = visit.then(Event::SendFollowUp { id: Uuid::from_u128(5) });
    assert_eq!(visit.effects, []);
    let visit = visit.then(Event::Kept { id, submitted_at: at(9) });
    assert_eq!(visit.page(), &Page::Received);
    assert!(visit.state().received.as_ref().is_some_and(|received| received.follow_up));
    assert!(visit.state().follow.words.0.is_empty());
}

#[test]
fn a_later_answer_does_not_pull_the_citizen_away_from_the_page_that_says_sent() {
    let id = Uuid::from_u128(4);
    let fresh = || Event::Known(code(), Answer::Fresh(Box::new(ticket_state())));
    let visit = Visit::following()
        .then(Event::WriteFollowUp { can_accept: true })
        .typed(Field::FollowWords, "È peggiorata")
        .then(Event::SendFollowUp { id })
        .then(Event::Kept { id, submitted_at: at(9) })
        .then(fresh());
    assert_eq!(visit.page(), &Page::Received);
    let visit = visit.then(Event::FollowNow).then(fresh());
    assert_eq!(visit.page(), &Page::FollowState, "whoever asks is led there");
    assert_eq!(visit.then(Event::Back).then(fresh()).page(), &Page::Received);
}

#[test]
fn a_sleeping_screen_is_woken_by_presence_or_touch_and_the_touch_presses_nothing() {
    let settings = Settings { sleep_after: Some(Duration::from_mins(10)), ..Settings::default() };
    let mut journey = Journey::new(settings, at(0));
    journey.handle(Event::Tick, at(600));
    assert!(journey.state().asleep);
    journey.handle(Event::Begin, at(601));
    assert_eq!((journey.state().asleep, journey.state().page()), (false, &Page::Welcome));
    journey.handle(Event::Tick, at(1300));
    journey.handle(Event::Presence, at(1301));
    assert!(!journey.state().asleep);
}

#[test]
fn a_clock_set_back_does_not_keep_words_on_the_screen() {
    let mut visit = Visit::writing();
    visit.now = at(-1_000_000);
    let visit = visit.then(Event::Tick).later(75).later(30);
    assert_eq!(visit.page(), &Page::Welcome);
}

fn any_event() -> impl Strategy<Value = Event> {
    let text = "[a-z@. ]{0,12}";
    prop_oneof![
        Just(Event::Begin),
        Just(Event::Back),
        Just(Event::GoHome),
        Just(Event::End),
        Just(Event::Stay),
        Just(Event::OpenLanguage),
        Just(Event::OpenHelp),
        Just(Event::LookUp),
        Just(Event::Follow),
        Just(Event::Next),
        Just(Event::NoPlace),
        Just(Event::Print),
        Just(Event::Done),
        Just(Event::SearchCode),
        Just(Event::FollowNow),
        Just(Event::Write { can_accept: true }),
        Just(Event::ChooseKind(Kind::Question)),
        Just(Event::ChooseCategory(Some(pothole()))),
        Just(Event::ChooseCategory(None)),
        Just(Event::Change(Part::Place)),
        Just(Event::Scanned(code())),
        Just(Event::Known(code(), Answer::Unknown)),
        Just(Event::Known(code(), Answer::Fresh(Box::new(ticket_state())))),
        any::<u128>().prop_map(|id| Event::Send { id: Uuid::from_u128(id), code: code() }),
        text.prop_map(|text| Event::Typed(Field::Words, text)),
        text.prop_map(|text| Event::Typed(Field::Street, text)),
        text.prop_map(|text| Event::Typed(Field::Email, text)),
        text.prop_map(|text| Event::Typed(Field::FollowCode, text)),
    ]
}

proptest! {
    #[test]
    fn whatever_is_touched_words_are_lost_only_by_the_end_or_by_sending(
        events in proptest::collection::vec(any_event(), 1..60)
    ) {
        let mut journey = Journey::new(Settings::default(), at(0));
        for event in events {
            let before = journey.state().draft.words.0.clone();
            let types_words = matches!(event, Event::Typed(Field::Words, _));
            let effects = journey.handle(event, at(1));
            let state = journey.state();
            prop_assert!(!state.pages.is_empty());
            prop_assert!(state.pages.len() <= super::MAX_PAGES);
            if !types_words && state.draft.words.0 != before {
                prop_assert_eq!(effects, vec![Effect::Wipe]);
            }
        }
        journey.handle(Event::ConfirmEnd, at(2));
        prop_assert!(journey.state().draft.words.0.is_empty());
        prop_assert!(journey.state().received.is_none());
    }
}
