//! Every visible string of the staff and the public pages, one file for each language.
//!
//! A language is a value of [`Words`]: a missing string does not compile. `{}` marks what is filled in.
//! The kiosk's own strings are not here: those are gettext files in `ui/`.

mod en;
mod it;

use super::language::Language;

/// Returns the strings of a language.
pub fn words(language: Language) -> &'static Words {
    match language {
        Language::Italian => &it::WORDS,
        Language::English => &en::WORDS,
    }
}

/// Puts `parts` in the places of `{}`, in order.
pub fn fill<Part: AsRef<str>>(pattern: &str, parts: &[Part]) -> String {
    let mut filled = String::with_capacity(pattern.len() + 16);
    let mut parts = parts.iter();
    for (index, piece) in pattern.split("{}").enumerate() {
        if index > 0 {
            filled.push_str(parts.next().map_or("", AsRef::as_ref));
        }
        filled.push_str(piece);
    }
    filled
}

macro_rules! words {
    ($($name:ident)*) => {
        /// The strings of one language.
        #[derive(Debug)]
        #[allow(missing_docs, reason = "each name is its own description; the Italian text says the rest")]
        pub struct Words {
            /// The months, January first, as they stand in a date.
            pub months: [&'static str; 12],
            /// The months in three letters.
            pub months_short: [&'static str; 12],
            $(pub $name: &'static str,)*
        }

        impl Words {
            #[cfg(test)]
            fn named(&self) -> Vec<(&'static str, &'static str)> {
                vec![$((stringify!($name), self.$name),)*]
            }
        }
    };
}

words! {
    // Everywhere.
    product skip_to_content other_language other_language_tag
    // Dates.
    date date_with_year date_short moment today_at yesterday_at
    today tomorrow in_days late_by_one late_by one_day_left days_left
    // Kinds and states.
    kind_report kind_question kind_complaint kind_proposal
    status_received status_in_progress status_waiting status_resolved
    // Signing in.
    sign_in_title sign_in_lead login password sign_in sign_out
    sign_in_wrong sign_in_locked sign_in_again signed_out
    // The list.
    tickets views_label view_mine view_office view_overdue view_unassigned view_all view_search
    search search_hint search_label list_empty_mine list_empty_office list_empty_overdue
    list_empty_unassigned list_empty_all list_empty_search list_more list_back
    pick_title pick_lead nobody_yet no_category no_place due resolved_chip
    keys_on keys_off key_next key_previous key_search key_leave
    // The ticket.
    protocol protocol_pending sent_offline channel_kiosk channel_web
    channel_open311 channel_desk channel_phone channel_email channel_letter
    words_of_citizen added_by_citizen place language contact contact_none language_it language_en
    similar_title similar_checked history answer_label answer_hint
    reopen_label reopen_hint take answer_and_resolve answer_only ask_back pass_on pass_to pass_note pass_button resolve reopen
    has_it had_it has_it_nobody has_it_office read_only
    // What happened.
    did_submitted did_submitted_at did_registered did_routed did_taken did_passed
    did_answered did_asked did_followed_up did_resolved did_reopened
    // What went well, what did not.
    done_taken done_answered done_resolved done_asked done_passed done_reopened
    changed_meanwhile not_in_this_state not_your_office words_missing words_too_long office_missing
    form_expired ticket_missing_title ticket_missing page_missing_title page_missing
    trouble_title trouble back_to_list
    // Public pages.
    public_name start_title start_lead code_label code_hint code_button code_malformed
    start_what_title start_what start_desk_title start_desk start_emergency
    headline_received headline_in_progress headline_waiting headline_resolved
    handled_by was_handled_by waiting_for_office
    step_submitted_at step_submitted step_registered step_routed step_taken step_passed
    step_answered step_asked step_followed_up step_resolved step_reopened same_code
    due_by due_left due_late due_late_by answer_from question_from note_from add_something
    privacy_line unknown_title unknown_lead unknown_tips unknown_tip_look unknown_tip_wait
    unknown_tip_ask slow_title slow_lead sent_on
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_language_fills_in_the_same_number_of_parts() {
        for ((name, italian), (_, english)) in it::WORDS.named().into_iter().zip(en::WORDS.named()) {
            assert!(!italian.is_empty() && !english.is_empty(), "{name} is empty");
            assert_eq!(italian.matches("{}").count(), english.matches("{}").count(), "{name}");
        }
    }

    #[test]
    fn parts_are_filled_in_order_and_a_missing_one_leaves_nothing_behind() {
        assert_eq!(fill("entro il {} {}", &["22", "dicembre"]), "entro il 22 dicembre");
        assert_eq!(fill("{} giorni", &[] as &[&str]), " giorni");
    }
}
