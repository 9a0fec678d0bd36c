//! The register, in a file of its own.
