//! The floor of the HTTP benchmarks: an axum handler that does nothing but answer the bytes of a file.
//! `bare PORT FILE` serves GET on every path, on 127.0.0.1.

use axum::{Router, http::header, routing::get};
use std::{env, fs, net::Ipv4Addr};

#[tokio::main]
async fn main() -> Result<(), Box<dyn std::error::Error>> {
    let mut words = env::args().skip(1);
    let (Some(port), Some(file)) = (words.next(), words.next()) else {
        return Err("bare PORT FILE".into());
    };
    let body: &'static [u8] = fs::read(file)?.leak();
    let answer = move || async move { ([(header::CONTENT_TYPE, "application/json")], body) };
    let listener = tokio::net::TcpListener::bind((Ipv4Addr::LOCALHOST, port.parse()?)).await?;
    axum::serve(listener, Router::new().fallback(get(answer))).await?;
    Ok(())
}
