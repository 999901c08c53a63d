//! The list: which tickets, in which order, and what a row says.

use std::collections::HashMap;

use jiff::civil::Date;
use serde::Deserialize;
use sportello_wire::{code::TicketCode, ticket::Status};

use super::{DeskError, StaffPages, title::title};
use crate::{
    http::page::{
        dates::{Dates, Urgency},
        language::Language,
        words::Words,
    },
    network::Directory,
    people::{Person, Role, Session},
    ticket::{Filter, Page, TicketRow},
};

/// How many rows one page of the list has.
const PAGE_ROWS: u32 = 50;
const OPEN: [Status; 3] = [Status::Received, Status::InProgress, Status::WaitingForCitizen];

/// Which tickets.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Deserialize)]
#[serde(rename_all = "lowercase")]
pub(super) enum View {
    /// Those that the person has taken.
    Mine,
    /// Those of the person's office.
    Office,
    /// Those that should have been answered.
    Overdue,
    /// Those that nobody has taken.
    Unassigned,
    /// Every ticket of the network.
    All,
    /// Those that the last search found.
    Found,
}

impl View {
    const COUNTED: [Self; 4] = [Self::Mine, Self::Office, Self::Overdue, Self::Unassigned];

    /// The name in addresses.
    pub(super) fn key(self) -> &'static str {
        match self {
            Self::Mine => "mine",
            Self::Office => "office",
            Self::Overdue => "overdue",
            Self::Unassigned => "unassigned",
            Self::All => "all",
            Self::Found => "found",
        }
    }

    fn name(self, w: &'static Words) -> &'static str {
        match self {
            Self::Mine => w.view_mine,
            Self::Office => w.view_office,
            Self::Overdue => w.view_overdue,
            Self::Unassigned => w.view_unassigned,
            Self::All => w.view_all,
            Self::Found => w.view_search,
        }
    }

    fn empty(self, w: &'static Words) -> &'static str {
        match self {
            Self::Mine => w.list_empty_mine,
            Self::Office => w.list_empty_office,
            Self::Overdue => w.list_empty_overdue,
            Self::Unassigned => w.list_empty_unassigned,
            Self::All => w.list_empty_all,
            Self::Found => w.list_empty_search,
        }
    }

    fn filter(self, person: &Person, search: &str, today: Date) -> Filter {
        // An administrator looks after all offices, an operator after the own one.
        let offices = match person.role {
            Role::Administrator if self != Self::Office => Vec::new(),
            Role::Administrator | Role::Operator => vec![person.office.clone()],
        };
        let open = Filter { statuses: OPEN.to_vec(), by_term: true, ..Filter::default() };
        match self {
            Self::Mine => Filter { taken_by: Some(person.login.clone()), ..open },
            Self::Office => Filter { offices, ..open },
            Self::Overdue => Filter { offices, overdue_on: Some(today), ..open },
            Self::Unassigned => Filter { offices, taken_by: Some(String::new()), ..open },
            Self::All => Filter::default(),
            Self::Found => Filter { search: search.to_owned(), ..Filter::default() },
        }
    }
}

/// The list as its pane shows it.
#[derive(Debug)]
pub(super) struct List {
    pub(super) key: &'static str,
    pub(super) views: Vec<ViewLink>,
    pub(super) search: String,
    pub(super) rows: Vec<RowView>,
    pub(super) empty: &'static str,
    pub(super) more: Option<String>,
}

/// One of the views, with how many tickets it has.
#[derive(Debug)]
pub(super) struct ViewLink {
    pub(super) key: &'static str,
    pub(super) name: &'static str,
    pub(super) count: Option<u64>,
    pub(super) current: bool,
}

/// A ticket in the list.
#[derive(Debug)]
pub(super) struct RowView {
    pub(super) code: String,
    pub(super) title: String,
    pub(super) category: String,
    pub(super) place: String,
    pub(super) when: String,
    pub(super) who: String,
    pub(super) due: Due,
    pub(super) current: bool,
}

/// When a ticket is due, with colour, icon and words.
#[derive(Debug, Clone)]
pub(super) struct Due {
    pub(super) class: &'static str,
    pub(super) icon: &'static str,
    pub(super) day: String,
    pub(super) words: String,
}

impl Due {
    /// Says it for an open ticket; a resolved one is due no more.
    pub(super) fn of(due_on: Date, status: Status, w: &Words, dates: &Dates) -> Self {
        if !status.is_open() {
            return Self {
                class: "due-done",
                icon: "check",
                day: w.resolved_chip.to_owned(),
                words: String::new(),
            };
        }
        let (class, icon) = match dates.urgency(due_on) {
            Urgency::Calm => ("due-calm", "calendar"),
            Urgency::Soon => ("due-soon", "clock"),
            Urgency::Late => ("due-late", "alert"),
        };
        Self { class, icon, day: dates.short_day(due_on), words: dates.until(due_on) }
    }
}

/// What is needed to make a list.
pub(super) struct Shown<'a> {
    /// None takes the person's own tickets, or the office's while there are none.
    pub(super) view: Option<View>,
    pub(super) page: u32,
    pub(super) current: Option<TicketCode>,
    pub(super) session: &'a Session,
    pub(super) language: Language,
    pub(super) directory: &'a Directory,
    pub(super) names: &'a HashMap<String, String>,
    pub(super) dates: &'a Dates,
}

impl StaffPages {
    /// Makes the list with its counts.
    pub(super) async fn list_of(&self, shown: &Shown<'_>) -> Result<List, DeskError> {
        let w = shown.language.words();
        let (person, search) = (&shown.session.person, shown.session.search.as_str());
        let today = shown.dates.today();
        let mut counts = Vec::new();
        for view in View::COUNTED {
            let filter = view.filter(person, search, today);
            let (_, total) = self.tickets.list(&self.authority, &filter, Page { number: 1, size: 1 }).await?;
            counts.push((view, total));
        }
        let has_own = counts.iter().any(|(view, total)| *view == View::Mine && *total > 0);
        let view = shown.view.unwrap_or(if has_own { View::Mine } else { View::Office });
        let mut views: Vec<ViewLink> =
            counts.into_iter().map(|(counted, total)| link(counted, Some(total), view, w)).collect();
        views.push(link(View::All, None, view, w));
        if view == View::Found {
            views.push(link(View::Found, None, view, w));
        }
        let number = shown.page.max(1);
        let filter = view.filter(person, search, today);
        let page = Page { number, size: PAGE_ROWS };
        let (rows, total) = self.tickets.list(&self.authority, &filter, page).await?;
        let more = u64::from(number) * u64::from(PAGE_ROWS) < total;
        Ok(List {
            key: view.key(),
            views,
            search: if view == View::Found { search.to_owned() } else { String::new() },
            rows: rows.iter().map(|row| row_view(row, shown)).collect(),
            empty: view.empty(w),
            more: more.then(|| format!("/staff/?list={}&page={}", view.key(), number.saturating_add(1))),
        })
    }
}

fn link(view: View, count: Option<u64>, current: View, w: &'static Words) -> ViewLink {
    ViewLink { key: view.key(), name: view.name(w), count, current: view == current }
}

fn row_view(row: &TicketRow, shown: &Shown<'_>) -> RowView {
    let (w, tag) = (shown.language.words(), shown.language.tag());
    let category = shown.directory.categories.get(&row.category).map(|category| category.name.get(tag));
    let who = match row.status {
        Status::Resolved => w.status_resolved,
        Status::WaitingForCitizen => w.status_waiting,
        Status::Received | Status::InProgress if row.taken_by.is_empty() => w.nobody_yet,
        Status::Received | Status::InProgress => {
            shown.names.get(&row.taken_by).map_or(row.taken_by.as_str(), String::as_str)
        }
    };
    RowView {
        code: row.code.to_string(),
        title: title(&row.beginning),
        category: category.unwrap_or(w.no_category).to_owned(),
        place: if row.place.is_empty() { w.no_place.to_owned() } else { row.place.clone() },
        when: shown.dates.recent(row.submitted_at),
        who: who.to_owned(),
        due: Due::of(row.due_on, row.status, w, shown.dates),
        current: shown.current == Some(row.code),
    }
}
