//! Which of GeoReport's calls a path means, and in which format it is to be answered. Pure.

use sportello_wire::open311::Format;

use super::refusal::Refusal;

/// One of the calls.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) enum Call {
    /// `services`
    Services,
    /// `services/{code}`
    Definition(String),
    /// `requests`: the list, or with POST a new one.
    Requests,
    /// `requests/{id}`
    Request(String),
    /// `tokens/{token}`
    Token(String),
}

impl Call {
    /// Reads a decoded path below `/open311/v2/`. A refusal is answered in the format that comes with it: XML, the
    /// one that every client has to know, unless the suffix says otherwise.
    pub(super) fn parse(path: &str) -> Result<(Self, Format), (Refusal, Format)> {
        // Service codes have dots in them, so the last one separates the suffix.
        let (name, suffix) = path.rsplit_once('.').ok_or((Refusal::UnknownFormat, Format::Xml))?;
        let format = Format::from_suffix(suffix).ok_or((Refusal::UnknownFormat, Format::Xml))?;
        let call = match name.split_once('/') {
            None if name == "services" => Self::Services,
            None if name == "requests" => Self::Requests,
            Some(("services", code)) if !code.is_empty() => Self::Definition(code.to_owned()),
            Some(("requests", id)) if !id.is_empty() => Self::Request(id.to_owned()),
            Some(("tokens", token)) if !token.is_empty() => Self::Token(token.to_owned()),
            _ => return Err((Refusal::UnknownCall, format)),
        };
        Ok((call, format))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_call_is_found_and_its_suffix_is_the_format() {
        for (path, call, format) in [
            ("services.json", Call::Services, Format::Json),
            ("services/strade.buche.xml", Call::Definition("strade.buche".into()), Format::Xml),
            ("requests.xml", Call::Requests, Format::Xml),
            ("requests/7.json", Call::Request("7".into()), Format::Json),
            ("tokens/a.b.json", Call::Token("a.b".into()), Format::Json),
        ] {
            assert_eq!(Call::parse(path), Ok((call, format)), "{path}");
        }
    }

    #[test]
    fn another_format_is_refused_in_xml_and_another_path_in_its_own() {
        for path in ["services", "services.csv", "requests.JSON", "", "services/strade"] {
            assert_eq!(Call::parse(path), Err((Refusal::UnknownFormat, Format::Xml)), "{path}");
        }
        for path in ["offices.json", "services/.json", "tokens.json", ".json"] {
            assert_eq!(Call::parse(path), Err((Refusal::UnknownCall, Format::Json)), "{path}");
        }
    }
}
