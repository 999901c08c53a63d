//! The documents of the text itself, the deviations of real servers, and the two properties that must hold.

use jiff::{Timestamp, tz::TimeZone};
use proptest::prelude::*;

use super::*;

const BOTH: [Format; 2] = [Format::Xml, Format::Json];

fn utc() -> TimeZone {
    TimeZone::UTC
}

fn moment(text: &str) -> Timestamp {
    text.parse().unwrap()
}

fn pothole() -> ServiceRequest {
    ServiceRequest {
        service_request_id: "0042".into(),
        status: RequestStatus::Closed,
        status_notes: "Chiusa <la buca> & \"riasfaltata\"".into(),
        service_name: "Buche".into(),
        service_code: "001".into(),
        requested_datetime: Some(moment("2026-11-22T07:33:07.999Z")),
        position: Position::new(45.5, 10.25),
        ..ServiceRequest::default()
    }
}

#[test]
fn a_request_is_written_as_the_text_has_it() {
    assert_eq!(
        write_list(&[pothole()], Format::Json),
        r#"[{"service_request_id":"0042","status":"closed","#.to_owned()
            + r#""status_notes":"Chiusa <la buca> & \"riasfaltata\"","service_name":"Buche","service_code":"001","#
            + r#""description":null,"agency_responsible":null,"service_notice":null,"#
            + r#""requested_datetime":"2026-11-22T07:33:07Z","updated_datetime":null,"expected_datetime":null,"#
            + r#""address":null,"address_id":null,"zipcode":null,"lat":45.5,"long":10.25,"media_url":null}]"#
    );
    let xml = write_list(&[pothole()], Format::Xml);
    assert!(
        xml.starts_with("<?xml version=\"1.0\" encoding=\"UTF-8\"?>\n<service_requests><request>"),
        "{xml}"
    );
    assert!(
        xml.contains("<status_notes>Chiusa &lt;la buca&gt; &amp; &quot;riasfaltata&quot;</status_notes>"),
        "{xml}"
    );
    assert!(xml.contains("<requested_datetime>2026-11-22T07:33:07Z</requested_datetime>"), "{xml}");
    assert!(xml.ends_with("<media_url></media_url></request></service_requests>"), "{xml}");
}

#[test]
fn a_list_stays_a_list_when_it_has_one_item_or_none() {
    assert_eq!(write_list::<Service>(&[], Format::Json), "[]");
    assert!(write_list::<Service>(&[], Format::Xml).ends_with("<services></services>"));
    let definition = ServiceDefinition { service_code: "7".into(), attributes: Vec::new() };
    assert_eq!(write_one(&definition, Format::Json), r#"{"service_code":"7","attributes":[]}"#);
    let error = Error { code: 403, description: "La chiave non è valida.".into() };
    assert_eq!(
        write_list(&[error], Format::Json),
        r#"[{"code":403,"description":"La chiave non è valida."}]"#
    );
}

#[test]
fn an_answer_has_an_id_or_a_token_and_never_both() {
    for (reference, has, has_not) in [
        (Reference::Request("9".into()), "service_request_id", "token"),
        (Reference::Token("9".into()), "token", "service_request_id"),
    ] {
        let answer = RequestAnswer { reference, service_notice: String::new(), account_id: String::new() };
        for format in BOTH {
            let answers = std::slice::from_ref(&answer);
            let written = write_list(answers, format);
            assert!(written.contains(has) && !written.contains(has_not), "{written}");
            assert_eq!(read_list::<RequestAnswer>(written.as_bytes(), &utc()).unwrap(), answers);
        }
    }
}

#[test]
fn the_texts_own_examples_are_read_with_their_invalid_numbers() {
    let services = br#"[ { "service_code":001, "service_name":"Cans left out 24x7", "metadata":true,
        "type":"realtime", "keywords":"lorem, ipsum, dolor", "group":"sanitation" } ]"#;
    let services: Vec<Service> = read_list(services, &utc()).unwrap();
    assert_eq!(services[0].service_code, "001");
    assert_eq!(services[0].keywords, ["lorem", "ipsum", "dolor"]);
    assert!(services[0].metadata);
    let requests = br"<service_requests> <request> <service_request_id>638344</service_request_id>
        <status>closed</status> <requested_datetime>2010-04-14T06:37:38-08:00</requested_datetime>
        <lat>37.762221815</lat> <long>-122.4651145</long> <description></description>
        <media_url>http://city.example/638344.jpg </media_url> </request> </service_requests>";
    let requests: Vec<ServiceRequest> = read_list(requests, &utc()).unwrap();
    assert_eq!(requests[0].requested_datetime, Some(moment("2010-04-14T14:37:38Z")));
    assert_eq!(requests[0].position, Position::new(37.762_221_815, -122.465_114_5));
    assert_eq!(requests[0].media_url, "http://city.example/638344.jpg");
}

#[test]
fn one_request_is_found_whatever_is_wrapped_around_it() {
    let bodies: [&[u8]; 9] = [
        br#"[{"service_request_id":12345678901234567890123}]"#,
        br#"{"service_request_id":"12345678901234567890123"}"#,
        br#"{"service_requests":[{"service_request_id":"12345678901234567890123","x":[1]}]}"#,
        br#"{"service_requests":{"request":{"service_request_id":"12345678901234567890123"}}}"#,
        br#"{"pages":3,"data":[{"service_request_id":"12345678901234567890123"}]}"#,
        b"<service_requests><request><service_request_id>12345678901234567890123</service_request_id></request></service_requests>",
        b"\xef\xbb\xbf<?xml version='1.0'?>\n<requests type='array'><request><service_request_id> 12345678901234567890123\n</service_request_id></request></requests>",
        b"<request xmlns='http://wiki.open311.org/GeoReport_v2'><service_request_id>12345678901234567890123</service_request_id><new/></request>",
        b"<a><service_requests><request><service_request_id><![CDATA[12345678901234567890123]]></service_request_id></request></service_requests></a>",
    ];
    for body in bodies {
        let text = String::from_utf8_lossy(body);
        let requests: Vec<ServiceRequest> = read_list(body, &utc()).unwrap();
        assert_eq!(requests.len(), 1, "{text}");
        assert_eq!(requests[0].service_request_id, "12345678901234567890123", "{text}");
        let answers: Vec<RequestAnswer> = read_list(body, &utc()).unwrap();
        assert_eq!(answers[0].reference, Reference::Request("12345678901234567890123".into()), "{text}");
    }
}

#[test]
fn nothing_is_an_empty_list_and_something_else_is_an_error() {
    for body in ["", "null", "[]", "{}", "<service_requests/>", "<service_requests> </service_requests>"] {
        assert_eq!(read_list::<ServiceRequest>(body.as_bytes(), &utc()).unwrap(), [], "{body}");
    }
    for body in [r#"[{"code":400,"description":"no"}]"#, "<errors><error><code>400</code></error></errors>"] {
        let read = read_list::<ServiceRequest>(body.as_bytes(), &utc());
        assert!(matches!(read, Err(ReadError::Nothing("request"))), "{body}: {read:?}");
    }
    assert!(matches!(read_list::<Service>(b"Bad gateway", &utc()), Err(ReadError::Json(_))));
    assert!(matches!(read_list::<Service>(b"<html><br>", &utc()), Err(ReadError::Xml(_))));
    let long = vec![b' '; MAX_ANSWER_BYTES + 1];
    assert!(matches!(read_list::<Service>(&long, &utc()), Err(ReadError::TooLong(_))));
}

#[test]
fn a_state_beyond_the_two_is_understood_and_the_unknown_is_open() {
    for (status, expected) in [
        ("CLOSED", RequestStatus::Closed),
        ("Not councils responsibility", RequestStatus::Closed),
        ("INVESTIGATING", RequestStatus::Open),
        ("", RequestStatus::Open),
    ] {
        let body = format!(r#"[{{"service_request_id":1,"status":"{status}"}}]"#);
        assert_eq!(
            read_list::<ServiceRequest>(body.as_bytes(), &utc()).unwrap()[0].status,
            expected,
            "{status}"
        );
    }
}

#[test]
fn errors_of_any_shape_become_sentences() {
    for (body, code, description) in [
        (r#"[{"code":403,"description":"no key"}]"#, 403, "no key"),
        ("<errors><error><code>403</code><description>no key</description></error></errors>", 403, "no key"),
        (r#"{"errors":[{"code":"403","description":"no key"}]}"#, 403, "no key"),
        (r#"{"error":{"status":403,"message":"no key"}}"#, 403, "no key"),
        (r#"{"error":"no key"}"#, 0, "no key"),
        ("no key\n", 0, "no key"),
    ] {
        assert_eq!(read_errors(body.as_bytes()), [Error { code, description: description.into() }], "{body}");
    }
    assert_eq!(read_errors(b"<html><body>Bad<br>gateway"), []);
    assert_eq!(read_errors(b""), []);
}

#[test]
fn a_deep_document_or_a_document_type_is_no_danger() {
    let deep = "<a>".repeat(20_000) + &"</a>".repeat(20_000);
    assert!(read_list::<Service>(deep.as_bytes(), &utc()).is_err());
    assert!(read_list::<Service>("[".repeat(100_000).as_bytes(), &utc()).is_err());
    let entity = b"<!DOCTYPE a [<!ENTITY e 'eeee'>]><services><service><service_code>&e;</service_code></service></services>";
    assert!(matches!(read_list::<Service>(entity, &utc()), Err(ReadError::Xml(_))));
}

#[test]
fn a_form_is_read_as_browsers_and_phones_send_it() {
    let request = NewRequest::from_form(
        b"api_key=xyz&service_code=001&lat=37.76&long=-122.42&description=Una+buca%0Agrande%21&unknown=1\
          &attribute[WHI SPAWN]=123456&attribute%5BC%5D%5B%5D=a&attribute[C][]=b&attribute[EMPTY]=&attribute[X",
    )
    .unwrap();
    assert_eq!(request.description, "Una buca\ngrande!");
    assert_eq!(request.position, Position::new(37.76, -122.42));
    let answers: Vec<_> =
        request.attributes.iter().map(|answer| (&*answer.code, &answer.values[..], answer.is_list)).collect();
    assert_eq!(
        answers,
        [
            ("WHI SPAWN", &["123456".to_owned()][..], false),
            ("C", &["a".to_owned(), "b".to_owned()][..], true)
        ]
    );
    for wrong in ["lat=1", "long=1", "lat=45,5&long=10", "lat=91&long=0", "lat=NaN&long=1"] {
        assert_eq!(NewRequest::from_form(wrong.as_bytes()), Err(FormError::Position), "{wrong}");
    }
    let many = "a=1&".repeat(MAX_FORM_FIELDS + 1);
    assert_eq!(NewRequest::from_form(many.as_bytes()), Err(FormError::TooManyFields));
}

#[test]
fn a_request_with_its_key_and_words_is_not_shown_in_a_log() {
    let request =
        NewRequest { api_key: "secret".into(), description: "mio marito".into(), ..NewRequest::default() };
    let shown = format!("{request:?}");
    assert!(!shown.contains("secret") && !shown.contains("marito"), "{shown}");
}

/// Any text that has no blanks around it and nothing that XML 1.0 forbids.
fn text() -> impl Strategy<Value = String> {
    "[^\\p{Cc}\\p{Cn}]{0,12}(\r?\n[^\\p{Cc}\\p{Cn}]{1,4})?".prop_map(|text| text.trim().to_owned())
}

fn code() -> impl Strategy<Value = String> {
    "[0-9A-Za-z.&<+%-]{1,12}"
}

fn time() -> impl Strategy<Value = Option<Timestamp>> {
    prop::option::of((0_i64..4_000_000_000).prop_map(|second| Timestamp::from_second(second).unwrap()))
}

fn position() -> impl Strategy<Value = Option<Position>> {
    prop::option::of((-90.0..=90.0, -180.0..=180.0).prop_map(|(lat, long)| Position { lat, long }))
}

fn requests() -> impl Strategy<Value = Vec<ServiceRequest>> {
    let request =
        (code(), any::<bool>(), prop::collection::vec(text(), 10), prop::array::uniform3(time()), position())
            .prop_map(|(service_request_id, closed, texts, times, position)| {
                let mut texts = texts.into_iter();
                let mut next = || texts.next().unwrap();
                ServiceRequest {
                    service_request_id,
                    status: if closed { RequestStatus::Closed } else { RequestStatus::Open },
                    status_notes: next(),
                    service_name: next(),
                    service_code: next(),
                    description: next(),
                    agency_responsible: next(),
                    service_notice: next(),
                    requested_datetime: times[0],
                    updated_datetime: times[1],
                    expected_datetime: times[2],
                    address: next(),
                    address_id: next(),
                    zipcode: next(),
                    position,
                    media_url: next(),
                }
            });
    prop::collection::vec(request, 0..4)
}

fn services() -> impl Strategy<Value = Vec<Service>> {
    let types = [ServiceType::Realtime, ServiceType::Batch, ServiceType::Blackbox];
    let service = (
        code(),
        text(),
        any::<bool>(),
        prop::sample::select(types.to_vec()),
        prop::collection::vec(code(), 0..3),
    )
        .prop_map(|(service_code, name, metadata, service_type, keywords)| Service {
            service_code,
            service_name: name.clone(),
            description: name.clone(),
            metadata,
            service_type,
            keywords,
            group: name,
        });
    prop::collection::vec(service, 0..4)
}

fn definition() -> impl Strategy<Value = ServiceDefinition> {
    let value = (code(), code()).prop_map(|(key, name)| AttributeValue { key, name });
    let attribute = (
        any::<[bool; 2]>(),
        code(),
        prop::sample::select(DataType::ALL.to_vec()),
        text(),
        prop::collection::vec(value, 0..3),
    );
    (code(), prop::collection::vec(attribute, 0..4)).prop_map(|(service_code, attributes)| {
        ServiceDefinition {
            service_code,
            attributes: (1..)
                .zip(attributes)
                .map(|(order, ([variable, required], code, datatype, description, values))| Attribute {
                    variable,
                    code,
                    datatype,
                    required,
                    datatype_description: description.clone(),
                    order,
                    description,
                    values,
                })
                .collect(),
        }
    })
}

fn discovery() -> impl Strategy<Value = Discovery> {
    let endpoint =
        (code(), any::<bool>(), prop::collection::vec(code(), 0..3)).prop_map(|(url, test, formats)| {
            let endpoint_type = if test { EndpointType::Test } else { EndpointType::Production };
            Endpoint {
                specification: SPECIFICATION.into(),
                url,
                changeset: "2026".into(),
                endpoint_type,
                formats,
            }
        });
    (text(), prop::collection::vec(endpoint, 1..3)).prop_map(|(contact, endpoints)| Discovery {
        changeset: "2026-11-22 07:33".into(),
        key_service: contact.clone(),
        contact,
        endpoints,
    })
}

proptest! {
    #[test]
    fn what_is_written_is_read_back(
        requests in requests(), services in services(), definition in definition(), discovery in discovery(),
    ) {
        for format in BOTH {
            let written = write_list(&requests, format);
            prop_assert_eq!(&read_list::<ServiceRequest>(written.as_bytes(), &utc()).unwrap(), &requests);
            let written = write_list(&services, format);
            prop_assert_eq!(&read_list::<Service>(written.as_bytes(), &utc()).unwrap(), &services);
            let written = write_one(&definition, format);
            prop_assert_eq!(&read_one::<ServiceDefinition>(written.as_bytes(), &utc()).unwrap(), &definition);
            let written = write_one(&discovery, format);
            prop_assert_eq!(&read_one::<Discovery>(written.as_bytes(), &utc()).unwrap(), &discovery);
        }
    }

    #[test]
    fn every_text_makes_well_formed_documents(description: String) {
        let error = [Error { code: 400, description }];
        prop_assert!(roxmltree::Document::parse(&write_list(&error, Format::Xml)).is_ok());
        let json: serde_json::Value = serde_json::from_str(&write_list(&error, Format::Json)).unwrap();
        prop_assert_eq!(json[0]["description"].as_str().unwrap_or_default(), &error[0].description);
    }

    #[test]
    fn a_form_is_read_back(
        texts in prop::collection::vec(text(), 13), position in position(),
        answers in prop::collection::btree_map(code(), prop::collection::vec(code(), 1..3), 0..3),
    ) {
        let mut texts = texts.into_iter();
        let mut next = || texts.next().unwrap();
        let request = NewRequest {
            api_key: next(), jurisdiction_id: next(), service_code: next(), position,
            address_string: next(), address_id: next(), email: next(), device_id: next(), account_id: next(),
            first_name: next(), last_name: next(), phone: next(), description: next(), media_url: next(),
            attributes: (answers.into_iter())
                .map(|(code, values)| AttributeAnswer { code, is_list: values.len() > 1, values })
                .collect(),
        };
        prop_assert!(NewRequest::from_form(request.to_form().as_bytes()).unwrap() == request);
    }

    #[test]
    fn no_bytes_make_reading_panic(body: Vec<u8>) {
        let _ = read_list::<Service>(&body, &utc());
        let _ = read_errors(&body);
        let _ = NewRequest::from_form(&body);
    }

    /// Bytes that look like documents get further than random ones.
    #[test]
    fn no_near_document_makes_reading_panic(
        body in r#"([\[\]{}:,"\\0-9.eE+-]|<request>|</request>|<status/>|"service_requests"|"status"|null|&amp;|é){0,40}"#
    ) {
        let _ = read_list::<ServiceRequest>(body.as_bytes(), &utc());
        let _ = read_list::<RequestAnswer>(body.as_bytes(), &utc());
        let _ = read_list::<TokenAnswer>(body.as_bytes(), &utc());
        let _ = read_one::<ServiceDefinition>(body.as_bytes(), &utc());
        let _ = read_one::<Discovery>(body.as_bytes(), &utc());
        let _ = read_errors(body.as_bytes());
        let _ = NewRequest::from_form(body.as_bytes());
        let _ = read_time(&body, &utc());
    }
}
