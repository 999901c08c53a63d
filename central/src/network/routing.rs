//! To which office a new ticket goes first, and why. Pure.

use super::Directory;

/// To which office a ticket goes, and why.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Routing {
    /// The office's code.
    pub office: String,
    /// The reason in words, for the staff.
    pub reason: String,
}

/// Finds the competent office: the area's one for the category, else the category's own, then the same for each
/// category above it, else the URP. None only if the authority has no office at all that could have it.
/// Offices that the catalogue does not know (any more) are passed over.
pub fn route(directory: &Directory, category: Option<&str>, area: Option<&str>) -> Option<Routing> {
    let known = |office: &String| directory.offices.contains_key(office);
    for candidate in category.map(|category| directory.lineage(category)).unwrap_or_default() {
        let name = candidate.name.get("it");
        if let Some(area) = area
            && let Some(office) = directory
                .competences
                .get(&(candidate.code.clone(), area.to_owned()))
                .filter(|office| known(office))
        {
            let reason = format!("Competente per «{name}» nella zona {area}");
            return Some(Routing { office: office.clone(), reason });
        }
        if let Some(office) = candidate.office.as_ref().filter(|office| known(office)) {
            return Some(Routing { office: office.clone(), reason: format!("Competente per «{name}»") });
        }
    }
    let urp = directory.offices.values().find(|office| office.is_urp)?;
    let reason = if category.is_some() {
        "URP: nessun ufficio è competente per questa categoria"
    } else {
        "URP: la categoria non è stata indicata"
    };
    Some(Routing { office: urp.code.clone(), reason: reason.to_owned() })
}

#[cfg(test)]
mod tests {
    use serde_json::json;
    use sportello_wire::catalogue::{Category, Office};

    use super::*;

    fn directory(categories: &[(&str, Option<&str>, Option<&str>)], offices: &[(&str, bool)]) -> Directory {
        let mut directory = Directory::default();
        for (code, parent, office) in categories {
            let category: Category = serde_json::from_value(
                json!({ "code": code, "parent": parent, "office": office, "name": { "it": code } }),
            )
            .expect("a category");
            directory.categories.insert((*code).to_owned(), category);
        }
        for (code, is_urp) in offices {
            let office: Office = serde_json::from_value(json!({
                "code": code, "authority": "a", "name": { "it": code }, "description": {}, "is_urp": is_urp
            }))
            .expect("an office");
            directory.offices.insert((*code).to_owned(), office);
        }
        directory
    }

    fn office(directory: &Directory, category: &str, area: Option<&str>) -> Option<String> {
        route(directory, Some(category), area).map(|routing| routing.office)
    }

    #[test]
    fn an_area_of_the_parent_yields_to_the_categorys_own_office() {
        let mut directory = directory(
            &[("a", None, Some("one")), ("a.b", Some("a"), Some("two"))],
            &[("one", false), ("two", false)],
        );
        directory.competences.insert(("a".into(), "Nord".into()), "one".into());
        assert_eq!(office(&directory, "a.b", Some("Nord")).as_deref(), Some("two"));
        directory.competences.insert(("a.b".into(), "Nord".into()), "one".into());
        assert_eq!(office(&directory, "a.b", Some("Nord")).as_deref(), Some("one"));
        assert_eq!(office(&directory, "a.b", Some("Sud")).as_deref(), Some("two"));
    }

    #[test]
    fn categories_that_are_each_others_parent_do_not_hang_the_routing() {
        let directory = directory(&[("a", Some("b"), None), ("b", Some("a"), None)], &[("urp", true)]);
        assert_eq!(office(&directory, "a", None).as_deref(), Some("urp"));
    }

    #[test]
    fn an_office_that_is_gone_is_passed_over() {
        let directory = directory(&[("a", None, Some("gone"))], &[("urp", true), ("other", false)]);
        assert_eq!(office(&directory, "a", None).as_deref(), Some("urp"));
    }

    #[test]
    fn without_a_urp_a_ticket_of_no_category_has_no_office() {
        let directory = directory(&[("a", None, Some("one"))], &[("one", false)]);
        assert_eq!(route(&directory, None, None), None);
        assert!(route(&directory, Some("a"), None).expect("an office").reason.contains("«a»"));
    }
}
