//! How long a citizen waits for the list after each letter typed, with 20,000 articles.
//!
//! Run it with `cargo bench --bench search --no-default-features`. It prints distributions and ratios of one run;
//! the goal is a 99th percentile below 5 ms.

#[allow(dead_code, reason = "each bench needs its own part of it")]
mod table;

use std::{error::Error, time::Instant};

use jiff::{Timestamp, civil::date};
use sportello::catalogue::Catalogue;
use sportello_wire::{
    catalogue::{Article, ArticleKind, CatalogueDelta, Change, Entry},
    text::LocalisedText,
};

use self::table::{Times, milliseconds, processor_time};

const ARTICLES: usize = 20_000;
const CHANGES_IN_A_DELTA: usize = 500;
const SLOWEST_NAMED: usize = 3;
const SHOWN: usize = 8;
const GOAL_MS: f64 = 5.0;

/// What citizens type; some of it mistyped.
const QUERIES: [&str; 32] = [
    "carta d'identità",
    "carta identta",
    "rinnovo passaporto",
    "cambio residenza",
    "residneza",
    "tari",
    "rifiuti ingombranti",
    "raccolta differenziata",
    "calendario raccolta",
    "asilo nido",
    "iscrizione scuola",
    "mensa scolastica",
    "permesso parcheggio",
    "contrassegno disabili",
    "lampione spento",
    "buca in strada",
    "certificato di nascita",
    "stato di famiglia",
    "matrimonio civile",
    "bonus bollette",
    "casa popolare",
    "biblioteca orari",
    "prestito libri",
    "multa ricorso",
    "pagamento imu",
    "perche' pago la tari",
    "come faccio a rinnovare la patente",
    "ufficio anagrafe orari",
    "denuncia smarrimento documento",
    "spid",
    "bibblioteca",
    "anagraffe",
];

/// A citizen's matter, for which answers are offered while it is written.
const MATTER: &str = "Buongiorno, il lampione davanti alla scuola di via Manzoni è spento da tre giorni e la sera \
    i bambini che escono dalla palestra camminano al buio. Ho già telefonato due volte all'ufficio.";

fn main() -> Result<(), Box<dyn Error>> {
    let folder = tempfile::tempdir()?;
    let mut catalogue = Catalogue::open(&folder.path().join("catalogue.db"))?;
    let start = Instant::now();
    fill(&mut catalogue)?;
    println!("{ARTICLES} articles applied in {:.1} s", start.elapsed().as_secs_f64());
    let start = Instant::now();
    let catalogue = {
        drop(catalogue);
        Catalogue::open(&folder.path().join("catalogue.db"))?
    };
    println!("opened in {:.0} ms\n", start.elapsed().as_secs_f64() * 1e3);
    measure(&catalogue);
    Ok(())
}

/// How often every beginning of every query is searched.
const ROUNDS: usize = 7;

/// What was measured of one typed beginning.
struct Typed {
    text: &'static str,
    letters: usize,
    is_whole: bool,
    /// By the clock on the wall.
    times: Times,
    /// What the processor worked for it.
    work: Times,
}

/// A query is typed letter by letter. "Work" is the processor's time, the median of the rounds of each beginning: it is
/// the same on a busy machine. "Wait" is every single time by the clock on the wall.
fn measure(catalogue: &Catalogue) {
    let mut typed: Vec<Typed> = QUERIES.iter().flat_map(|query| beginnings(query)).collect();
    for _ in 0..ROUNDS {
        for beginning in &mut typed {
            let (start, start_of_work) = (Instant::now(), processor_time());
            let found = catalogue.search(beginning.text, "it", SHOWN, Timestamp::UNIX_EPOCH);
            beginning.times.push(start.elapsed());
            beginning.work.push(processor_time().saturating_sub(start_of_work));
            assert!(found.hits.len() <= SHOWN);
        }
    }
    let usual = |which: &dyn Fn(&Typed) -> bool| -> Times {
        typed.iter().filter(|typed| which(typed)).map(|typed| typed.work.percentile(50)).collect()
    };
    let suggested = (0..ROUNDS).map(|_| {
        let start = processor_time();
        assert!(catalogue.suggest_articles(MATTER, "it", 3).len() <= 3);
        processor_time().saturating_sub(start)
    });
    let all = usual(&|_| true);
    let first = usual(&|typed| typed.letters == 1);
    let whole = usual(&|typed| typed.is_whole);
    table::print(
        "letter typed to results",
        [
            ("each letter typed, work", &all),
            ("the first letter, work", &first),
            ("second and third, work", &usual(&|typed| (2..=3).contains(&typed.letters))),
            ("the whole query, work", &whole),
            ("answers for a matter, work", &suggested.collect()),
            ("each letter typed, wait", &typed.iter().flat_map(|typed| typed.times.iter()).collect()),
        ],
    );
    let ratio = milliseconds(first.percentile(50)) / milliseconds(whole.percentile(50));
    println!("\nfirst letter / whole query (p50): {ratio:.2}");
    typed.sort_by_key(|typed| std::cmp::Reverse(typed.work.percentile(50)));
    for slow in typed.iter().take(SLOWEST_NAMED) {
        println!("slow: {:?} with {:.2} ms", slow.text, milliseconds(slow.work.percentile(50)));
    }
    table::goal("each letter typed, work, p99", milliseconds(all.percentile(99)), GOAL_MS, "ms");
}

fn beginnings(query: &'static str) -> impl Iterator<Item = Typed> {
    let ends = query.char_indices().map(|(at, char)| at + char.len_utf8());
    (1..).zip(ends).map(|(letters, end)| Typed {
        text: query.get(..end).unwrap_or_default(),
        letters,
        is_whole: end == query.len(),
        times: Times::default(),
        work: Times::default(),
    })
}

fn fill(catalogue: &mut Catalogue) -> Result<(), Box<dyn Error>> {
    let mut random = Random(7);
    let articles: Vec<Change> = (0..ARTICLES)
        .map(|number| Change::Put { item: Entry::Article(article(number, &mut random)) })
        .collect();
    let mut chunks = articles.chunks(CHANGES_IN_A_DELTA).enumerate().peekable();
    while let Some((number, changes)) = chunks.next() {
        let more = chunks.peek().is_some();
        catalogue.apply(&CatalogueDelta {
            cursor: number.to_string(),
            reset: number == 0,
            changes: changes.to_vec(),
            more,
        })?;
    }
    Ok(())
}

const DOINGS: [&str; 16] = [
    "Come chiedere",
    "Rinnovare",
    "Pagare",
    "Prenotare",
    "Ho perso",
    "Quanto costa",
    "Chi ha diritto a",
    "Cambiare",
    "Iscriversi a",
    "Disdire",
    "Segnalare un problema con",
    "Fare ricorso per",
    "Orari per",
    "Rimborso per",
    "Esenzione da",
    "Scadenza di",
];
const THINGS: [&str; 40] = [
    "la carta d'identità",
    "il passaporto",
    "la residenza",
    "la TARI",
    "l'IMU",
    "i rifiuti ingombranti",
    "la raccolta differenziata",
    "l'asilo nido",
    "la scuola dell'infanzia",
    "la mensa scolastica",
    "il trasporto scolastico",
    "il permesso di parcheggio",
    "il contrassegno disabili",
    "il lampione spento",
    "la buca in strada",
    "il certificato di nascita",
    "lo stato di famiglia",
    "il matrimonio civile",
    "il bonus bollette",
    "la casa popolare",
    "la biblioteca",
    "il prestito dei libri",
    "la multa",
    "la patente",
    "lo SPID",
    "la palestra",
    "la piscina",
    "il cimitero",
    "l'occupazione di suolo pubblico",
    "il passo carrabile",
    "il mercato",
    "la licenza del negozio",
    "il cane smarrito",
    "l'anagrafe canina",
    "il verde pubblico",
    "la potatura degli alberi",
    "l'assistenza domiciliare",
    "il centro anziani",
    "la denuncia di smarrimento",
    "il documento per l'espatrio",
];
const FOR_WHOM: [&str; 20] = [
    "per i minorenni",
    "per i residenti",
    "per chi abita all'estero",
    "per gli anziani",
    "per le famiglie numerose",
    "per gli studenti",
    "per le associazioni",
    "per le imprese",
    "per chi ha perso il lavoro",
    "per i nuovi nati",
    "online",
    "allo sportello",
    "per telefono",
    "a domicilio",
    "con delega",
    "con urgenza",
    "la prima volta",
    "dopo un trasloco",
    "senza appuntamento",
    "in caso di errore",
];
const SENTENCES: [&str; 16] = [
    "Serve un documento valido e il codice fiscale.",
    "La domanda si presenta entro il trenta giugno.",
    "L'ufficio risponde entro trenta giorni.",
    "Si paga con carta, in contanti o con PagoPA.",
    "Porti con sé il modulo firmato da entrambi i genitori.",
    "Chi non può venire delega una persona di fiducia.",
    "L'appuntamento si prenota per telefono oppure al portale del Comune.",
    "Il servizio è gratuito per chi ha un ISEE basso.",
    "Il certificato vale sei mesi in tutta Italia.",
    "In caso di ritardo si paga una sanzione ridotta.",
    "I sacchi vanno lasciati davanti al portone dopo le venti.",
    "La graduatoria viene pubblicata all'albo a maggio.",
    "Per la residenza si dichiara il nuovo indirizzo.",
    "La polizia locale controlla entro quarantacinque giorni.",
    "La biblioteca è aperta anche il sabato mattina.",
    "Il lampione ha un numero scritto sul palo.",
];

fn article(number: usize, random: &mut Random) -> Article {
    let place = random.name();
    let title =
        format!("{} {} {} a {place}", random.one(&DOINGS), random.one(&THINGS), random.one(&FOR_WHOM));
    let body: Vec<String> = (0..8)
        .map(|_| format!("{} {} di {}.", random.one(&SENTENCES), random.name(), random.one(&THINGS)))
        .collect();
    Article {
        id: format!("articolo-{number}"),
        kind: ArticleKind::Card,
        title: LocalisedText::italian(title),
        summary: LocalisedText::italian(random.one(&SENTENCES)),
        body: LocalisedText::italian(body.join("\n\n")),
        keywords: LocalisedText::italian(format!(
            "{}, {}, {}",
            random.one(&THINGS),
            random.name(),
            random.name()
        )),
        category: None,
        office: None,
        checked_on: date(2026, 1, 1),
    }
}

/// Always the same numbers (xorshift), so that every run searches the same articles.
struct Random(u64);

impl Random {
    fn next(&mut self) -> usize {
        self.0 ^= self.0 << 13;
        self.0 ^= self.0 >> 7;
        self.0 ^= self.0 << 17;
        (self.0 >> 16) as usize
    }

    fn one<'a>(&mut self, list: &[&'a str]) -> &'a str {
        list.get(self.next() % list.len()).copied().unwrap_or_default()
    }

    /// One of some 30,000 names, as a town has families and places.
    fn name(&mut self) -> String {
        const SYLLABLES: [&str; 32] = [
            "ba", "ce", "di", "fo", "gu", "la", "me", "ni", "ro", "su", "ta", "ve", "zi", "bo", "ca", "del",
            "fer", "gal", "lom", "mar", "nar", "pel", "ric", "sal", "tor", "val", "zan", "mon", "ter", "cor",
            "bel", "san",
        ];
        let stem: String = (0..3).map(|_| self.one(&SYLLABLES)).collect();
        let mut chars = stem.chars();
        chars.next().map(|first| first.to_uppercase().chain(chars).chain(['i']).collect()).unwrap_or_default()
    }
}
