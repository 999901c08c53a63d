//! A new request, as the form that `POST requests` takes.

use std::fmt;

use super::Position;

/// The most fields that a form may have.
pub const MAX_FORM_FIELDS: usize = 500;

/// A new request. Empty texts are the same as absent ones.
#[derive(Clone, Default, PartialEq)]
pub struct NewRequest {
    /// The sender's key.
    pub api_key: String,
    /// Which town, where a server has several.
    pub jurisdiction_id: String,
    /// The service.
    pub service_code: String,
    /// Where it is on the map.
    pub position: Option<Position>,
    /// Where it is, in words.
    pub address_string: String,
    /// Where it is, in the town's own register.
    pub address_id: String,
    /// The person's e-mail address.
    pub email: String,
    /// The sending device.
    pub device_id: String,
    /// The person's account.
    pub account_id: String,
    /// The person's given name.
    pub first_name: String,
    /// The person's family name.
    pub last_name: String,
    /// The person's telephone number.
    pub phone: String,
    /// What is reported: at most [`super::MAX_DESCRIPTION_CHARS`] characters, no markup.
    pub description: String,
    /// A picture's address.
    pub media_url: String,
    /// Answers to the service's further questions.
    pub attributes: Vec<AttributeAnswer>,
}

/// An answer to a service's further question.
#[derive(Clone, PartialEq, Eq)]
pub struct AttributeAnswer {
    /// The attribute's code.
    pub code: String,
    /// The answer; several only for a `multivaluelist`.
    pub values: Vec<String>,
    /// Whether it is sent as `attribute[CODE][]` (`multivaluelist`).
    pub is_list: bool,
}

/// Why a form is no request.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
pub enum FormError {
    /// It has more than [`MAX_FORM_FIELDS`] fields.
    #[error("the form has too many fields")]
    TooManyFields,
    /// `lat` and `long` are not two numbers on the Earth.
    #[error("lat and long have to be given together, in degrees with a decimal point")]
    Position,
}

impl NewRequest {
    /// Writes the form (`application/x-www-form-urlencoded`), without empty fields.
    pub fn to_form(&self) -> String {
        let mut form = form_urlencoded::Serializer::new(String::new());
        let lat = self.position.map(|position| position.lat.to_string()).unwrap_or_default();
        let long = self.position.map(|position| position.long.to_string()).unwrap_or_default();
        let fields = [
            ("api_key", &self.api_key),
            ("jurisdiction_id", &self.jurisdiction_id),
            ("service_code", &self.service_code),
            ("lat", &lat),
            ("long", &long),
            ("address_string", &self.address_string),
            ("address_id", &self.address_id),
            ("email", &self.email),
            ("device_id", &self.device_id),
            ("account_id", &self.account_id),
            ("first_name", &self.first_name),
            ("last_name", &self.last_name),
            ("phone", &self.phone),
            ("description", &self.description),
            ("media_url", &self.media_url),
        ];
        form.extend_pairs(fields.into_iter().filter(|(_, value)| !value.is_empty()));
        for answer in &self.attributes {
            let brackets = if answer.is_list { "[]" } else { "" };
            let name = format!("attribute[{}]{brackets}", answer.code);
            form.extend_pairs(answer.values.iter().map(|value| (&name, value)));
        }
        form.finish()
    }

    /// Reads a form.
    pub fn from_form(body: &[u8]) -> Result<Self, FormError> {
        Self::from_fields(form_urlencoded::parse(body))
    }

    /// Reads the fields of a form however they came (`multipart/form-data`). Unknown ones are passed over.
    pub fn from_fields<N, V>(fields: impl IntoIterator<Item = (N, V)>) -> Result<Self, FormError>
    where
        N: AsRef<str>,
        V: AsRef<str>,
    {
        let mut request = Self::default();
        let (mut lat, mut long) = (String::new(), String::new());
        for (index, (name, value)) in fields.into_iter().enumerate() {
            if index >= MAX_FORM_FIELDS {
                return Err(FormError::TooManyFields);
            }
            let (name, value) = (name.as_ref(), value.as_ref().trim());
            let field = match name {
                "api_key" => &mut request.api_key,
                "jurisdiction_id" => &mut request.jurisdiction_id,
                "service_code" => &mut request.service_code,
                "lat" => &mut lat,
                "long" => &mut long,
                "address_string" => &mut request.address_string,
                "address_id" => &mut request.address_id,
                "email" => &mut request.email,
                "device_id" => &mut request.device_id,
                "account_id" => &mut request.account_id,
                "first_name" => &mut request.first_name,
                "last_name" => &mut request.last_name,
                "phone" => &mut request.phone,
                "description" => &mut request.description,
                "media_url" => &mut request.media_url,
                other => {
                    request.add_attribute(other, value);
                    continue;
                }
            };
            value.clone_into(field);
        }
        request.position = read_position(&lat, &long)?;
        Ok(request)
    }

    /// Adds one value of `attribute[CODE]` or `attribute[CODE][]`; further values of a code join the first.
    fn add_attribute(&mut self, name: &str, value: &str) {
        let Some(rest) = name.strip_prefix("attribute[").filter(|_| !value.is_empty()) else { return };
        let listed = rest.strip_suffix("][]");
        let Some(code) = listed.or_else(|| rest.strip_suffix(']')) else { return };
        if let Some(known) = self.attributes.iter_mut().find(|answer| answer.code == code) {
            known.values.push(value.to_owned());
            known.is_list = true;
        } else {
            let (code, values) = (code.to_owned(), vec![value.to_owned()]);
            self.attributes.push(AttributeAnswer { code, values, is_list: listed.is_some() });
        }
    }
}

fn read_position(lat: &str, long: &str) -> Result<Option<Position>, FormError> {
    if lat.is_empty() && long.is_empty() {
        return Ok(None);
    }
    let degrees = lat.parse().ok().zip(long.parse().ok());
    degrees.and_then(|(lat, long)| Position::new(lat, long)).map(Some).ok_or(FormError::Position)
}

impl fmt::Debug for NewRequest {
    /// Shows the service only: the rest is a person's words, or a key.
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        formatter.debug_struct("NewRequest").field("service_code", &self.service_code).finish_non_exhaustive()
    }
}

impl fmt::Debug for AttributeAnswer {
    /// Shows the code only.
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        formatter.debug_struct("AttributeAnswer").field("code", &self.code).finish_non_exhaustive()
    }
}
