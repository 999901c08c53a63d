//! A browser of our own over a real socket: cookies kept, redirects seen, no JavaScript.

use std::collections::BTreeMap;

use sportello_central::{
    people::{Person, Role},
    start::{Central, Running},
    ticket::Ticket,
};
use sportello_wire::submission::NewTicket;
use ureq::{Agent, Body, http::Response};

use crate::town::{AUTHORITY, NOON, Town, new_ticket, opening};

pub(crate) const PASSWORD: &str = "una parola lunga";

/// What came back.
pub(crate) struct Answer {
    pub(crate) status: u16,
    pub(crate) headers: BTreeMap<String, String>,
    /// The cookies as they were set, with all their attributes.
    pub(crate) cookies: Vec<String>,
    pub(crate) body: String,
}

impl Answer {
    pub(crate) fn header(&self, name: &str) -> &str {
        self.headers.get(name).map_or("", String::as_str)
    }

    /// The value of the first field with this name.
    pub(crate) fn field(&self, name: &str) -> String {
        let after = self.body.split(&format!("name=\"{name}\" value=\"")).nth(1).expect("the field");
        after.split('"').next().expect("its value").to_owned()
    }

    #[track_caller]
    pub(crate) fn says(&self, words: &str) {
        assert!(self.body.contains(words), "{} does not say {words}:\n{}", self.status, self.body);
    }

    #[track_caller]
    pub(crate) fn never_says(&self, words: &str) {
        assert!(!self.body.contains(words), "{} says {words}:\n{}", self.status, self.body);
    }
}

pub(crate) struct Browser {
    agent: Agent,
    base: String,
    language: &'static str,
    cookies: BTreeMap<String, String>,
    /// More headers for each request.
    pub(crate) headers: Vec<(&'static str, String)>,
}

impl Browser {
    pub(crate) fn new(running: &Running) -> Self {
        let agent = Agent::config_builder()
            .http_status_as_error(false)
            .max_redirects(0)
            .max_redirects_will_error(false)
            .build()
            .new_agent();
        Self {
            agent,
            base: format!("http://{}", running.address),
            language: "it",
            cookies: BTreeMap::new(),
            headers: Vec::new(),
        }
    }

    pub(crate) fn speaking(mut self, language: &'static str) -> Self {
        self.language = language;
        self
    }

    /// Somebody of the desk who has signed in.
    pub(crate) fn of(running: &Running, login: &str) -> Self {
        let mut browser = Self::new(running);
        let answer = browser.sign_in(login, PASSWORD);
        assert_eq!((answer.status, answer.header("location")), (303, "/staff/"), "{}", answer.body);
        browser
    }

    pub(crate) fn sign_in(&mut self, login: &str, password: &str) -> Answer {
        let form_token = self.get("/staff/sign-in").field("form_token");
        self.post("/staff/sign-in", &[("form_token", &form_token), ("login", login), ("password", password)])
    }

    pub(crate) fn get(&mut self, path: &str) -> Answer {
        let mut request =
            self.agent.get(format!("{}{path}", self.base)).header("accept-language", self.language);
        for (name, value) in self.all_headers() {
            request = request.header(name, value);
        }
        let response = request.call().expect("an answer");
        self.received(response)
    }

    pub(crate) fn post(&mut self, path: &str, fields: &[(&str, &str)]) -> Answer {
        let mut request =
            self.agent.post(format!("{}{path}", self.base)).header("accept-language", self.language);
        for (name, value) in self.all_headers() {
            request = request.header(name, value);
        }
        let response = request.send_form(fields.iter().copied()).expect("an answer");
        self.received(response)
    }

    /// Sends a ticket's form as it is shown now, with these fields filled in.
    pub(crate) fn work(&mut self, ticket: &Ticket, fields: &[(&str, &str)]) -> Answer {
        let path = format!("/staff/tickets/{}", ticket.opened.ticket.code);
        let page = self.get(&path);
        let (form_token, seen) = (page.field("form_token"), page.field("seen"));
        let mut all = vec![("form_token", form_token.as_str()), ("seen", seen.as_str())];
        all.extend(fields);
        self.post(&path, &all)
    }

    pub(crate) fn cookie(&self, name: &str) -> Option<&str> {
        self.cookies.get(name).map(String::as_str)
    }

    fn all_headers(&self) -> Vec<(&'static str, String)> {
        let cookies: Vec<_> = self.cookies.iter().map(|(name, value)| format!("{name}={value}")).collect();
        self.headers.iter().cloned().chain([("cookie", cookies.join("; "))]).collect()
    }

    fn received(&mut self, mut response: Response<Body>) -> Answer {
        let text = |value: &ureq::http::HeaderValue| value.to_str().expect("text").to_owned();
        let cookies: Vec<String> = response.headers().get_all("set-cookie").iter().map(text).collect();
        for cookie in &cookies {
            let pair = cookie.split(';').next().unwrap_or_default();
            let (name, value) = pair.split_once('=').expect("a cookie");
            self.cookies.insert(name.to_owned(), value.to_owned());
        }
        Answer {
            status: response.status().as_u16(),
            headers: response.headers().iter().map(|(name, value)| (name.to_string(), text(value))).collect(),
            cookies,
            body: response.body_mut().read_to_string().expect("a page"),
        }
    }
}

/// A central that serves a town with people: Marta at the streets office, Ugo at the URP, Anna who may do all.
pub(crate) async fn desk() -> (Town, Running) {
    let town = Town::on_sqlite().await;
    let people = town.state.people(AUTHORITY);
    for (login, name, office, role) in [
        ("marta", "Marta R.", "strade", Role::Operator),
        ("ugo", "Ugo N.", "urp", Role::Operator),
        ("anna", "Anna B.", "urp", Role::Administrator),
    ] {
        let person = Person { login: login.into(), name: name.into(), office: office.into(), role };
        people.add(&person, PASSWORD).await.expect("a person");
    }
    let running = Central::start(town.config.clone()).await.expect("a central that serves");
    (town, running)
}

/// A ticket for the streets office.
pub(crate) async fn hole(town: &Town) -> Ticket {
    let mut new = new_ticket();
    // Outside of the centre the streets office is competent.
    new.place = sportello_wire::submission::Place::Nowhere;
    open(town, new).await
}

pub(crate) async fn open(town: &Town, new: NewTicket) -> Ticket {
    town.state.tickets.open(AUTHORITY, opening(new, NOON)).await.expect("a ticket")
}

/// The ticket as it is now.
pub(crate) async fn now(town: &Town, ticket: &Ticket) -> Ticket {
    town.state.tickets.get(AUTHORITY, ticket.id).await.expect("a ticket").expect("it is there")
}
