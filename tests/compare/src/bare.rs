//! The floors of the HTTP benchmarks, on 127.0.0.1. `bare PORT FILE [FOLDER]`: an axum handler that does nothing but
//! answer the bytes of the file, GET on every path. With a folder, `/es256` and `/rs256` first sign (aws-lc, P-256 and RSA
//! of 3 072 bits) and commit one row of 300 bytes durably, alone, to a SQLite database in it, `/commit` commits alone: all
//! that a token must cost, in one program, so that being woken up for a lone request is paid by the floor as by what it is
//! compared to.

use aws_lc_rs::rand::SystemRandom;
use aws_lc_rs::rsa::{KeyPair as RsaKeyPair, KeySize};
use aws_lc_rs::signature::{ECDSA_P256_SHA256_FIXED_SIGNING, EcdsaKeyPair, RSA_PKCS1_SHA256};
use axum::{Router, http::header, routing::get};
use rusqlite::Connection;
use std::path::Path;
use std::sync::{Arc, Mutex};
use std::{env, fs, net::Ipv4Addr};

type Failure = Box<dyn std::error::Error>;

/// Keys, and the database of the rows.
struct Issuer {
    es256: EcdsaKeyPair,
    rs256: RsaKeyPair,
    random: SystemRandom,
    rows: Mutex<Connection>,
}

impl Issuer {
    fn new(folder: &Path) -> Result<Self, Failure> {
        let rows = Connection::open(folder.join("floor.db"))?;
        rows.execute_batch(
            "PRAGMA journal_mode=WAL; PRAGMA synchronous=FULL;
             CREATE TABLE t (k BLOB PRIMARY KEY, a TEXT, b TEXT, c INTEGER)",
        )?;
        Ok(Self {
            es256: EcdsaKeyPair::generate(&ECDSA_P256_SHA256_FIXED_SIGNING)?,
            rs256: RsaKeyPair::generate(KeySize::Rsa3072)?,
            random: SystemRandom::new(),
            rows: Mutex::new(rows),
        })
    }

    fn sign_es256(&self, body: &[u8]) {
        self.es256.sign(&self.random, body).expect("a signature");
    }

    fn sign_rs256(&self, body: &[u8]) {
        let mut signature = vec![0; self.rs256.public_modulus_len()];
        self.rs256
            .sign(&RSA_PKCS1_SHA256, &self.random, body, &mut signature)
            .expect("a signature");
    }

    /// One row, durable when this returns: on the thread that asks, which is the cheapest way there is.
    fn commit(&self) {
        let rows = self.rows.lock().expect("no act panics");
        let mut insert = rows
            .prepare_cached("INSERT INTO t VALUES (randomblob(32), 'token', ?1, 1)")
            .expect("the statement");
        insert.execute([std::str::from_utf8(&[b'x'; 300]).expect("ASCII")]).expect("the row");
    }
}

#[tokio::main]
async fn main() -> Result<(), Failure> {
    let mut words = env::args().skip(1);
    let (Some(port), Some(file)) = (words.next(), words.next()) else {
        return Err("bare PORT FILE [FOLDER]".into());
    };
    let body: &'static [u8] = fs::read(file)?.leak();
    let answer = move || async move { ([(header::CONTENT_TYPE, "application/json")], body) };
    let mut routes = Router::new().fallback(get(answer));
    if let Some(folder) = words.next() {
        let issuer = Arc::new(Issuer::new(Path::new(&folder))?);
        let nothing: fn(&Issuer, &[u8]) = |_, _| ();
        let signing: [(&str, fn(&Issuer, &[u8])); 3] =
            [("/commit", nothing), ("/es256", Issuer::sign_es256), ("/rs256", Issuer::sign_rs256)];
        for (path, sign) in signing {
            let issuer = issuer.clone();
            let token = move || async move {
                sign(&issuer, body);
                issuer.commit();
                ([(header::CONTENT_TYPE, "application/json")], body)
            };
            routes = routes.route(path, get(token));
        }
    }
    let listener = tokio::net::TcpListener::bind((Ipv4Addr::LOCALHOST, port.parse()?)).await?;
    axum::serve(listener, routes).await?;
    Ok(())
}
