//! A throw-away PostgreSQL for the tests of this program: one server, one database for each test.
//!
//! A shell holds the server and stops it when its standard input ends, which it does even if the
//! tests are killed. PostgreSQL refuses to run as root, so as root it runs as the user `postgres`.

use std::{
    io::{BufRead as _, BufReader},
    net::TcpListener,
    process::{Child, Command, Stdio},
    sync::OnceLock,
};

use sea_orm::{ConnectionTrait as _, Database};
use uuid::Uuid;

use crate::find_postgres;

const SCRIPT: &str = r#"
set -e
folder=$(mktemp -d "${TMPDIR:-/tmp}/sportello-postgres.XXXXXX")
cd "$folder"
trap '"$0/pg_ctl" -D "$folder/data" -m immediate stop >/dev/null 2>&1; rm -rf "$folder"' EXIT
"$0/initdb" -D "$folder/data" -U sportello -A trust -N >"$folder/log" 2>&1
"$0/pg_ctl" -D "$folder/data" -w -l "$folder/log" -o "-p $1 -k $folder -c listen_addresses=127.0.0.1 -c fsync=off" \
    start >/dev/null
echo ready
cat >/dev/null
"#;

struct Server {
    port: u16,
    /// Its standard input keeps the server running.
    _shell: Child,
}

/// Makes an empty database and returns its address.
pub(crate) async fn database() -> String {
    static SERVER: OnceLock<Server> = OnceLock::new();
    let port = SERVER.get_or_init(start).port;
    let name = format!("test_{}", Uuid::new_v4().simple());
    let server =
        Database::connect(format!("postgres://sportello@127.0.0.1:{port}/postgres")).await.expect("a server");
    server.execute_unprepared(&format!("CREATE DATABASE {name}")).await.expect("a database");
    format!("postgres://sportello@127.0.0.1:{port}/{name}")
}

fn start() -> Server {
    let programs = find_postgres::programs().expect("PostgreSQL is not here");
    let port =
        TcpListener::bind("127.0.0.1:0").and_then(|free| free.local_addr()).expect("a free port").port();
    let is_root =
        std::fs::metadata("/proc/self").is_ok_and(|me| std::os::unix::fs::MetadataExt::uid(&me) == 0);
    let mut command = if is_root {
        let mut command = Command::new("runuser");
        command.args(["-u", "postgres", "--", "sh"]);
        command
    } else {
        Command::new("sh")
    };
    let mut shell = command
        .args(["-c", SCRIPT])
        .arg(programs)
        .arg(port.to_string())
        .stdin(Stdio::piped())
        .stdout(Stdio::piped())
        .spawn()
        .expect("a shell");
    let mut line = String::new();
    BufReader::new(shell.stdout.take().expect("its output")).read_line(&mut line).expect("a line");
    assert_eq!(line.trim(), "ready", "PostgreSQL does not start");
    Server { port, _shell: shell }
}
