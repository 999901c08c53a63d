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
