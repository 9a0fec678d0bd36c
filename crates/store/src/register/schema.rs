//! Tables of one version of the register. Text that repeats (practices, structures) is kept once.

/// Raised when the tables change: a file of another layout is imported again, never converted.
pub const LAYOUT: u32 = 9;

/// No journal and no sync: the file is thrown away unless it is whole, and synced once at the end.
pub const BULK: &str = "
    PRAGMA page_size = 8192;
    PRAGMA journal_mode = OFF;
    PRAGMA synchronous = OFF;
    PRAGMA locking_mode = EXCLUSIVE;
    PRAGMA cache_size = -16384;
    PRAGMA temp_store = MEMORY;
";

pub const TABLES: &str = "
    CREATE TABLE meta (name TEXT PRIMARY KEY, value TEXT NOT NULL) WITHOUT ROWID;
    -- id: the number of an RPPS identity, or minus seq when it is another one (other_number).
    -- activities: practice and structure of each, 4 bytes each, little end first, as the extract lists them.
    CREATE TABLE person (
        seq INTEGER PRIMARY KEY,
        id INTEGER NOT NULL,
        civility TEXT NOT NULL,
        title TEXT NOT NULL,
        family TEXT NOT NULL,
        given TEXT NOT NULL,
        practices TEXT NOT NULL,
        places TEXT NOT NULL,
        somewhere INTEGER NOT NULL,
        activities BLOB NOT NULL
    );
    CREATE TABLE birth (
        seq INTEGER PRIMARY KEY,
        family TEXT NOT NULL,
        given TEXT NOT NULL,
        date TEXT,
        place TEXT,
        sex TEXT
    );
    CREATE TABLE number (id INTEGER PRIMARY KEY, seq INTEGER NOT NULL);
    CREATE TABLE other_number (seq INTEGER PRIMARY KEY, text TEXT NOT NULL UNIQUE);
    CREATE TABLE practice (
        id INTEGER PRIMARY KEY,
        profession TEXT NOT NULL, profession_label TEXT NOT NULL, category TEXT NOT NULL,
        skill_type TEXT NOT NULL, skill TEXT NOT NULL, skill_label TEXT NOT NULL,
        mode TEXT NOT NULL, authority TEXT NOT NULL, sector TEXT NOT NULL,
        role TEXT NOT NULL, role_label TEXT NOT NULL, kind TEXT NOT NULL
    );
    CREATE TABLE structure (
        id INTEGER PRIMARY KEY,
        finess_et TEXT NOT NULL, finess_ej TEXT NOT NULL, siret TEXT NOT NULL,
        technical_id TEXT NOT NULL, name TEXT NOT NULL,
        office TEXT NOT NULL, postcode TEXT NOT NULL
    );
    -- Numbers that a person bore before, as the restricted extract tells them.
    CREATE TABLE former_number (text TEXT NOT NULL, seq INTEGER NOT NULL, PRIMARY KEY (text, seq)) WITHOUT ROWID;
    CREATE TABLE skill_kind (
        id INTEGER PRIMARY KEY,
        profession TEXT NOT NULL, category TEXT NOT NULL,
        type TEXT NOT NULL, type_label TEXT NOT NULL, code TEXT NOT NULL, label TEXT NOT NULL
    );
    CREATE TABLE skill (seq INTEGER NOT NULL, kind INTEGER NOT NULL, PRIMARY KEY (seq, kind)) WITHOUT ROWID;
    CREATE TABLE diploma_kind (
        id INTEGER PRIMARY KEY,
        type TEXT NOT NULL, code TEXT NOT NULL, label TEXT NOT NULL,
        authorisation TEXT NOT NULL, authorisation_label TEXT NOT NULL,
        discipline TEXT NOT NULL, discipline_label TEXT NOT NULL
    );
    CREATE TABLE diploma (seq INTEGER NOT NULL, kind INTEGER NOT NULL, PRIMARY KEY (seq, kind)) WITHOUT ROWID;
    -- seq: 0 for a mailbox of a structure.
    CREATE TABLE mailbox (
        seq INTEGER NOT NULL, address TEXT NOT NULL,
        kind TEXT NOT NULL, structure TEXT NOT NULL, service TEXT NOT NULL,
        PRIMARY KEY (seq, address)
    ) WITHOUT ROWID;
    -- Who bears a key, gathered by the high bits of the key in buckets, so many a row: where the pairs of each bucket end,
    -- then pairs of the low bits (2 bytes) and a seq (4), big end first, ascending (postings.rs).
    CREATE TABLE block (shelf INTEGER PRIMARY KEY, pairs BLOB NOT NULL);
    -- Each person in 36 bytes, in the order of seq, so many a row (outlines.rs).
    CREATE TABLE outline (page INTEGER PRIMARY KEY, outlines BLOB NOT NULL);
    CREATE TABLE practice_set (id INTEGER PRIMARY KEY, practices TEXT NOT NULL);
    -- Pairs of a word and how many bear it, in order (frequencies.rs).
    CREATE TABLE frequency (page INTEGER PRIMARY KEY, terms BLOB NOT NULL);
    -- What is written of each person, a line each in the order of seq, so many a row after where each line ends (written.rs).
    CREATE TABLE written (page INTEGER PRIMARY KEY, persons BLOB NOT NULL);
    CREATE TABLE written_birth (page INTEGER PRIMARY KEY, births BLOB NOT NULL);
";

/// The few structures that bear a number, apart from hundreds of thousands of practices. Files without it are read as well,
/// and more slowly.
pub const NUMBERED: &str = "
    CREATE INDEX structure_numbered ON structure (finess_et, finess_ej, name, office, postcode)
    WHERE finess_et <> '' OR finess_ej <> '';
";
