//! Offices, categories and competences of one authority, all at hand for pure decisions and for names.

use std::collections::{BTreeMap, HashMap};

use jiff::{Timestamp, ToSpan as _, civil::Date, tz::TimeZone};
use sea_orm::ConnectionTrait;
use sportello_wire::{
    catalogue::{Authority, Category, Entry, EntryType, Office},
    text::LocalisedText,
    ticket::Handler,
};

use super::competence;
use crate::{knowledge::catalogue, store::StoreError};

/// The term when an authority says nothing (L. 241/1990, art. 2).
const DEFAULT_TERM_DAYS: u16 = 30;
/// The time zone when an authority says nothing.
const DEFAULT_TIME_ZONE: &str = "Europe/Rome";

/// Offices, categories and competences of one authority.
#[derive(Debug, Clone, Default)]
pub struct Directory {
    /// The authority itself, once it is in the catalogue.
    pub authority: Option<Authority>,
    /// The names of all bodies in the catalogue, by code.
    pub authorities: BTreeMap<String, LocalisedText>,
    /// The offices by code.
    pub offices: BTreeMap<String, Office>,
    /// The categories by code.
    pub categories: BTreeMap<String, Category>,
    /// The office by category and area.
    pub competences: HashMap<(String, String), String>,
}

impl Directory {
    /// Reads it from the catalogue.
    pub(crate) async fn read<C: ConnectionTrait>(on: &C, authority: &str) -> Result<Self, StoreError> {
        let mut directory = Self::default();
        for entry_type in [EntryType::Authority, EntryType::Office, EntryType::Category] {
            for entry in catalogue::entries(on, authority, entry_type).await? {
                match entry {
                    Entry::Authority(entry) => {
                        directory.authorities.insert(entry.code.clone(), entry.name.clone());
                        if entry.code == authority {
                            directory.authority = Some(entry);
                        }
                    }
                    Entry::Office(entry) => drop(directory.offices.insert(entry.code.clone(), entry)),
                    Entry::Category(entry) => drop(directory.categories.insert(entry.code.clone(), entry)),
                    _ => {}
                }
            }
        }
        for competence in competence::read(on, authority).await? {
            directory.competences.insert((competence.category, competence.area), competence.office);
        }
        Ok(directory)
    }

    /// The office with its name and its body's name; the bare code if it is not known (any more).
    pub fn handler(&self, office: &str) -> Handler {
        let known = self.offices.get(office);
        let body = known.map_or("", |known| known.authority.as_str());
        Handler {
            office: office.to_owned(),
            name: known.map_or_else(|| LocalisedText::italian(office), |known| known.name.clone()),
            authority: self.authorities.get(body).cloned().unwrap_or_else(|| LocalisedText::italian(body)),
        }
    }

    /// A category and all above it, the nearest first. A circle ends where it would begin again.
    pub fn lineage<'a>(&'a self, category: &str) -> Vec<&'a Category> {
        let mut lineage: Vec<&Category> = Vec::new();
        let mut next = self.categories.get(category);
        while let Some(category) = next.filter(|next| lineage.iter().all(|seen| seen.code != next.code)) {
            lineage.push(category);
            next = category.parent.as_ref().and_then(|parent| self.categories.get(parent));
        }
        lineage
    }

    /// The authority's time zone.
    pub fn zone(&self) -> TimeZone {
        let name = self.authority.as_ref().map_or(DEFAULT_TIME_ZONE, |authority| &authority.time_zone);
        TimeZone::get(name).unwrap_or(TimeZone::UTC)
    }

    /// The day by which a ticket submitted then is answered: the category's term, else the nearest one
    /// above it, else the authority's, counted in days of the authority's calendar.
    pub fn due_on(&self, category: Option<&str>, submitted_at: Timestamp) -> Date {
        let term_days = category
            .and_then(|category| self.lineage(category).into_iter().find_map(|category| category.term_days))
            .or_else(|| self.authority.as_ref().map(|authority| authority.term_days))
            .unwrap_or(DEFAULT_TERM_DAYS);
        let day = submitted_at.to_zoned(self.zone()).date();
        day.saturating_add(i64::from(term_days).days())
    }
}
